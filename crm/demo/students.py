"""The students of the demo."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from crm.demo import profiles
from crm.demo.claims import Backing, draw_claims, draw_skills
from crm.demo.consents import Decision, draw_decisions
from crm.demo.contents import Contents, LabContents, ProfileTexts
from crm.demo.names import Person, draw_people
from crm.demo.studies import Studies, draw_studies
from crm.demo.theses import Thesis, theses
from crm.demo.world import DemoProfessor, DemoPublication, DemoStudent

_DOMAIN = "students.example.edu"
_WRITES_RUSSIAN = 0.3
"""Share of those with Russian names whose texts are Russian: a fifth of all students."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is drawn first of a student, and what the rest then rests on."""

    number: str
    lab: LabContents
    studies: Studies
    thesis: Thesis
    texts: ProfileTexts
    skills: list[str]
    fill: Mapping[str, str]
    publications: tuple[DemoPublication, ...]


class StudentFactory:
    """Makes students one after the other; each has an own stream of random numbers."""

    def __init__(
        self,
        *,
        contents: Contents,
        professors: Sequence[DemoProfessor],
        cities: Sequence[str],
        today: date,
        seed: int,
    ) -> None:
        self.contents, self.cities, self.today, self.seed = contents, cities, today, seed
        self.labs: Mapping[str, LabContents] = {lab.slug: lab for lab in contents.labs}
        self.professors = {slug: [one for one in professors if one.lab == slug] for slug in self.labs}
        self.by_key = {one.key: one for one in professors}
        partners = contents.partners.items()
        self.active = {slug: str(row["name"]) for slug, row in partners if row["state"] == "active"}
        self.theses = {
            (lab.slug, language): theses(lab, language, texts, Random(f"{seed}:{lab.slug}:{language}"))
            for lab in contents.labs
            for language, texts in contents.texts.items()
        }

    def make(self, count: int) -> Iterator[DemoStudent]:
        people = draw_people(self.contents.names, Random(f"{self.seed}:names"))
        decisions = draw_decisions(
            self.contents.consents,
            students=count,
            partners=list(self.active),
            today=self.today,
            rng=Random(f"{self.seed}:consents"),
        )
        for index, decision in enumerate(decisions):
            rng, person = Random(f"{self.seed}:{index}"), next(people)
            yield self._student(index, person, decision, self._draft(index, person, rng), rng)

    def _draft(self, index: int, person: Person, rng: Random) -> Draft:
        lab = self.contents.labs[index % len(self.contents.labs)]
        studies = draw_studies(lab=lab, labs=self.labs, professors=self.professors, today=self.today, rng=rng)
        russian = person.group.spelling == "russian" and rng.random() < _WRITES_RUSSIAN
        thesis = next(self.theses[lab.slug, "ru" if russian else "en"])
        texts = self.contents.texts[thesis.language]
        number = f"SU{studies.starts.year % 100:02d}-{index + 1:04d}"
        skills = draw_skills(lab, rng)
        fill = profiles.words(self.contents, lab, thesis, studies, skills, rng)
        publications = profiles.publications(texts, fill, studies, number, self.today, rng)
        return Draft(number, lab, studies, thesis, texts, skills, fill, publications)

    def _student(self, index: int, person: Person, decision: Decision, draft: Draft, rng: Random) -> DemoStudent:
        studies = draft.studies
        return DemoStudent(
            number=draft.number,
            given_name=person.given,
            family_name=person.family,
            native_name=person.native,
            email=f"{person.mailbox}@{_DOMAIN}",
            phone=_phone(index, rng),
            programme=studies.programme,
            degree=studies.degree,
            graduation_date=studies.graduation,
            thesis_title=draft.thesis.title,
            thesis_abstract=draft.thesis.abstract,
            headline=profiles.headline(draft.texts, draft.fill, rng),
            summary=profiles.summary(draft.texts, draft.fill, rng),
            projects=profiles.projects(draft.texts, draft.fill, rng),
            home_city=rng.choice(person.group.home),
            work_cities=tuple(sorted(rng.sample(self.cities, rng.choice((0, 0, 1, 2, 3, 4))))),
            willing_to_travel=rng.choice((True, True, False, None)),
            available_from=self._available_from(studies, rng),
            placed=studies.is_graduate and rng.random() < 0.06,
            memberships=studies.memberships,
            supervisions=studies.supervisions,
            claims=draw_claims(draft.skills, self._backing(draft), rng),
            languages=profiles.languages(person, rng),
            publications=draft.publications,
            links=profiles.links(person, index, draft.lab.area, rng),
            consents=decision.consents,
            blocks=decision.blocks,
        )

    def _available_from(self, studies: Studies, rng: Random) -> date | None:
        if rng.random() < 0.15:
            return None
        if studies.is_graduate:
            return self.today + timedelta(days=rng.randint(-60, 150))
        return studies.graduation + timedelta(days=rng.randint(1, 90))

    def _backing(self, draft: Draft) -> Backing:
        return Backing(
            studies=draft.studies,
            thesis=draft.thesis,
            publications=draft.publications,
            supervisors=[self.by_key[each.professor] for each in draft.studies.supervisions],
            lab_names={slug: lab.name for slug, lab in self.labs.items()},
            texts=draft.texts,
            today=self.today,
        )


def _phone(index: int, rng: Random) -> str:
    """With the area code 000, which nobody has; absent for a fifth."""
    if rng.random() < 0.2:
        return ""
    return f"+7 000 {index:03d}-{rng.randrange(100):02d}-{rng.randrange(100):02d}"
