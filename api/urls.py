from django.urls import include, path
from rest_framework.routers import SimpleRouter

from api.views.candidates import CandidateViewSet
from api.views.me import MeViewSet, OwnDisclosureViewSet, OwnEvidenceViewSet
from api.views.partners import BlockViewSet, ConsentViewSet, PartnerViewSet, RepresentativeViewSet
from api.views.reference import CityViewSet, LabViewSet, ProfessorViewSet, ProgrammeViewSet, SkillViewSet
from api.views.students import StudentViewSet
from api.views.users import TokenViewSet, UserViewSet

VIEWSETS = {
    "candidates": CandidateViewSet,
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
    path("", include(router.urls)),
]
