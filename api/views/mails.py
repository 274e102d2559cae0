from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from api.disclosing import DisclosingMixin
from api.filters import MailFilter
from api.serializers.mails import MailSerializer, PreviewSerializer
from api.viewsets import RuledViewSet
from crm.actions.disclosures import record_disclosures
from crm.actions.mails import resend_mail
from crm.errors import Conflict
from crm.models import DisclosureKind, Mail
from crm.notices.letters import draft, write
from crm.notices.recipients import RELATED, students_written_to
from crm.notices.table import PRIVATE


class MailViewSet(DisclosingMixin, ListModelMixin, RetrieveModelMixin, RuledViewSet):
    """Who is written to about what, and what became of it: waiting, sent, dropped or failed. Alerts are not listed."""

    queryset = Mail.objects.exclude(template__in=PRIVATE).select_related(*RELATED)
    serializer_class = MailSerializer
    filterset_class = MailFilter
    ordering = ("-created_at", "-id")
    verbs = {"list": "mail.view", "retrieve": "mail.view", "preview": "mail.view", "resend": "mail.resend"}

    def students_of(self, record: Mail) -> set[int]:
        return students_written_to(record)

    @extend_schema(responses=PreviewSerializer)
    @action(detail=True)
    def preview(self, request: Request, id: str) -> Response:
        """Subject, text and HTML, as they would be written now, and whether they would be sent."""
        found = draft(self.get_object())
        if found is None:
            raise Conflict("What this mail is about is no more, so it would not be sent.")
        record_disclosures(student_ids=sorted(found.shown), kind=DisclosureKind.RECORD, by=self.user)
        letter = write(found, token="TOKEN")
        return Response(PreviewSerializer({"may_be_sent": found.may_be_sent(), **asdict(letter)}).data)

    @extend_schema(request=None, responses={201: MailSerializer})
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, id: str) -> Response:
        """Queue the notice again, as a new mail; permission is asked when it is sent."""
        return self.shown(resend_mail(mail=self.get_object(), by=self.user), status=201)
