"""What an answer says of the words of a query, and who is found by other names, in the other language, by a slip."""

import pytest

from crm.errors import Invalid
from crm.models import City, Student, User
from tests import cast
from tests.conftest import Index
from tests.visibility.searching import search

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(index: Index) -> dict[str, Student]:
    made = {
        "claims": cast.student("Anna Birch", skills={"qpcr": 4}),
        "writes": cast.student("Boris Shchukin", summary="Validated assays by real-time PCR."),
        "narrower": cast.student("Vera Oak", skills={"pytorch": 3}),
        "nobody": cast.student("Gleb Elm", summary="Grows roses."),
    }
    index.catch_up()
    return made


@pytest.fixture
def office() -> User:
    return cast.office()


def names(user: User, **params: str) -> list[str]:
    return [result["name"] for result in search(user, **params).results]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("qPCR", ["Anna Birch", "Boris Shchukin"]),
        ("ПЦР в реальном времени", ["Anna Birch", "Boris Shchukin"]),
        ("количественную ПЦР", ["Anna Birch", "Boris Shchukin"]),
        ("machine learning", ["Vera Oak"]),
        ("машинному обучению", ["Vera Oak"]),
        ("pytorhc", ["Vera Oak"]),
        ("Щукин", ["Boris Shchukin"]),
        ("Schukin", ["Boris Shchukin"]),
        ("Shchukni", ["Boris Shchukin"]),
        ("hjps", []),
        ("roses and pytorch", ["Vera Oak", "Gleb Elm"]),
        ("roses AND pytorch", []),
        ('"machine learning"', []),
    ],
)
def test_who_is_found(people: dict[str, Student], office: User, query: str, found: list[str]) -> None:
    assert names(office, q=query) == found


def test_the_answer_says_what_was_understood(people: dict[str, Student], office: User) -> None:
    page = search(office, q="количественную ПЦР")
    assert page.understood == {
        "concepts": [
            {
                "text": "количественную ПЦР",
                "kind": "skill",
                "slug": "qpcr",
                "label": page.results[0]["match"]["skills"][0]["label"],
                "name": page.understood["concepts"][0]["name"],
                "how": "alias",
                "excluded": False,
            }
        ],
        "corrections": [],
        "ignored": [],
        "words_needed": "all",
    }
    assert page.did_you_mean is None


def test_what_is_taken_back_is_said(people: dict[str, Student], office: User) -> None:
    page = search(office, q="qpcr -(pytorch OR python) roses")
    assert page.understood
    excluded = {concept["slug"]: concept["excluded"] for concept in page.understood["concepts"]}
    assert excluded == {"qpcr": False, "pytorch": True, "python": True}


def test_what_was_mended_is_said_and_offered(people: dict[str, Student], office: User) -> None:
    page = search(office, q="pytorhc")
    assert page.understood
    assert page.understood["corrections"] == [{"text": "pytorhc", "to": "pytorch", "how": "fuzzy"}]
    assert page.did_you_mean == "PyTorch"
    assert search(office, q="Shchukni").did_you_mean == "Shchukin"


def test_a_name_in_the_other_language_is_offered_where_somebody_claims_the_skill(office: User, index: Index) -> None:
    cast.student("Ilma Hazel", skills={"rust": 4}, summary="Рост кристаллов.")
    index.catch_up()
    assert search(office, q="руст").did_you_mean == "раст"


def test_words_are_mended_as_whole_words(office: User, index: Index) -> None:
    cast.student("Ilma Hazel", skills={"pytorch": 4}, summary="All about pytorchvision.")
    index.catch_up()
    assert search(office, q="pytorchvision pytorhc").did_you_mean == "pytorchvision PyTorch"


def test_fewer_words_are_said(people: dict[str, Student], office: User) -> None:
    page = search(office, q="roses pytorch")
    assert page.understood
    assert page.understood["words_needed"] == {"at_least": 1, "of": 2}
    missing = [result["match"]["missing"] for result in page.results]
    assert missing == [{"skills": [], "labs": [], "words": ["roses"]}, {"skills": ["pytorch"], "labs": [], "words": []}]


@pytest.mark.parametrize("query", ["pytorch Moscow", "pytorch Москва", "pytorch в Москве"])
def test_whoever_lives_in_a_city_is_found_by_it(
    people: dict[str, Student], office: User, index: Index, query: str
) -> None:
    moscow = City.objects.get(slug="moscow")
    cast.student("Mira Rowan", skills={"pytorch": 2}, home_city=moscow)
    index.catch_up()
    page = search(office, q=query)
    assert [result["name"] for result in page.results] == ["Mira Rowan"]
    (word,) = page.results[0]["match"]["words"]
    assert (word["in"], page.results[0]["match"]["missing"]["words"]) == (["home_city"], [])


