"""Every parameter of candidate search: what it takes, what it refuses and how it says so."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import reference
from crm.errors import Invalid
from search.filters import Between, Terms
from search.parameters import DEEPEST_HIT, FACETS, MOST_VALUES, PARAMETERS
from search.query import CandidateQuery, parse_query
from search.sorting import SORTS, Position
from search.values import write_cursor
from search.words import Word
from tests import cast
from tests.search.contract.facts import known

PLACED = ("placed", Terms("placed", ("false",)))
CURSOR = Position(1_700_000_000_000, "0123456789abcdef0123456789abcdef")


@pytest.fixture(autouse=True)
def _reference() -> Iterator[None]:
    with mock.patch.object(reference, "current", known):
        yield


def read(params: dict[str, Any]) -> CandidateQuery:
    return parse_query({name: value if isinstance(value, list) else [value] for name, value in params.items()})


CONDITIONS: list[tuple[dict[str, Any], list[Any]]] = [
    ({"lab": "lab-0"}, [Terms("lab", ("1",))]),
    ({"lab": ["lab-0", "lab-2", "lab-0"]}, [Terms("lab", ("1", "3"))]),
    ({"lab": "Cell Diagnostics 3 lab"}, [Terms("lab", ("4",))]),
    ({"lab": "00000000-0000-0000-0000-000000000065"}, [Terms("lab", ("1",))]),
    ({"skill": "python"}, [Terms("skill_level", ("2>1",))]),
    ({"skill": "PYTHON:3"}, [Terms("skill_level", ("2>3",))]),
    ({"skill": ["c++:5", "C#"]}, [Terms("skill_level", ("3>5",)), Terms("skill_level", ("4>1",))]),
    ({"skill_any": ["pcr:2", "rt-pcr"]}, [Terms("skill_level", ("6>2", "7>1"))]),
    ({"evidenced": "true"}, [Terms("evidenced", ("any",))]),
    ({"evidenced": "1", "skill": "pcr:2"}, [Terms("evidenced_level", ("6>2",))]),
    ({"evidenced": "TRUE", "skill_any": "pcr"}, [Terms("evidenced_level", ("6>1",))]),
    ({"evidenced": "false"}, []),
    ({"evidenced": "0", "skill": "pcr"}, [Terms("skill_level", ("6>1",))]),
    ({"programme": ["life", "data"]}, [Terms("programme", ("1", "3"))]),
    ({"degree": ["phd", "Master"]}, [Terms("degree", ("phd", "master"))]),
    ({"graduation_from": "2024"}, [Between("graduation", low=date(2024, 1, 1).toordinal())]),
    ({"graduation_to": "2024"}, [Between("graduation", low=1, high=date(2024, 12, 31).toordinal())]),
    ({"available_by": "2027-02-28"}, [Between("available", high=date(2027, 2, 28).toordinal())]),
    ({"city": "kazan"}, [Terms("city", ("1",))]),
    ({"language": ["ru:B2", "EN"]}, [Terms("language_level", ("ru>4",)), Terms("language_level", ("en>1",))]),
    ({"language": "de:c2"}, [Terms("language_level", ("de>6",))]),
    ({"lab": " lab-0 "}, [Terms("lab", ("1",))]),
    ({"lab": ["", "lab-0", " "]}, [Terms("lab", ("1",))]),
    (dict.fromkeys(PARAMETERS, ""), []),
]

SHAPES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"page": 1, "page_size": 20, "sort": SORTS["updated"], "facets": FACETS, "text": None, "position": None}),
    ({"q": "a"}, {"text": Word("a"), "sort": SORTS["relevance"]}),
    ({"q": "  "}, {"text": None, "sort": SORTS["updated"]}),
    ({"q": "a", "sort": "updated"}, {"sort": SORTS["updated"]}),
    ({"sort": "relevance"}, {"sort": SORTS["updated"]}),
    ({"sort": "Name"}, {"sort": SORTS["name"]}),
    ({"sort": "graduation", "cursor": write_cursor(CURSOR)}, {"position": CURSOR, "sort": SORTS["graduation"]}),
    ({"cursor": write_cursor(CURSOR)}, {"position": CURSOR}),
    ({"page": "100", "page_size": "100"}, {"page": 100, "page_size": 100}),
    ({"page": "10000", "page_size": "1"}, {"page": 10_000}),
    ({"page": "500"}, {"page": 500}),
    ({"facets": "none"}, {"facets": ()}),
    ({"facets": "false"}, {"facets": ()}),
    ({"facets": "all"}, {"facets": FACETS}),
    ({"facets": ["city,lab", "language"]}, {"facets": (FACETS[0], FACETS[5], FACETS[6])}),
]

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"colour": "red"}, "colour", "Unknown parameter"),
    ({"colour": ""}, "colour", "Unknown parameter"),
    ({"LAB": "lab-0"}, "LAB", "Unknown parameter"),
    ({"lab": "nowhere"}, "lab", "Unknown lab 'nowhere'"),
    ({"lab": ["lab-0", "nowhere"]}, "lab", "nowhere"),
    ({"lab": [f"lab-{n}" for n in range(MOST_VALUES + 1)]}, "lab", "33 values are too many"),
    ({"skill": "juggling"}, "skill", "Unknown skill 'juggling'"),
    ({"skill": "juggling:3"}, "skill", "Unknown skill 'juggling'"),
    *(({"skill": f"pcr:{level}"}, "skill", "between 1 and 5") for level in ("0", "6", "-1", "x", "", "33", "1.5", "٣")),
    ({"skill_any": "juggling"}, "skill_any", "juggling"),
    ({"skill_any": "pcr:9"}, "skill_any", "between 1 and 5"),
    ({"evidenced": "maybe"}, "evidenced", "'maybe'"),
    ({"evidenced": ["true", "false"]}, "evidenced", "2 values"),
    ({"programme": "astrology"}, "programme", "Unknown programme"),
    ({"degree": "doctor"}, "degree", "bachelor, master, phd"),
    *(
        ({"graduation_from": year}, "graduation_from", "year")
        for year in ("20", "1899", "2200", "-2024", "2024.5", "now")
    ),
    ({"graduation_to": "twenty"}, "graduation_to", "year"),
    ({"graduation_from": "2025", "graduation_to": "2024"}, "graduation_to", "before"),
    ({"graduation_to": ["2024", "2025"]}, "graduation_to", "2 values"),
    *(
        ({"available_by": day}, "available_by", "date")
        for day in (
            "2027-02-30",
            "tomorrow",
            "30.06.2027",
            "2027-6-1",
            "20270601",
            "0000-01-01",
            "2027-W01-1",
            "2027-01-01T00:00",
        )
    ),
    ({"city": "atlantis"}, "city", "Unknown city"),
    ({"language": "russian"}, "language", "two or three letters"),
    ({"language": "r"}, "language", "two or three letters"),
    ({"language": "ru:B3"}, "language", "A1, A2, B1, B2, C1, C2"),
    ({"language": "ru:"}, "language", "A1"),
    ({"language": "ру"}, "language", "two or three letters"),
    ({"placed": "perhaps"}, "placed", "true, false, any"),
    ({"q": '"open'}, "q", "not closed"),
    ({"q": "(a"}, "q", "not closed"),
    ({"q": "x" * 257}, "q", "257 characters"),
    ({"q": "a " * 33}, "q", "33 terms"),
    ({"q": ["a", "b"]}, "q", "2 values"),
    ({"q": "***"}, "q", "no word"),
    ({"sort": "salary"}, "sort", "relevance, updated, graduation, name"),
    ({"sort": "-name"}, "sort", "'-name'"),
    *(({"page": page}, "page", "whole number") for page in ("0", "-1", "1.0", "two", "10001", "9" * 400, "²", "1e3")),
    ({"page": "501"}, "page", "10,000"),
    ({"page": "101", "page_size": "100"}, "page", "10,000"),
    *(({"page_size": size}, "page_size", "from 1 to 100") for size in ("0", "101", "-5", "many")),
    *(
        ({"cursor": cursor}, "cursor", "cursor")
        for cursor in (
            *("x", "====", "ё", "bnVsbA==", "W10=", "WzEsMiwzXQ==", "W" * 5_000),
            write_cursor(Position(-1, CURSOR.public_id)),
            write_cursor(Position(2**42, CURSOR.public_id)),
            write_cursor(Position(True, CURSOR.public_id)),
            write_cursor(Position(1, "0")),
            write_cursor(Position(1, CURSOR.public_id, backwards=1)),  # type: ignore[arg-type]
        )
    ),
    ({"cursor": write_cursor(CURSOR), "page": "2"}, "cursor", "either"),
    ({"cursor": write_cursor(CURSOR), "sort": "name"}, "cursor", "sort=updated"),
    ({"cursor": write_cursor(CURSOR), "q": "a"}, "cursor", "sort=updated"),
    ({"facets": "colour"}, "facets", "'colour'"),
    ({"facets": "lab,,city"}, "facets", "none of"),
]


@pytest.mark.parametrize(("params", "conditions"), CONDITIONS)
def test_parameters_make_these_conditions(params: dict[str, Any], conditions: list[Any]) -> None:
    found = read(params).conditions
    assert PLACED in found
    assert [condition for pair in found if pair != PLACED for condition in pair[1:]] == conditions
    assert {name for name, _ in found} <= {*params, "placed"}


@pytest.mark.parametrize(
    ("params", "wanted"),
    [({}, ["false"]), ({"placed": "false"}, ["false"]), ({"placed": "true"}, ["true"]), ({"placed": "any"}, None)],
)
def test_the_hired_are_left_out_unless_asked_for(params: dict[str, Any], wanted: list[str] | None) -> None:
    assert read(params).conditions == ((("placed", Terms("placed", tuple(wanted))),) if wanted else ())


@pytest.mark.parametrize(("params", "shape"), SHAPES)
def test_parameters_shape_the_answer(params: dict[str, Any], shape: dict[str, Any]) -> None:
    query = read(params)
    assert {name: getattr(query, name) for name in shape} == shape


@pytest.mark.parametrize(("params", "field", "sentence"), REFUSED)
def test_what_cannot_be_taken_names_its_field_and_says_why(params: dict[str, Any], field: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(params)
    assert list(refusal.value.fields) == [field]
    assert sentence in refusal.value.fields[field][0]
    assert refusal.value.status == 400


def test_all_wrong_fields_are_named_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        read({"lab": "x", "skill": "y:1", "q": '"', "page": "0", "city": "kazan", "foo": "bar"})
    assert set(refusal.value.fields) == {"lab", "skill", "q", "page", "foo"}


def test_each_parameter_stands_in_these_tables() -> None:
    good = {name for params, _ in [*CONDITIONS[:-1], *SHAPES] for name in params} | {"placed"}
    assert good == {field for _, field, _ in REFUSED} - {"colour", "LAB"} == set(PARAMETERS)


def test_a_cursor_that_was_written_is_read() -> None:
    for place in (CURSOR, Position(0, "0" * 32, backwards=True), Position(2**42 - 1, "f" * 32)):
        assert read({"cursor": write_cursor(place)}).position == place


def test_depth_ends_at_hit_ten_thousand_whatever_the_page_size() -> None:
    for size in (1, 7, 20, 99, 100):
        last = DEEPEST_HIT // size
        assert read({"page": str(last), "page_size": str(size)}).page == last
        with pytest.raises(Invalid):
            read({"page": str(last + 1), "page_size": str(size)})


@pytest.mark.django_db
def test_the_examples_of_the_description_are_good() -> None:
    cast.lab("Genome Editing")
    cast.programme("Life Sciences")
    mock.patch.stopall()
    real = reference._read(None, None)
    with mock.patch.object(reference, "current", return_value=real):
        for parameter in PARAMETERS.values():
            if parameter.example:
                assert parameter.name in read({parameter.name: parameter.example}).values


STRANGE = ["pcr:3", "pcr:9", "true", "any", "phd", "2025", "2027-01-01", "ru", "ru:B2", "updated", "2", "100"]
STRANGE += ["lab,city", "none", "", " ", "\0", "a OR b", write_cursor(CURSOR)]
VALUES = st.sampled_from([*known().labs.by_name, *known().skills.by_name, *STRANGE]) | st.text(max_size=20)


@settings(max_examples=300, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*PARAMETERS, "other"]), st.lists(VALUES, max_size=3), max_size=5))
def test_any_parameters_are_a_query_or_invalid_with_fields_that_were_given(params: dict[str, list[str]]) -> None:
    query = query_or_refusal(params)
    if isinstance(query, CandidateQuery):
        assert query.page * query.page_size <= DEEPEST_HIT
        return
    assert query.fields
    assert set(query.fields) <= set(params)
    assert all(sentences and all(sentences) for sentences in query.fields.values())


def query_or_refusal(params: dict[str, list[str]]) -> CandidateQuery | Invalid:
    try:
        return parse_query(params)
    except Invalid as refusal:
        return refusal
