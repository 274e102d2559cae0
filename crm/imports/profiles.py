"""A student's record as an import sees it, and the record that a row makes of it. Nothing here touches the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from crm.imports.cells import Mark
from crm.imports.errors import Rejected
from crm.imports.skills import MIDDLE

SCALARS: Mapping[str, tuple[str, Any]] = {
    **{
        name: (name, "")
        for name in (
            *("given_name", "family_name", "native_name", "email", "phone", "degree", "thesis_title"),
            *("thesis_abstract", "headline", "summary", "projects"),
        )
    },
    **{name: (name, None) for name in ("graduation_date", "available_from", "willing_to_travel")},
    **{name: (f"{name}_id", None) for name in ("programme", "home_city")},
}
"""Field -> attribute of Student, and its empty value."""
SETS = ("claims", "languages", "work_cities", "links")
SPANS = ("memberships", "supervisions")


@dataclass(frozen=True, slots=True)
class Span:
    """A lab membership or a supervision; `other` is the lab or the professor."""

    other: int
    starts: date | None = None
    ends: date | None = None
    pk: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    pk: int | None = None
    """None: not stored yet."""
    values: Mapping[str, Any] = field(default_factory=lambda: dict(SCALARS.values()))
    sets: Mapping[str, Mapping[Any, Any]] = field(default_factory=lambda: {name: {} for name in SETS})
    """claims {skill: level}, languages {code: level}, work_cities {city: None}, links {(kind, address): None}."""
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=lambda: dict.fromkeys(SPANS, ()))
    backed: frozenset[int] = frozenset()
    """Skills whose claim has evidence: an import does not take these away."""


_SPAN_FIELDS = {"lab": "memberships", "supervisor": "supervisions"}
Sets = Mapping[Any, Any]


def apply(
    profile: Profile,
    changes: Mapping[str, Any],
    find_labs: Callable[[list[str]], list[int]],
    warn: Callable[[str], None],
) -> Profile:
    """The profile after the changes of one row. `find_labs` is only asked when the row is sure to be good.

    Raises Rejected for a new student without a name.
    """
    plain = {name: None if value is Mark.CLEAR else value for name, value in changes.items()}
    values = dict(profile.values)
    for name in plain.keys() & SCALARS.keys():
        attribute, empty = SCALARS[name]
        values[attribute] = empty if plain[name] is None else plain[name]
    if missing := [name for name in ("family_name", "given_name") if not values[name]]:
        raise Rejected(" ".join(f"{name}: a new student needs one." for name in missing))
    sets = dict(profile.sets)
    for name in plain.keys() & SET_RULES.keys():
        target, rule = SET_RULES[name]
        sets[target] = rule(profile, sets[target], plain[name], warn)
    if names := plain.get("lab"):
        plain["lab"] = find_labs(names)
    return replace(profile, values=values, sets=sets, spans=_spans(profile, plain, values["graduation_date"]))


def _claims(
    profile: Profile, stored: Sets, wanted: Mapping[int, int | None] | None, warn: Callable[[str], None]
) -> Sets:
    """A listed skill without a level keeps the one it had."""
    claims = {skill: level or stored.get(skill, MIDDLE) for skill, level in (wanted or {}).items()}
    kept = {skill: level for skill, level in stored.items() if skill in profile.backed and skill not in claims}
    if kept:
        warn("Skills that evidence backs stay, though the file does not list them.")
    return {**claims, **kept}


def _languages(
    profile: Profile, stored: Sets, wanted: Mapping[str, str | None] | None, warn: Callable[[str], None]
) -> Sets:
    languages = {code: level or stored.get(code) for code, level in (wanted or {}).items()}
    for code in [code for code, level in languages.items() if level is None]:
        warn(f"Language {code} has no level: left out.")
        del languages[code]
    return languages if languages or wanted is None else stored


def _cities(profile: Profile, stored: Sets, wanted: set[int] | None, warn: Callable[[str], None]) -> Sets:
    return dict.fromkeys(wanted or ())


def _link(kind: str) -> Callable[[Profile, Sets, str | None, Callable[[str], None]], Sets]:
    def rule(profile: Profile, stored: Sets, wanted: str | None, warn: Callable[[str], None]) -> Sets:
        others = {link: None for link in stored if link[0] != kind}
        return others if wanted is None else {**others, (kind, wanted): None}

    return rule


SET_RULES: Mapping[str, tuple[str, Callable[..., Sets]]] = {
    "skills": ("claims", _claims),
    "languages": ("languages", _languages),
    "work_cities": ("work_cities", _cities),
    "orcid": ("links", _link("orcid")),
    "github": ("links", _link("github")),
}


def _spans(profile: Profile, plain: Mapping[str, Any], graduation: date | None) -> Mapping[str, tuple[Span, ...]]:
    """Ends that stood at the graduation date move with it; labs and supervisors that the row names end at it."""
    before = profile.values["graduation_date"]
    spans = dict(profile.spans)
    if graduation and before and graduation != before:
        spans = {
            name: tuple(_ending(s, graduation) if s.ends == before else s for s in held) for name, held in spans.items()
        }
    for name, target in _SPAN_FIELDS.items():
        if name in plain:
            spans[target] = _named(spans[target], plain[name], graduation, plain.get("graduation_date"))
    return spans


def _named(held: tuple[Span, ...], wanted: Any, graduation: date | None, told: date | None) -> tuple[Span, ...]:
    """Those held already get the end that the row tells, the others are added. Of several with one lab the last counts.

    An end that the row does not tell would come with the next import of the file only, after a later row told it.
    """
    if wanted is None:
        return ()
    for other in wanted:
        latest = max((s for s in held if s.other == other), key=lambda s: (s.ends or date.max, s.pk or 0), default=None)
        if latest is None:
            held = (*held, Span(other, ends=graduation))
        elif told:
            held = tuple(_ending(span, told) if span is latest else span for span in held)
    return held


def _ending(span: Span, day: date) -> Span:
    """An end before the start would be no membership at all: that one is left to people."""
    return span if span.starts and span.starts > day else replace(span, ends=day)