@pytest.mark.parametrize(
    "query", ["pytorch, speaks German", "german pytorch", "pytorch со знанием немецкого", "pytorch deutsch"]
)
def test_whoever_speaks_a_language_is_found_by_it(
    people: dict[str, Student], office: User, index: Index, query: str
) -> None:
    cast.student("Mira Rowan", skills={"pytorch": 2}, languages=[{"code": "de", "level": "B1"}])
    cast.student("Ilma Hazel", skills={"pytorch": 4}, languages=[{"code": "de", "level": "A2"}])
    index.catch_up()
    page = search(office, q=query)
    assert [result["name"] for result in page.results] == ["Mira Rowan"]
    match = page.results[0]["match"]
    assert match["missing"] == {"skills": [], "labs": [], "words": []}
    parts = (*match["words"], *match["skills"])
    assert "languages" in {place for part in parts for place in part.get("in", ())}


@pytest.mark.parametrize(
    "query", ["qPCR", "qPCR roses", "machine learning pytorch", "Щукин assays", "roses", "pytorhc"]
)
def test_shares_add_up_to_a_hundred(people: dict[str, Student], office: User, query: str) -> None:
    page = search(office, q=query)
    assert page.results
    for result in page.results:
        parts = [part for kind in ("skills", "labs", "words") for part in result["match"][kind]]
        assert sum(part["share"] for part in parts) == 100, result["match"]


def test_a_match_says_how(people: dict[str, Student], office: User) -> None:
    how = {r["name"]: [(s["by"], s["how"]) for s in r["match"]["skills"]] for r in search(office, q="qPCR").results}
    assert how == {"Anna Birch": [("qpcr", "exact")], "Boris Shchukin": [("qpcr", "text")]}
    (vera,) = search(office, q="machine learning").results
    assert [(s["by"], s["how"]) for s in vera["match"]["skills"]] == [("pytorch", "narrower")]


def test_nothing_is_offered_or_mended_by_whom_the_viewer_does_not_see(people: dict[str, Student], index: Index) -> None:
    hanna = cast.representative(cast.partner())
    page = search(hanna, q="Shchukni")
    assert (page.count, page.did_you_mean, page.results) == (0, None, [])
    cast.consent(people["writes"])
    index.catch_up()
    assert search(hanna, q="Shchukni").did_you_mean == "Shchukin"


HOSTILE = [
    *(
        "(" * 8 + "a" + ")" * 8,
        "(" * 300,
        "a " * 31,
        "a " * 500,
        "-" * 200,
        '"' * 7,
        '""',
        "AND",
        "OR OR",
        "NOT NOT NOT a",
        "a AND",
        "(a",
        "a)",
    ),
    *(
        "*",
        "?",
        "a*",
        "*a*",
        "a?b",
        "a~2",
        "a^5",
        "/a.*/",
        "[a TO b]",
        "{a TO b}",
        "field:a",
        "_exists_:x",
        "a:b:c",
        "\\",
        "a\\",
        "+a -b",
        "a && b || !c",
    ),
    *(
        "'; DROP TABLE crm_student; --",
        "1 OR 1=1",
        "' UNION SELECT 1 --",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "<script>alert(1)</script>",
        "%00",
        "\x00",
        "a\x00b",
        "\x1b[31m",
    ),
    *(
        "\u202eabc\u202c",
        "\u200b\u200b",
        "a\u200bb",
        "\u2028",
        "\ufeffa",
        "ﷺ" * 20,
        "𝕬𝖇𝖈",
        "🧬🧪",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L",
        "ａｂｃ",
        "ᚠᛇᚻ",
        "你好 世界",
        "שלום",
        "مرحبا",
        "ß" * 256,
        "i\u0307" * 100,
    ),
    *(
        "a" * 256,
        "a" * 257,
        "ё" * 256,
        "a b " * 16,
        "x OR " * 15 + "x",
        "pyton " * 20,
        "хроматографиия " * 10,
        "gbnjy " * 30,
        "NaN",
        "null",
        "true",
        "0x41",
        "1e309",
        "-0",
    ),
]


@pytest.mark.usefixtures("people")
def test_hostile_queries_are_answered_or_refused_with_the_field(office: User) -> None:
    def refused(query: str) -> list[str] | None:
        """The fields that are named; None for an answer."""
        try:
            search(office, q=query)
        except Invalid as refusal:
            return list(refusal.fields)
        return None

    assert [query for query in HOSTILE if refused(query) not in (None, ["q"])] == []
