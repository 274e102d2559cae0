"""The plain way: ORM joins, `icontains`, GROUP BY facets, serializers with prefetched relations."""

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.db.models import Count, Model, Q, QuerySet
from django.db.models.functions import ExtractYear
from rest_framework import serializers

from api.serializers.candidates import NamedSerializer
from crm.actions.disclosures import record_disclosures
from crm.models import DisclosureKind, Lab, LabMembership, Publication, Skill, SkillClaim, Student, User
from search.engines.contract import LARGEST_FACET
from search.query import CandidateQuery
from search.suggestions import MOST

OWN_TEXTS = (
    *("given_name", "family_name", "native_name", "headline", "thesis_title", "thesis_abstract", "summary"),
    *("projects", "programme__name"),
)
OTHER_TEXTS: Mapping[type[Model], str] = {Publication: "title", SkillClaim: "skill__label", LabMembership: "lab__name"}
"""In queries of their own: joined all at once they multiply, and a search takes minutes."""
FACETS: Mapping[str, tuple[str, ...]] = {
    "lab": ("memberships__lab__slug",),
    "skill": ("claims__skill__slug",),
    "programme": ("programme__slug",),
    "degree": ("degree",),
    "graduation_year": ("graduation_date__year",),
    # Nobody of the bench lists the home city among the others.
    "city": ("home_city__slug", "work_cities__slug"),
    "language": ("languages__code",),
}


class Named(NamedSerializer):
    id = serializers.UUIDField(source="public_id")


class CardSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id")
    lab = serializers.SerializerMethodField()
    programme = Named()
    home_city = Named()
    graduation_year = serializers.SerializerMethodField()
    skills = serializers.SerializerMethodField()
    highlights = serializers.SerializerMethodField()

    class Meta:
        model = Student
        fields = (
            *("id", "name", "native_name", "headline", "lab", "programme", "degree", "graduation_year"),
            *("thesis_title", "home_city", "available_from", "skills", "highlights"),
        )

    def get_lab(self, student: Student) -> Any:
        places = sorted(student.memberships.all(), key=lambda m: (m.is_current(), m.starts))
        return Named(places[-1].lab).data if places else None

    def get_graduation_year(self, student: Student) -> int | None:
        return student.graduation_date.year if student.graduation_date else None

    def get_skills(self, student: Student) -> list[dict[str, Any]]:
        claims = sorted(student.claims.all(), key=lambda claim: -claim.level)
        return [{"slug": c.skill.slug, "label": c.skill.label, "level": c.level} for c in claims]

    def get_highlights(self, student: Student) -> dict[str, list[str]]:
        found = {}
        for name in ("headline", "thesis_title", "thesis_abstract", "summary", "projects"):
            text = getattr(student, name)
            for word in self.context["words"]:
                if (place := text.lower().find(word)) >= 0:
                    end = place + len(word)
                    before, after = escape(text[max(0, place - 50) : place]), escape(text[end : end + 100])
                    found[name] = [f"{before}<mark>{escape(text[place:end])}</mark>{after}"]
        return found


def find(*, user: User, query: CandidateQuery, words: str) -> dict[str, Any]:
    matching = _matching(user, query, words.lower().split(), without=())
    order = ("-updated_at", "-public_id")
    page = matching.order_by(*order).select_related("programme", "home_city")
    shown = page.prefetch_related("memberships__lab", "claims__skill", "publications")[: query.page_size]
    answer = {
        "count": matching.count(),
        "results": CardSerializer(shown, many=True, context={"words": words.lower().split()}).data,
        "facets": _facets(user, query, words.lower().split(), matching),
    }
    record_disclosures(student_ids=[student.pk for student in shown], kind=DisclosureKind.SEARCH_PAGE, by=user)
    return answer


def _matching(user: User, query: CandidateQuery, words: Iterable[str], without: Iterable[str]) -> QuerySet[Student]:
    students = Student.objects.visible_to(user).filter(placed=False)
    values = {name: given for name, given in query.values.items() if name not in without}
    if labs := values.get("lab"):
        students = students.filter(memberships__lab__in=labs)
    for wish in values.get("skill", ()):
        below = [pk for pk, above in query.known.broader.items() if wish.skill_id in above]
        students = students.filter(claims__skill__in=below, claims__level__gte=wish.level)
    for year in values.get("graduation_from", ()):
        students = students.filter(graduation_date__year__gte=year)
    for word in words:
        students = students.filter(_anywhere(word))
    return students.distinct()


def _anywhere(word: str) -> Q:
    found = Q()
    for name in OWN_TEXTS:
        found |= Q(**{f"{name}__icontains": word})
    for model, name in OTHER_TEXTS.items():
        found |= Q(pk__in=model._default_manager.filter(**{f"{name}__icontains": word}).values("student"))
    return found


def _facets(
    user: User, query: CandidateQuery, words: list[str], matching: QuerySet[Student]
) -> dict[str, list[dict[str, Any]]]:
    ids = list(matching.values_list("pk", flat=True))
    facets = {}
    for facet in query.facets:
        own = facet.replaces & query.values.keys()
        counted = _matching(user, query, words, without=own).values("pk") if own else ids
        students = Student.objects.filter(pk__in=counted)
        counts = Counter[Any]()
        for path in FACETS[facet.name]:
            name = path.removesuffix("__year")
            value = ExtractYear(name) if path.endswith("__year") else name
            rows = students.values_list(value).annotate(Count("pk", distinct=True)).order_by()
            counts.update({token: count for token, count in rows if token is not None})
        ranked = counts.most_common(LARGEST_FACET)
        facets[facet.name] = [{"value": str(token), "label": str(token), "count": count} for token, count in ranked]
    return facets


def suggest(*, user: User, prefix: str) -> list[dict[str, Any]]:
    visible = Student.objects.visible_to(user).filter(placed=False)
    answers = []
    for kind, model, path, name in (("skill", Skill, "claims__student", "label"), ("lab", Lab, "students", "name")):
        begins = Q(**{f"{name}__istartswith": prefix}) | Q(**{f"{name}__icontains": f" {prefix}"})
        seen = Count(path, filter=Q(**{f"{path}__in": visible}), distinct=True)
        found = model.objects.filter(begins).annotate(count=seen).filter(count__gt=0).order_by("-count")[:MOST]
        answers += [{"kind": kind, "value": x.slug, "label": str(x), "count": x.count} for x in found]
    begins = Q()
    for name in ("given_name", "family_name", "native_name"):
        begins |= Q(**{f"{name}__istartswith": prefix}) | Q(**{f"{name}__icontains": f" {prefix}"})
    people = list(visible.filter(begins).order_by("given_name", "family_name", "public_id")[:MOST])
    record_disclosures(student_ids=[x.pk for x in people], kind=DisclosureKind.SUGGESTION, by=user)
    return [*answers, *({"kind": "candidate", "value": str(x.public_id), "label": x.name} for x in people)]
