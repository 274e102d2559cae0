"""Why a candidate is in the result: which wishes and words are met, by what, what is missing; and the words marked."""

from typing import Any

from search.analysis import plain, stem
from search.cards import Card
from search.highlights import highlight, terms_in
from search.query import CandidateQuery
from search.values import SkillWish
from search.words import leaves


def explain(card: Card, query: CandidateQuery) -> dict[str, Any]:
    """`match` and `highlights` of one result."""
    wishes = dict.fromkeys([*query.values.get("skill", ()), *query.values.get("skill_any", ())])
    skills = [_skill(wish, card, query) for wish in wishes]
    wanted = dict.fromkeys(leaves(query.text, negated=False)) if query.text else {}
    places = _places(card) if wanted else {}
    words = {word: _where(word, places) for word in wanted}
    return {
        "match": {
            "skills": [skill for skill in skills if skill["by"]],
            "words": [{"word": word, "in": where} for word, where in words.items() if where],
            "missing": {
                "skills": [skill["slug"] for skill in skills if not skill["by"]],
                "words": [word for word, where in words.items() if not where],
            },
        },
        "highlights": _highlights(card, {stem(word) for word in wanted}, places),
    }


def _skill(wish: SkillWish, card: Card, query: CandidateQuery) -> dict[str, Any]:
    """The best claim that meets a wish, by the skill itself or by a narrower one."""
    narrower = query.known.narrower(wish.skill_id)
    meets = [claim for claim in card.claims if claim.skill.pk in narrower and claim.level >= wish.level]
    best = max(meets, key=lambda claim: (claim.evidenced, claim.level), default=None)
    asked = query.known.skills.by_pk[wish.skill_id]
    return {
        "slug": asked.slug,
        "label": asked.label,
        "asked_level": wish.level,
        "by": best.skill.slug if best else None,
        "level": best.level if best else None,
        "evidenced": bool(best and best.evidenced),
    }


def _places(card: Card) -> dict[str, set[str]]:
    """Where -> the terms that stand there."""
    places: dict[str, set[str]] = {}
    for where, text in card.texts():
        places.setdefault(where, set()).update(terms_in(text))
    return places


def _where(word: str, places: dict[str, set[str]]) -> list[str]:
    forms = {plain(word), stem(word)}
    return [where for where, terms in places.items() if forms & terms]


def _highlights(card: Card, wanted: set[str], places: dict[str, set[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for where, text in card.texts() if wanted else ():
        if wanted & places.get(where, set()) and (fragment := highlight(text, wanted)):
            found.setdefault(where, []).append(fragment)
    return found
