from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.links import (
    ASKED,
    AnsweredSerializer,
    LinkAnswerSerializer,
    OneTimeLinkSerializer,
    fields_of,
)
from api.throttles import AnonymousThrottle, GuessThrottle
from api.viewsets import RuledViewSet
from crm.links import find_link, record_of, using_link
from crm.models import OneTimeLink

TOKEN = OpenApiParameter("id", str, OpenApiParameter.PATH, description="The token of the link.")


class LinkViewSet(RuledViewSet):
    """What the bearer of a one-time link is asked, and the answer. The token says who it is: nobody has to log in."""

    queryset = OneTimeLink.objects.none()
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (AnonymousThrottle, GuessThrottle)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response["Referrer-Policy"] = "no-referrer"
        return super().finalize_response(request, response, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, OneTimeLink.DoesNotExist):
            GuessThrottle().count_guess(self.request, self)
        return super().handle_exception(exc)

    @extend_schema(parameters=[TOKEN], responses=OneTimeLinkSerializer)
    def retrieve(self, request: Request, id: str) -> Response:
        """What is asked. Reading it changes nothing, as often as you like."""
        link = find_link(id)
        record, asked = record_of(link), ASKED[link.purpose]
        shown = {
            "purpose": link.purpose,
            "question": asked.question,
            "partner": record.partner.name,
            "about": asked.about(record, link.stage),
            "expires": link.expires,
            "fields_of_answer": fields_of(asked.answer),
        }
        return Response(OneTimeLinkSerializer(shown).data)

    @extend_schema(parameters=[TOKEN], request=LinkAnswerSerializer, responses=AnsweredSerializer)
    def answer(self, request: Request, id: str) -> Response:
        """Answer, once. The fields depend on what is asked: GET lists them."""
        with using_link(id) as bearer:
            asked = ASKED[bearer.link.purpose]
            asked.act(record_of(bearer.link), bearer, self.validated(kind=asked.answer))
        said = {"purpose": bearer.link.purpose, "message": "Thank you, your answer is recorded."}
        return Response(AnsweredSerializer(said).data)
