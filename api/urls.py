from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from api.views.candidates import CandidateViewSet
from api.views.contacts import ContactViewSet
from api.views.follow_ups import FollowUpViewSet
from api.views.hires import HireViewSet, OutcomeViewSet
from api.views.immersions import ImmersionViewSet
from api.views.introductions import IntroductionViewSet
from api.views.links import LinkViewSet
from api.views.mails import MailViewSet
from api.views.me import MeViewSet, OwnDisclosureViewSet, OwnEvidenceViewSet
from api.views.partners import BlockViewSet, ConsentViewSet, PartnerViewSet, RepresentativeViewSet
from api.views.recommendations import RecommendationViewSet
from api.views.reference import CityViewSet, LabViewSet, ProfessorViewSet, ProgrammeViewSet, SkillViewSet
from api.views.relationships import RelationshipViewSet
from api.views.reports import FunnelViewSet, GapViewSet, OutcomeReportViewSet
from api.views.saved_searches import SavedSearchViewSet
from api.views.seminars import AttendanceViewSet, SeminarViewSet
from api.views.shortlists import ShortlistViewSet
from api.views.students import StudentViewSet
from api.views.timeline import TimelineViewSet
from api.views.users import TokenViewSet, UserViewSet

VIEWSETS = {
    "candidates": CandidateViewSet,
    "saved-searches": SavedSearchViewSet,
    "shortlists": ShortlistViewSet,
    "students": StudentViewSet,
    "labs": LabViewSet,
    "programmes": ProgrammeViewSet,
    "professors": ProfessorViewSet,
    "skills": SkillViewSet,
    "cities": CityViewSet,
    "partners": PartnerViewSet,
    "representatives": RepresentativeViewSet,
    "consents": ConsentViewSet,
    "blocks": BlockViewSet,
    "seminars": SeminarViewSet,
    "attendances": AttendanceViewSet,
    "contacts": ContactViewSet,
    "follow-ups": FollowUpViewSet,
    "recommendations": RecommendationViewSet,
    "introductions": IntroductionViewSet,
    "immersions": ImmersionViewSet,
    "hires": HireViewSet,
    "outcomes": OutcomeViewSet,
    "timeline": TimelineViewSet,
    "mails": MailViewSet,
    "users": UserViewSet,
    "tokens": TokenViewSet,
    "me/disclosures": OwnDisclosureViewSet,
    "me/evidence": OwnEvidenceViewSet,
}

router = SimpleRouter()
for name, viewset in VIEWSETS.items():
    router.register(name, viewset, basename=name.replace("/", "-"))

urlpatterns = [
    path("me/", MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="me"),
    path("me/export/", MeViewSet.as_view({"get": "export"}), name="me-export"),
    path("reports/funnel/", FunnelViewSet.as_view({"get": "list"}), name="funnel"),
    path("reports/relationships/", RelationshipViewSet.as_view({"get": "list"}), name="relationships"),
    path("reports/gaps/", GapViewSet.as_view({"get": "list"}), name="gaps"),
    path("reports/outcomes/", OutcomeReportViewSet.as_view({"get": "list"}), name="outcome-report"),
    re_path(r"^links/(?P<id>[^/]+)/$", LinkViewSet.as_view({"get": "retrieve", "post": "answer"}), name="link"),
    path("", include(router.urls)),
]
