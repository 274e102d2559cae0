"""What a student says of themselves: headline, summary, projects, publications, languages, links."""

from collections.abc import Mapping
from datetime import date
from random import Random

from crm.demo.contents import Contents, LabContents, ProfileTexts
from crm.demo.names import Person
from crm.demo.studies import Studies
from crm.demo.theses import Thesis, capitalised
from crm.demo.world import DemoLanguage, DemoLink, DemoPublication

_ENGLISH = {"B1": 2, "B2": 4, "C1": 3, "C2": 1}
_EXTRA = {"de": 3, "fr": 2, "zh": 1, "es": 1, "it": 1}
_PUBLICATIONS = {"bachelor": (0, 0, 0, 1), "master": (0, 0, 1, 1), "phd": (1, 2, 2, 3)}


def words(
    contents: Contents, lab: LabContents, thesis: Thesis, studies: Studies, skills: list[str], rng: Random
) -> dict[str, str]:
    """What the sentences of `texts.toml` are filled with."""
    names = {lab.slug: lab.name for lab in contents.labs}
    skill, second, third = (contents.skill_names[slug][thesis.language] for slug in skills[:3])
    return {
        "lab": lab.name,
        "other": names[rng.choice(lab.collaborators)],
        "programme": contents.programmes[studies.programme]["name"],
        "who": contents.texts[thesis.language].who[studies.degree][studies.is_graduate],
        "subject": thesis.subject,
        "Subject": capitalised(thesis.subject),
        "skill": skill,
        "Skill": capitalised(skill),
        "second": second,
        "third": third,
        "n": str(5 * rng.randint(3, 30)),
    }


def headline(texts: ProfileTexts, fill: Mapping[str, str], rng: Random) -> str:
    return capitalised(rng.choice(texts.headlines).format(**fill))[:200]


def summary(texts: ProfileTexts, fill: Mapping[str, str], rng: Random) -> str:
    chosen = (rng.choice(sentences) for sentences in (texts.openings, texts.strengths, texts.wishes))
    return " ".join(capitalised(sentence.format(**fill)) for sentence in chosen)


def projects(texts: ProfileTexts, fill: Mapping[str, str], rng: Random) -> tuple[str, ...]:
    return tuple(project.format(**fill) for project in rng.sample(texts.projects, rng.choice((0, 1, 2, 2, 3))))


def publications(
    texts: ProfileTexts, fill: Mapping[str, str], studies: Studies, number: str, today: date, rng: Random
) -> tuple[DemoPublication, ...]:
    count = min(rng.choice(_PUBLICATIONS[studies.degree]), len(texts.publications))
    latest = min(studies.graduation.year, today.year)
    return tuple(
        DemoPublication(
            title=title.format(**fill),
            year=rng.randint(min(studies.starts.year, latest), latest),
            url=f"https://journals.example.edu/{number.lower()}/{place}",
        )
        for place, title in enumerate(rng.sample(texts.publications, count), start=1)
    )


def languages(person: Person, rng: Random) -> tuple[DemoLanguage, ...]:
    known = dict(person.group.languages)
    known.setdefault("en", _draw(_ENGLISH, rng))
    if rng.random() < 0.2:
        known.setdefault(_draw(_EXTRA, rng), rng.choice(("A2", "B1", "B2")))
    return tuple(DemoLanguage(code, level) for code, level in sorted(known.items()))


def _draw(weights: Mapping[str, int], rng: Random) -> str:
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def links(person: Person, index: int, area: str, rng: Random) -> tuple[DemoLink, ...]:
    """An ORCID of the block 0000-0000, which is given to nobody; GitHub more often in computing."""
    found = []
    if rng.random() < 0.5:
        found.append(DemoLink("orcid", f"https://orcid.org/{orcid(index)}"))
    if rng.random() < (0.85 if area == "computing" else 0.25):
        found.append(DemoLink("github", f"https://github.example/{person.mailbox.replace('.', '-')}"))
    return tuple(found)


def orcid(index: int) -> str:
    """With its check digit by ISO 7064 MOD 11-2, as orcid.org computes it.

    >>> orcid(0)
    '0000-0000-0000-0001'
    """
    digits = f"{index:015d}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2 % 11
    full = digits + "0123456789X"[(12 - total) % 11]
    return "-".join(full[start : start + 4] for start in range(0, 16, 4))
