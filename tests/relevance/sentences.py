"""Whole sentences as queries over abstracts: topics written by hand, and theses of the demo, of which others are asked."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import islice
from random import Random

from crm.demo.contents import LabContents, contents
from crm.demo.theses import Thesis, theses
from search.evaluation.collection import Collection, JudgedQuery, Profile
from tests.relevance.people import read_toml

SEED = 5
KIND = "sentences"
SAME_SUBJECT, SAME_LAB = 2.0, 1.0
THESES, ASKED = 12, 2
"""Theses of each lab in each language, and those more that are only asked for, by two sentences of their abstract."""


@cache
def sentences() -> Collection:
    chance = Random(SEED)
    profiles, queries = list[Profile](), list[JudgedQuery]()
    for topic, row in read_toml("topics.toml").items():
        own = [Profile(f"{topic}-{place}", [text]) for place, text in enumerate(row["abstracts"])]
        profiles += own
        queries += [JudgedQuery(text, {one.id: SAME_SUBJECT for one in own}, KIND) for text in row["queries"]]
    for lab in contents().labs:
        for language in ("en", "ru"):
            made = list(islice(theses(lab, language, contents().texts[language], chance), THESES + ASKED))
            profiles += [_profile(lab, language, place, one) for place, one in enumerate(made[:THESES])]
            queries += _asking(lab, language, made, chance)
    return Collection(profiles, len(profiles), queries)


def _profile(lab: LabContents, language: str, place: int, thesis: Thesis) -> Profile:
    return Profile(f"{lab.slug}-{language}-{place}", [thesis.abstract], thesis_title=thesis.title)


def _asking(lab: LabContents, language: str, made: list[Thesis], chance: Random) -> Iterator[JudgedQuery]:
    """By what a further thesis says: others on its subject are meant, those of its lab are near."""
    by_subject = defaultdict(list)
    for place, one in enumerate(made[:THESES]):
        by_subject[one.subject].append(f"{lab.slug}-{language}-{place}")
    for one in made[THESES:]:
        told = [sentence for sentence in one.abstract.split(". ") if one.subject[1:] not in sentence]
        text = ". ".join([one.subject, *chance.sample(told, 2)])
        near = {key: SAME_LAB for keys in by_subject.values() for key in keys}
        yield JudgedQuery(text, near | dict.fromkeys(by_subject[one.subject], SAME_SUBJECT), KIND)
