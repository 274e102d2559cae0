"""Reference data: labs, programmes, cities, skills, professors. A changed name reaches the documents that hold it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from crm import reference
from crm.access import SystemProcess, require
from crm.actions.naming import take_names
from crm.actions.saving import locked, save_checked
from crm.errors import Conflict, Invalid
from crm.models import (
    BroaderSkill,
    City,
    Lab,
    LabHeadship,
    Professor,
    ProfessorMembership,
    Programme,
    Skill,
    SkillAlias,
    Student,
    User,
)
from crm.signals import students_changed
from crm.text import fold, lab_key

R = TypeVar("R", Lab, Programme, City, Skill)
AMBIGUOUS = (
    "All names of the skill, also the label, that mean something else too: they count beside a related skill. "
    "A name that is new to the skill is added; one that is left out becomes a plain alias again."
)
"""What the list of ambiguous names is, for forms and bodies."""


@transaction.atomic
def save_lab(*, lab: Lab, by: User | SystemProcess, **fields: Any) -> Lab:
    """Creates or changes a lab. Raises Conflict where another spelling of the name is a lab already."""
    lab = _begin(lab, by)
    collaborators = fields.pop("collaborators", None)
    lab.name_key = lab_key(str(fields.get("name", lab.name)))
    _save(lab, fields)
    if collaborators is not None:
        lab.collaborators.set(collaborators)
    return _announce(lab)


@transaction.atomic
def save_programme(*, programme: Programme, by: User | SystemProcess, **fields: Any) -> Programme:
    """Raises Conflict where a name is another programme's."""
    return _announce(_save(_begin(programme, by), fields))


@transaction.atomic
def save_city(*, city: City, by: User | SystemProcess, **fields: Any) -> City:
    """Raises Conflict where a name is another city's."""
    return _announce(_save(_begin(city, by), fields))


@transaction.atomic
def save_skill(
    *,
    skill: Skill,
    by: User | SystemProcess,
    aliases: Sequence[str] | None = None,
    ambiguous: Sequence[str] | None = None,
    broader: Iterable[Skill] | None = None,
    **fields: Any,
) -> Skill:
    """`ambiguous` are names, also the label, that mean something else as well; two skills may share one that both mark.

    One that is taken out of them becomes a plain alias again, so that no name is lost unsaid.
    Raises Conflict where a name is another skill's, Invalid where broader skills would form a circle.
    """
    skill = _begin(skill, by)
    take_names(skill, {**fields, "aliases": aliases, "ambiguous": ambiguous})
    save_checked(skill, fields)
    for names, unclear in ((aliases, False), (ambiguous, True)):
        if names is not None:
            _set_aliases(skill, names, ambiguous=unclear)
    if broader is not None:
        _set_broader(skill, list(broader))
    return _announce(skill)


def _begin(record: R, by: User | SystemProcess) -> R:
    require(by, "reference.change")
    reference.wait_for_turn()
    return locked(record)


def _save(record: R, fields: Mapping[str, Any]) -> R:
    take_names(record, fields)
    return save_checked(record, fields)


def _set_aliases(skill: Skill, names: Sequence[str], *, ambiguous: bool) -> None:
    """Replaces those of one sort; a name of the other sort moves over."""
    wanted = {fold(name): name.strip() for name in names if name.strip()}
    left_out = skill.aliases.filter(ambiguous=ambiguous).exclude(key__in=wanted)
    if ambiguous:
        _make_plain(skill, left_out)
    else:
        left_out.delete()
    skill.aliases.filter(key__in=wanted).update(ambiguous=ambiguous)
    known = set(skill.aliases.values_list("key", flat=True))
    SkillAlias.objects.bulk_create(
        SkillAlias(skill=skill, name=name, key=key, ambiguous=ambiguous)
        for key, name in wanted.items()
        if key not in known
    )


def _make_plain(skill: Skill, marked: models.QuerySet[SkillAlias]) -> None:
    """A mark of a label goes, as the label stays. Raises Conflict where the name is another skill's plain alias."""
    marked.filter(key__in=[fold(skill.label), fold(skill.label_ru)]).delete()
    names = dict(marked.values_list("key", "name"))
    others = SkillAlias.objects.filter(key__in=names, ambiguous=False).exclude(skill=skill).select_related("skill")
    if sentences := [f"{names[other.key]!r} is a plain alias of {other.skill}: it stays marked." for other in others]:
        raise Conflict("A name is taken.", fields={"ambiguous": sentences})
    marked.update(ambiguous=False)


def _set_broader(skill: Skill, broader: list[Skill]) -> None:
    if circle := [broad for broad in broader if broad.pk in below({skill.pk} - {None})]:
        raise Invalid.field("broader", f"{circle[0]} is narrower than {skill}, or the same.")
    skill.broader.set(broader)


def below(skill_ids: Collection[int]) -> set[int]:
    """The skills and all their narrower ones, read from the database."""
    found, frontier = set(skill_ids), set(skill_ids)
    while frontier:
        links = BroaderSkill.objects.filter(broad_id__in=frontier)
        frontier = set(links.values_list("narrow_id", flat=True)) - found
        found |= frontier
    return found


CONCERNED: Mapping[type[models.Model], Callable[[Any], models.Q]] = {
    Lab: lambda lab: models.Q(memberships__lab=lab),
    Programme: lambda programme: models.Q(programme=programme),
    City: lambda city: models.Q(home_city=city),
    Skill: lambda skill: models.Q(claims__skill__in=below({skill.pk})),
}
"""Reference data whose names or hierarchy stand in documents -> the students whose documents hold them."""


def _announce(record: R) -> R:
    """New stamp for the snapshots, and new documents for the students concerned."""
    reference.touch(skills=isinstance(record, Skill))
    concerned = CONCERNED.get(type(record))
    if concerned:
        students = Student.objects.filter(concerned(record)).values_list("pk", flat=True).distinct()
        students_changed.send(type(record), student_ids=list(students), narrows=None)
    return record


@transaction.atomic
def save_professor(*, professor: Professor, by: User | SystemProcess, **fields: Any) -> Professor:
    """Creates or changes a professor; `memberships` is a list of {lab, starts, ends} and is replaced as a whole."""
    require(by, "professor.change")
    professor = locked(professor)
    memberships = fields.pop("memberships", None)
    save_checked(professor, fields)
    if memberships is not None:
        professor.memberships.all().delete()
        for row in memberships:
            _add_membership(professor, row)
    return professor


def _add_membership(professor: Professor, row: Mapping[str, Any]) -> None:
    try:
        save_checked(ProfessorMembership(professor=professor), row)
    except (Conflict, Invalid) as error:
        sentences = [f"{name}: {text}" for name, texts in error.fields.items() for text in texts]
        raise type(error)(error.message, fields={"memberships": sentences}) from error


@transaction.atomic
def appoint_head(
    *, lab: Lab, professor: Professor, by: User | SystemProcess, starts: date | None = None
) -> LabHeadship:
    """The former head's term ends the day before."""
    require(by, "reference.change")
    first = starts or timezone.localdate()
    for headship in lab.headships.select_for_update().filter(ends__isnull=True):
        last = first - timedelta(days=1)
        headship.ends = last if headship.starts is None else max(last, headship.starts)
        headship.save(update_fields=["ends"])
    return LabHeadship.objects.create(lab=lab, professor=professor, starts=first)
