"""What a word finds: one table of texts and queries, read by both engines."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from crm.errors import Invalid
from search.engines.contract import Document, Engine, SearchRequest
from search.projections import _finish
from search.sorting import SORTS
from search.words import DEEPEST, All, Prefix, parse_words
from tests.search.contract.asking import ENGINES, OFFICE, audience, build, engine_of
from tests.search.contract.corpus import documents, people
from tests.search.contract.facts import VERESK
from tests.search.contract.oracle import Viewer

TEXTS = [
    # stored, finds it, does not
    ("Sequencing of tumour cells", ["sequence", "SEQUENCED cell", "tumours"], ["sequel", "sequencing dna"]),
    ("Редактирование генома растений", ["редактирования", "РАСТЕНИЕ", "геномов"], ["редактор"]),
    ("Анализ генома", ["геном", "Геномом"], ["ген", "гена"]),
    ("Машинное обучение", ["обучению", "машинного обучения"], ["машина времени"]),
    ("Ёмкость аккумулятора", ["емкость", "ёмкости"], ["ямкость"]),
    ("Учет образцов", ["учёт", "учёта"], []),
    ("Café culture, naïve Bayes", ["cafe", "CAFÉS", "naive bayes"], ["nave"]),
    ("Cafe\u0301 with a combining accent", ["café", "cafe"], []),
    ("Ångström units", ["angstrom", "A\u030angstro\u0308m"], []),
    ("Йодометрия", ["йодометрия", "и\u0306одометрия"], ["иодометрия"]),
    ("C++ templates", ["C++", "c++ template", '"C++ templates"'], ["C", "C#", "-C++"]),
    ("C# and ASP.NET", ["c#", "asp.net", "ASP", '"asp net"'], ["C", "C++"]),
    ("Programming in C", ["c", "C programming"], ["C++", "C#"]),
    ("Node.js services", ["node.js", "NODE js", '"node js"', "js"], ["nodejs", '"js node"']),
    ("RT-PCR protocol", ["rt-pcr", "RT PCR", "pcr", '"rt pcr"'], ["rtpcr", "pcr-rt"]),
    ("PCR, later RT", ["pcr rt"], ["rt-pcr"]),
    ("I don't know", ["don't", "don’t", "don t"], ["dont"]),
    ("IL-6 and TNF-α levels", ["il-6", "tnf-α", "α"], ["il-60", "il"[:1]]),
    ("ﬁne ﬂow", ["fine", "flow", "ﬁne"], ["ﬁn"]),
    ("ＣＲＩＳＰＲ in full width", ["crispr"], []),
    ("H₂O and m²", ["h2o", "m2"], ["h2"]),
    ("Straße und Straßen", ["strasse", "STRASSE"], []),
    ("snake_case_name", ["snake", "case_name"], ["snakecase"]),
    ("50% of the 3D-printed", ["50", "3d", "3d-printed", "print"], ["3"]),
    ("https://example.org/path?q=1", ["example.org", "path"], []),
    ("½ and ﷺ and ͺ inside aͺb", ['"ﷺ and"', '"and ͺ inside"', "aͺb", "½"], ["¶"]),
    ("first second third", ['"second third"', '"first second third"', "third first"], ['"third second"']),
    ("fourth", ["fourth"], ['"fourth fifth"']),
]
"""`fifth` stands in the text after `fourth`, in the same field."""

PREFIXES = [
    # given, family, native, prefixes that find it, that do not
    ("Sanna", "Vale", "", ["s", "SA", "sann", "sanna", "val", "sa va", "vale sanna"], ["anna", "sv", "vales"]),
    ("Anna-Maria", "O'Neil", "", ["mar", "anna-m", "o'n", "neil"], ["annam", "oneil"]),
    ("Żaneta", "Łukasik", "", ["z", "ża", "lu", "łukas"], []),
    ("Fyodor", "Semenov", "Фёдор Семёнов", ["ф", "фед", "ФЁДОР", "семе", "семён", "fyodor сем"], ["ё", "едор"]),
    ("Йожеф", "Кох", "", ["й", "йо"], ["и"]),
    (
        "Bartholomew-Maximilian",
        "Featherstonehaughs",
        "",
        ["bartholome", "bartholomew", "featherstonehaugh"],
        ["feathersx"],
    ),
    ("C++", "Plus*", "", ["c", "c++", "plus"], ["c+x", ".*", "p.us"]),
    ("Runs", "Networks", "", ["runs", "network"], ["running", "networksx"]),
]

SHELF = 1_000


def stored(pk: int, **fields: Any) -> Document:
    base = replace(
        people()[0],
        pk=pk,
        headline="",
        thesis_title="",
        texts=(),
        skills={},
        labs=frozenset(),
        native="",
        programme="",
        placed=False,
        given="Anna",
        family="Anna",
    )
    document = dict(documents(base).families["full"][0] or {})
    return _finish({}, {name: value for name, value in document.items() if name not in WORDS} | BLANK | fields)


BLANK = {name: [""] for name in ("names", "headline", "skills", "thesis_title", "affiliation", "texts", "number")}
WORDS = {*BLANK, "digest"}


@pytest.fixture(scope="module", params=ENGINES)
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    from search.engines.contract import StudentDocuments

    texts = {pk: stored(pk, texts=[text, "fifth"]) for pk, (text, *_) in enumerate(TEXTS)}
    names = {
        SHELF + n: stored(SHELF + n, names=[given, family, native], name=f"{n:03}")
        for n, (given, family, native, *_) in enumerate(PREFIXES)
    }
    with engine_of(request.param, tmp_path_factory.mktemp("shelf")) as engine:
        build(engine, [StudentDocuments(pk, 1, {"full": {0: made}}) for pk, made in (texts | names).items()])
        yield engine


def found(engine: Engine, query: object) -> set[int]:
    text = parse_words(query) if isinstance(query, str) else query
    answer = engine.search(SearchRequest(audience(OFFICE), text, sort=SORTS["name"], limit=100))  # type: ignore[arg-type]
    return {hit.student_id for hit in answer.hits}


@pytest.mark.parametrize("pk", range(len(TEXTS)), ids=[text for text, *_ in TEXTS])
def test_a_text_is_found_by_these_queries_and_by_no_others(shelf: Engine, pk: int) -> None:
    _, finding, missing = TEXTS[pk]
    assert {query: pk in found(shelf, query) for query in finding} == dict.fromkeys(finding, True)
    parsed = [query for query in missing if query not in {"¶"}]
    assert {query: pk in found(shelf, query) for query in parsed} == dict.fromkeys(parsed, False)


@pytest.mark.parametrize("n", range(len(PREFIXES)), ids=[" ".join(row[:2]) for row in PREFIXES])
def test_a_name_is_found_by_the_beginnings_of_its_words(shelf: Engine, n: int) -> None:
    from search.analysis import tokens

    *_, finding, missing = PREFIXES[n]

    def finds(prefix: str) -> bool:
        words = tokens(prefix)
        return bool(words) and SHELF + n in found(shelf, All(tuple(map(Prefix, words))))

    assert {prefix: finds(prefix) for prefix in finding} == dict.fromkeys(finding, True)
    assert {prefix: finds(prefix) for prefix in missing} == dict.fromkeys(missing, False)


def test_a_name_is_found_as_written_and_not_by_its_stem(shelf: Engine) -> None:
    runs = SHELF + len(PREFIXES) - 1
    assert runs in found(shelf, "runs networks")
    assert runs not in found(shelf, "run")
    assert runs not in found(shelf, "network")


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("first NOT fourth", True),
        ("first -second", False),
        ('first -"third second"', True),
        ('NOT "second third"', False),
        ("NOT fourth", True),
        ("absent OR third", True),
        ("absent third", False),
        ("(absent OR first) AND (second OR absent)", True),
        ("NOT (absent OR first)", False),
        ("NOT NOT first", True),
        ("-(absent first)", True),
        ("NOT absent NOT missing", True),
        ("(NOT absent) OR fourth", True),
    ],
)
def test_operators_mean_what_they_say(shelf: Engine, query: str, finds: bool) -> None:
    texts = [text for text, *_ in TEXTS]
    assert (texts.index("first second third") in found(shelf, query)) is finds


def test_the_deepest_tree_that_the_language_allows_is_answered(shelf: Engine) -> None:
    query = "first -absent"
    for _ in range(DEEPEST):
        query = f"first -(absent OR {query})"
    assert len(found(shelf, query)) == 1
    with pytest.raises(Invalid):
        parse_words(f"first -(absent OR {query})")


def test_a_number_is_found_by_the_university_alone(loaded: Engine) -> None:
    one = next(person for person in people() if person.levels.get(None) and person.partners_until > 10**13)
    text = parse_words(one.number)
    for viewer, finds in ((OFFICE, True), (Viewer("partner", VERESK), False)):
        hits = loaded.search(SearchRequest(audience(viewer), text, sort=SORTS["name"])).hits
        assert (one.pk in {hit.student_id for hit in hits}) is finds
