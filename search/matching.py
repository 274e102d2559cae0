"""Why a candidate is in the result: which wishes and words are met, by what, what is missing; and the words marked."""

from collections.abc import Sequence
from typing import Any

from search.analysis import plain, stem, terms_in
from search.cards import Card, Claim
from search.highlights import highlight
from search.query import CandidateQuery
from search.values import SkillWish
from search.words import leaves

Text = tuple[str, str, set[str]]
"""Where a text stands, the text, and its terms."""


def explain(card: Card, query: CandidateQuery) -> dict[str, Any]:
    """`match` and `highlights` of one result."""
    wishes = dict.fromkeys([*query.values.get("skill", ()), *query.values.get("skill_any", ())])
    skills = [_skill(wish, card, query) for wish in wishes]
    wanted = dict.fromkeys(leaves(query.text, negated=False)) if query.text else {}
    texts = [(where, text, terms_in(text)) for where, text in card.texts()] if wanted else []
    words = {word: _where(word, texts) for word in wanted}
    return {
        "match": {
            "skills": [skill for skill in skills if skill["by"]],
            "words": [{"word": word, "in": where} for word, where in words.items() if where],
            "missing": {
                "skills": [skill["slug"] for skill in skills if not skill["by"]],
                "words": [word for word, where in words.items() if not where],
            },
        },
        "highlights": _highlights({stem(word) for word in wanted}, texts),
    }


def _skill(wish: SkillWish, card: Card, query: CandidateQuery) -> dict[str, Any]:
    """The best claim that meets a wish, by the skill itself or by a narrower one."""
    meets = [claim for claim in card.claims if claim.level >= wish.level and _is_below(claim, wish, query)]
    best = max(meets, key=lambda claim: (claim.backed >= wish.level, claim.level), default=None)
    asked = query.known.skills.by_pk[wish.skill_id]
    return {
        "slug": asked.slug,
        "label": asked.label,
        "asked_level": wish.level,
        "by": best.skill.slug if best else None,
        "level": best.level if best else None,
        "evidenced": bool(best and best.backed >= wish.level),
    }


def _is_below(claim: Claim, wish: SkillWish, query: CandidateQuery) -> bool:
    """Whether the claim is of the skill asked for or of a narrower one."""
    pk = claim.skill.pk
    return pk == wish.skill_id or wish.skill_id in query.known.broader.get(pk, ())


def _where(word: str, texts: Sequence[Text]) -> list[str]:
    forms = {plain(word), stem(word)}
    return list(dict.fromkeys([where for where, _, terms in texts if not forms.isdisjoint(terms)]))


def _highlights(wanted: set[str], texts: Sequence[Text]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for where, text, terms in texts:
        if not wanted.isdisjoint(terms) and (fragment := highlight(text, wanted)):
            found.setdefault(where, []).append(fragment)
    return found
