"""The requests: random but the same at each run, drawn from what students have, with what the engine is then asked."""

import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from crm import reference
from crm.access import reach_of
from crm.models import LabMembership, SkillClaim, Student, User
from search import candidates, suggestions
from search.analysis import plain, stem, tokens
from search.audiences import audience_for
from search.candidates import find_candidates
from search.engines.contract import Engine, Found, SearchRequest
from search.query import parse_query
from search.recognition import recogniser
from search.suggestions import suggest
from search.understanding import Understanding
from search.words import parse_words
from tests.bench import words

Parameters = dict[str, list[str]]
FULL_PAGE = 100
RICH, MERE = "skills in words", "the same in quotes"


@dataclass(frozen=True)
class Kind:
    name: str
    make: Callable[["Asking"], Parameters]
    least: int = 1
    """Requests with fewer candidates are drawn again."""
    size: int | None = None
    has_rivals: bool = True
    """Whether the expert's and the plain way can answer such requests."""


@dataclass
class Request:
    kind: str
    parameters: Parameters
    searches: list[SearchRequest]
    count: int
    differences: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        page = "suggest/" if self.kind == "suggest" else ""
        return f"{page}?{urlencode(self.parameters, doseq=True)}"

    def asked_now(self, user: User) -> list[SearchRequest]:
        """What the engine is asked at this moment: consents hold until a time, so each request differs a little."""
        audience = audience_for(reach_of(user))
        return [replace(search, audience=audience) for search in self.searches]


@dataclass
class Recorder:
    """Stands for the engine and keeps what it was asked."""

    engine: Engine
    asked: list[SearchRequest] = field(default_factory=list)

    def search(self, request: SearchRequest) -> Found:
        self.asked.append(request)
        return self.engine.search(request)


