"""Theses, put together from a lab's sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, product
from random import Random

from crm.demo.contents import LabContents, Language, ProfileTexts


@dataclass(frozen=True, slots=True)
class Thesis:
    language: Language
    subject: str
    title: str
    abstract: str


def theses(lab: LabContents, language: Language, texts: ProfileTexts, rng: Random) -> Iterator[Thesis]:
    """Theses without end; titles differ until all subjects and angles are used up."""
    ideas = list(product(lab.parts[language].subjects, texts.angles))
    rng.shuffle(ideas)
    for subject, angle in cycle(ideas):
        title = f"{capitalised(subject)}: {angle}" if angle else capitalised(subject)
        yield Thesis(language, subject, title, _abstract(lab, language, subject, texts, rng))


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _abstract(lab: LabContents, language: Language, subject: str, texts: ProfileTexts, rng: Random) -> str:
    parts = lab.parts[language]
    sentences = [
        rng.choice(parts.contexts),
        rng.choice(texts.aims).format(subject=subject),
        *rng.sample(parts.methods, rng.choice((1, 2))),
        *rng.sample(parts.results, rng.choice((1, 2))),
        rng.choice(parts.outcomes),
    ]
    return " ".join(_with_numbers(sentence, language, rng) for sentence in sentences)


def _with_numbers(sentence: str, language: Language, rng: Random) -> str:
    """Fills {n}, {p}, {q}, {f}; Russian factors stay between 2 and 4, where the noun keeps its form."""
    return sentence.format(
        n=5 * rng.randint(5, 90),
        p=rng.randint(58, 97),
        q=rng.randint(4, 28),
        f=rng.randint(2, 4 if language == "ru" else 9),
    )
