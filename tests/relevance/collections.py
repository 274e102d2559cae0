"""The judged collection, the same at each run."""

from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

from search.evaluation.collection import Collection, JudgedQuery
from tests.relevance.judging import CLAIM, Judge
from tests.relevance.people import by_hand, generated, read_toml
from tests.relevance.rules import KINDS, Rules
from tests.relevance.skills import choose

SEED = 11
PEOPLE, BY_RULE = 1_800, 15
"""Generated profiles, and queries of each kind that are drawn by rule."""


@cache
def profiles(people: int = PEOPLE, by_rule: int = BY_RULE, seed: int = SEED) -> Collection:
    chance, hand = Random(seed), read_toml("queries.toml")
    wanted = [slug for kind, rows in hand.items() if kind != "names" for slugs in rows.values() for slug in slugs]
    chosen = choose(chance, wanted)
    everybody = [*by_hand(), *generated(people, chosen, chance)]
    judge = Judge(everybody)
    rules = Rules(chosen, everybody, judge, chance)
    queries = [query for kind in KINDS for query in (*_by_hand(kind, hand[kind], judge), *rules.queries(kind, by_rule))]
    return Collection([person.profile() for person in everybody], len(everybody), queries)


def _by_hand(kind: str, rows: dict[str, Sequence[str]], judge: Judge) -> Iterator[JudgedQuery]:
    for text, meant in rows.items():
        relevant = dict.fromkeys(meant, CLAIM) if kind == "names" else judge.relevant_to_all(meant)
        yield JudgedQuery(text, relevant, kind)
