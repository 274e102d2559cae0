"""The rivals behind the product's own view: same token, same rule of access, same parameters, same shape of answer."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.views.candidates import CandidateViewSet
from search.query import parse_query
from tests.bench import expert, plain


class RivalViewSet(CandidateViewSet):
    find = suggestions = staticmethod(lambda **_: None)

    def list(self, request: Request) -> Response:
        query = parse_query(dict(request.query_params.lists()))
        return Response(self.find(user=request.user, query=query, words=request.query_params.get("q", "")))

    def suggest(self, request: Request) -> Response:
        return Response(self.suggestions(user=request.user, prefix=request.query_params["prefix"]))


class PlainViewSet(RivalViewSet):
    find = staticmethod(plain.find)
    suggestions = staticmethod(plain.suggest)


class ExpertViewSet(RivalViewSet):
    find = staticmethod(expert.find)
    suggestions = staticmethod(expert.suggest)