class Asking:
    def __init__(self, engine: Engine, user: User, students: int) -> None:
        self.engine, self.user, self.students = engine, user, students
        self.chance = random.Random(5)
        self.known = reference.current()
        self.comparable = comparable_words()
        self.prefixes = sorted(self._beginnings())

    def requests(self, kind: Kind, count: int) -> list[Request]:
        found: list[Request] = []
        for _ in range(400 * count):
            made = self._request(kind, kind.make(self))
            if made and made.count >= self.least(kind):
                found.append(made)
            if len(found) == count:
                break
        if not found:
            raise RuntimeError(f"Among so few students nothing has {kind.least} candidates for {kind.name!r}.")
        return [found[place % len(found)] for place in range(count)]

    def least(self, kind: Kind) -> int:
        """Among few students full pages cannot be had."""
        return min(kind.least, max(1, self.students // 500))

    def _request(self, kind: Kind, parameters: Parameters) -> Request | None:
        """With what the product asks the engine for it."""
        recorder = Recorder(self.engine)
        if "prefix" in parameters:
            suggestions.engine = lambda: recorder  # type: ignore[assignment, return-value] # the bench listens in
            answers = suggest(user=self.user, prefix=parameters["prefix"][0])
            return Request(kind.name, parameters, recorder.asked, len(answers))
        if not all(parameters.values()):
            return None
        parameters |= {"page_size": [str(kind.size)]} if kind.size else {}
        query = parse_query(parameters)
        if kind.least > 1 and find_count(self.engine, self.user, parameters) < self.least(kind):
            return None
        candidates.engine = lambda: recorder  # type: ignore[assignment, return-value] # the bench listens in
        page = find_candidates(user=self.user, query=query)
        return Request(kind.name, parameters, recorder.asked, page.count)

    def student(self) -> int:
        return self.chance.randint(1, self.students)

    def filters(self) -> Parameters:
        """A lab and two skills of somebody."""
        pk = self.student()
        skills = list(SkillClaim.objects.filter(student_id=pk).values_list("skill_id", "level"))
        labs = list(LabMembership.objects.filter(student_id=pk).values_list("lab_id", flat=True))
        return {
            "lab": [self.known.labs.by_pk[labs[0]].slug],
            "skill": [self._skill_or_broader(*claim) for claim in self.chance.sample(skills, 2)],
        }

    def _skill_or_broader(self, skill: int, level: int) -> str:
        """Half of them are broader ones, a third ask for a level besides."""
        if self.chance.random() < 0.5:
            skill = self.chance.choice(sorted(self.known.broader[skill]))
        asked = f":{min(level, 3)}" if self.chance.random() < 0.3 else ""
        return f"{self.known.skills.by_pk[skill].slug}{asked}"

    def broad_filters(self) -> Parameters:
        """One of the large labs or two, and two skills that many have."""
        labs = self.chance.sample(sorted(self.known.labs.by_pk)[:12], 2)
        pk = self.student()
        below = list(SkillClaim.objects.filter(student_id=pk).values_list("skill_id", flat=True))
        broad = {above for skill in below for above in self.known.broader[skill]}
        skills = self.chance.sample(sorted(broad), 2)
        return {
            "lab": [self.known.labs.by_pk[lab].slug for lab in labs],
            "skill": [self.known.skills.by_pk[skill].slug for skill in skills],
        }

    def text(self) -> Parameters:
        """One to three words of somebody's texts; some with a lab or from a year on besides."""
        student = Student.objects.get(pk=self.student())
        found = {
            word
            for text in (student.thesis_title, student.thesis_abstract, student.summary)
            for word in re.findall(r"\w+", text.lower())
            if word in self.comparable
        }
        count = self.chance.choice((1, 2, 2, 3))
        if len(found) < count:
            return {"q": []}
        parameters = {"q": [" ".join(self.chance.sample(sorted(found), count))]}
        also = self.chance.random()
        if also < 0.3 and count == 1:
            lab = LabMembership.objects.filter(student_id=student.pk).values_list("lab_id", flat=True)[0]
            parameters["lab"] = [self.known.labs.by_pk[lab].slug]
        elif also > 0.6 and student.graduation_date:
            parameters["graduation_from"] = [str(student.graduation_date.year)]
        return parameters

    def in_words(self) -> Parameters:
        """Two skills of somebody, one of them perhaps a broader one, as they are called; some with a word besides."""
        pk = self.student()
        claimed = list(SkillClaim.objects.filter(student_id=pk).values_list("skill_id", flat=True))
        first, second = self.chance.sample(claimed, 2)
        if self.chance.random() < 0.5:
            second = self.chance.choice(sorted(self.known.broader[second]))
        labels = [self.known.skills.by_pk[skill].label.lower() for skill in (first, second)]
        more = self.text()["q"] if self.chance.random() < 0.3 else []
        return {"q": [" ".join([*labels, *more[:1]])]}

    def in_quotes(self) -> Parameters:
        """The same kind of words, as mere words."""
        return {"q": [" ".join(f'"{word}"' for word in self.in_words()["q"][0].split())]}

    def prefix(self) -> Parameters:
        """One to four letters with which a name, a lab or a skill begins."""
        return {"prefix": [self.chance.choice(self.prefixes)[: self.chance.choice((1, 2, 3, 3, 4))]]}

    def _beginnings(self) -> Iterator[str]:
        yield from (
            entry.label.lower() for names in (self.known.labs, self.known.skills) for entry in names.by_pk.values()
        )
        yield from (name.lower() for name in (*words.GIVEN, *words.RU_GIVEN, *words.FAMILY_STARTS, *words.RU_FAMILY))


def reading_ms(requests: Sequence[Request]) -> float:
    """Median milliseconds in which a query is recognised, once the vocabulary is in memory."""
    known = recogniser(reference.current())
    trees = [tree for request in requests if (tree := parse_words(request.parameters["q"][0]))]
    times = []
    for tree in trees:
        begin = time.perf_counter()
        Understanding(known).read(tree)
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def find_count(engine: Engine, user: User, parameters: Parameters) -> int:
    query = parse_query(parameters)
    audience = audience_for(reach_of(user))
    return engine.search(SearchRequest(audience, query.text, query.conditions, limit=1)).count


def comparable_words() -> frozenset[str]:
    """Words that `icontains` finds in the same texts as the product's stems, so that counts can be compared."""
    known = reference.current()
    labels = (entry.label for names in (known.labs, known.skills, known.programmes) for entry in names.by_pk.values())
    made = [word for russian in (False, True) for word in words.vocabulary(russian)[0]]
    people = [*words.GIVEN, *words.FAMILY_STARTS, *words.RU_GIVEN, *words.RU_FAMILY]
    everything = {word.lower() for text in (*labels, *made, *people) for word in tokens(text)}
    everything |= {f"{start}{end}".lower() for start in words.FAMILY_STARTS for end in words.FAMILY_ENDS}
    one_text = "\n".join(sorted(everything))
    candidates_for = [word for word in made if len(word) > 5 and tokens(word) == [word] and plain(word) == word]
    forms: dict[str, set[str]] = {}
    for word in everything:
        forms.setdefault(stem(word), set()).add(word)
    return frozenset(word for word in candidates_for if _containing(word, one_text) == forms[stem(word)])


def _containing(part: str, lines: str) -> set[str]:
    return set(re.findall(rf".*{re.escape(part)}.*", lines))


KINDS = (
    Kind("filters", Asking.filters, least=10),
    Kind("filters, 100", Asking.broad_filters, least=FULL_PAGE, size=FULL_PAGE),
    Kind("text", Asking.text, least=2),
    Kind("text, 100", Asking.text, least=FULL_PAGE, size=FULL_PAGE),
    Kind(RICH, Asking.in_words, least=2, has_rivals=False),
    Kind(MERE, Asking.in_quotes, least=2, has_rivals=False),
    Kind("suggest", Asking.prefix),
)
