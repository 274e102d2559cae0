"""Why a candidate is in the result: what matched, by which name and how, what each part's share is, what is missing."""

from collections.abc import Iterator, Sequence
from typing import Any

from crm.reference import Entry
from search.analysis import stem, terms_in, tokens
from search.cards import Card, Claim
from search.matched import Matched, Text, highlights_of, match_near, match_word
from search.query import CandidateQuery
from search.ranking import CLAIMED, EVIDENCED, LAB, LEVEL, NARROWER
from search.understanding import Reading, Understood
from search.values import SkillWish
from search.words import All, Concept, Near, Node, Phrase, Some, Word
from search.words import Any as AnyOf

TEXT_SKILL = 30.0
"""Points of a skill that stands in texts alone."""


def explain(card: Card, query: CandidateQuery, reading: Reading | None) -> dict[str, Any]:
    """`match` and `highlights` of one result."""
    matched = Matched()
    for wish in dict.fromkeys([*query.values.get("skill", ()), *query.values.get("skill_any", ())]):
        _wish(matched, wish, card, query)
    texts = [Text(where, text, card.known) for where, text in card.texts()] if reading else []
    for leaf in dict.fromkeys(_leaves(reading.node)) if reading else ():
        _leaf(matched, leaf, reading, card, texts, query)
    return {"match": matched.as_json(), "highlights": highlights_of(matched.marked, texts)}


def _leaves(node: Node) -> Iterator[Node]:
    match node:
        case All(parts) | AnyOf(parts) | Some(parts):
            for part in parts:
                yield from _leaves(part)
        case Word() | Phrase() | Concept() | Near():
            yield node


def _leaf(
    matched: Matched, leaf: Node, reading: Reading | None, card: Card, texts: list[Text], query: CandidateQuery
) -> None:
    match leaf:
        case Concept() if reading:
            _concept(matched, reading.concepts[leaf], card, texts, query)
        case Near(token, edits):
            match_near(matched, token, edits, texts)
        case Word(token):
            match_word(matched, token, texts)
        case Phrase(parts):
            for token in parts:
                match_word(matched, token, texts)


# Skills -------------------------------------------------------------------------------------------------------------


def _wish(matched: Matched, wish: SkillWish, card: Card, query: CandidateQuery) -> None:
    """A skill that a filter asks for."""
    asked = query.known.skills.by_pk[wish.skill_id]
    claim = _best([wish.skill_id], wish.level, card, query)
    if claim is None:
        matched.missing["skills"].append(asked.slug)
        return
    how = "exact" if claim.skill.pk == wish.skill_id else "narrower"
    matched.skills.append(_of_claim(asked, asked.label, how, claim, wish.level))


def _best(skills: Sequence[int], level: int, card: Card, query: CandidateQuery) -> Claim | None:
    """The best claim that meets a wish for one of the skills, by itself or by a narrower one."""
    broader = query.known.broader
    meets = [
        claim
        for claim in card.claims
        if claim.level >= level and any(claim.skill.pk == pk or pk in broader.get(claim.skill.pk, ()) for pk in skills)
    ]
    asked = query.evidenced
    return max(
        meets,
        key=lambda c: (asked and c.backed >= level, c.skill.pk in skills, c.backed >= level, c.level),
        default=None,
    )


def _of_claim(asked: Entry, name: str, how: str, claim: Claim, level: int) -> dict[str, Any]:
    backed = claim.backed >= level
    points = (NARROWER if how == "narrower" else CLAIMED) + LEVEL * (claim.level - 1) + EVIDENCED * backed
    return {
        "slug": asked.slug,
        "label": asked.label,
        "asked_level": level,
        "by": claim.skill.slug,
        "name": name,
        "how": how,
        "level": claim.level,
        "evidenced": backed,
        "share": points,
    }


def _concept(matched: Matched, asked: Understood, card: Card, texts: list[Text], query: CandidateQuery) -> None:
    """A skill or lab that the words of the query name."""
    places = {lab.pk: lab for _, _, lab in card.memberships}
    if lab := next((places[pk] for pk in asked.concept.labs if pk in places), None):
        matched.labs.append(
            {"slug": lab.slug, "label": lab.label, "name": asked.text, "how": _how(asked, lab), "share": LAB}
        )
    if asked.concept.skills and (claim := _best(asked.concept.skills, 1, card, query)):
        entry = query.known.skills.by_pk[_asked_of(claim, asked, query)]
        how = _how(asked, entry) if claim.skill is entry else "narrower"
        matched.skills.append(_of_claim(entry, asked.text, how, claim, 1))
        matched.marked |= terms_in(claim.skill.label)
    elif found := _in_texts(asked, texts, query):
        matched.skills.append(found)
        matched.marked |= terms_in(found["name"])
    elif lab is None and not _as_words(matched, asked, texts):
        kind = "skills" if asked.concept.skills else "labs"
        matched.missing[kind].append(asked.names[0].entry.slug)
    matched.marked |= terms_in(asked.text)


def _how(asked: Understood, entry: Entry) -> str:
    name = next((name for name in asked.names if name.entry is entry), asked.names[0])
    return asked.how_named(name)


def _asked_of(claim: Claim, asked: Understood, query: CandidateQuery) -> int:
    """Which of the skills asked for the claim meets."""
    above = query.known.broader.get(claim.skill.pk, frozenset())
    return next(pk for pk in asked.concept.skills if pk == claim.skill.pk or pk in above)


def _in_texts(asked: Understood, texts: list[Text], query: CandidateQuery) -> dict[str, Any] | None:
    """The skill, or a narrower one, where it stands in a text under any of its names."""
    own = [name for name in asked.names if name.kind == "skill"]
    for name in own:
        entry = name.entry
        for spelled in filter(None, (entry.label, *entry.names)):
            key = tuple(map(stem, tokens(spelled)))
            if key and (where := list(dict.fromkeys(text.where for text in texts if text.holds(key)))):
                return _of_text(entry, entry, spelled, "text", where)
    return _narrower_in_texts(own[0].entry, texts, query) if own else None


def _narrower_in_texts(asked: Entry, texts: list[Text], query: CandidateQuery) -> dict[str, Any] | None:
    for text in texts:
        for name in text.named:
            if asked.pk in query.known.broader.get(name.entry.pk, ()):
                return _of_text(asked, name.entry, name.text, "text", [text.where])
    return None


def _of_text(asked: Entry, found: Entry, name: str, how: str, where: list[str]) -> dict[str, Any]:
    return {
        "slug": asked.slug,
        "label": asked.label,
        "asked_level": 1,
        "by": found.slug,
        "name": name,
        "how": how,
        "in": where,
        "level": None,
        "evidenced": False,
        "share": TEXT_SKILL if asked is found else TEXT_SKILL / 2,
    }


def _as_words(matched: Matched, asked: Understood, texts: list[Text]) -> bool:
    """What was taken for a skill may stand there as mere words."""
    found = [token for token in tokens(asked.text) if match_word(matched, token, texts, missing=False)]
    return bool(found)
