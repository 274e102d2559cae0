"""Each document is for one audience; no request goes without one."""

from dataclasses import replace

import pytest

from crm.access import Reach, Role
from crm.errors import NotAllowed
from search.audiences import audience_for
from search.engines.contract import Engine, SearchRequest
from search.filters import Condition, Either, Terms, Without
from tests.search.contract.asking import OFFICE, audience, ids, request, write
from tests.search.contract.corpus import documents, people
from tests.search.contract.facts import (
    EVALUATED,
    FOR_EVER,
    NEWCOMER,
    NOW,
    PARTNERS,
    PROFESSORS,
    PROFILE,
    QUILLWAVE,
    VERESK,
)
from tests.search.contract.oracle import Params, Viewer, view

EVERYBODY: Params = {"placed": ["any"], "page_size": ["100"], "sort": ["updated"]}
ONE = replace(people()[0], placed=False, skills={"python": 4}, evidence={"python": "shared"}, partners_until=FOR_EVER)
ALL_VIEWERS = [
    OFFICE,
    Viewer("admin"),
    *(Viewer("professor", pk) for pk in PROFESSORS),
    *(Viewer("partner", pk) for pk in PARTNERS),
]


@pytest.mark.parametrize("viewer", ALL_VIEWERS)
def test_each_viewer_finds_exactly_those_they_see_and_each_once(loaded: Engine, viewer: Viewer) -> None:
    read = [pk for page in (1, 2, 3) for pk in ids(loaded, viewer, {**EVERYBODY, "page": [str(page)]})]
    assert sorted(read) == [one.pk for one in people() if view(one, viewer)]


LEVELS = [
    # what is named, what the others may, partner, sees the profile, sees evidence
    ({}, None, VERESK, False, False),
    ({}, PROFILE, VERESK, True, False),
    ({}, EVALUATED, NEWCOMER, True, True),
    ({VERESK: PROFILE}, 0, VERESK, True, False),
    ({VERESK: PROFILE}, 0, QUILLWAVE, False, False),
    ({VERESK: EVALUATED}, PROFILE, VERESK, True, True),
    ({VERESK: EVALUATED}, PROFILE, QUILLWAVE, True, False),
    ({VERESK: PROFILE}, EVALUATED, VERESK, True, False),
    ({VERESK: PROFILE}, EVALUATED, QUILLWAVE, True, True),
    ({VERESK: 0}, EVALUATED, VERESK, False, False),
    ({VERESK: 0}, PROFILE, QUILLWAVE, True, False),
    ({VERESK: 0}, PROFILE, VERESK, False, False),
    ({VERESK: PROFILE, QUILLWAVE: EVALUATED}, 0, VERESK, True, False),
    ({VERESK: PROFILE, QUILLWAVE: EVALUATED}, 0, QUILLWAVE, True, True),
    ({VERESK: PROFILE, QUILLWAVE: EVALUATED}, 0, NEWCOMER, False, False),
]


def test_a_partner_reads_at_its_own_level_and_evidence_only_at_the_highest(engine: Engine) -> None:
    write(
        engine,
        *(
            documents(replace(ONE, pk=pk, levels={**named, **({} if rest is None else {None: rest})}))
            for pk, (named, rest, *_) in enumerate(LEVELS, start=1)
        ),
    )
    for pk, (_, _, partner, profile, evidence) in enumerate(LEVELS, start=1):
        viewer = Viewer("partner", partner)
        assert (pk in ids(engine, viewer)) is profile, LEVELS[pk - 1]
        assert (pk in ids(engine, viewer, {"evidenced": ["true"]})) is evidence, LEVELS[pk - 1]
        assert (pk in ids(engine, viewer, {"evidenced": ["true"], "skill": ["python:4"]})) is evidence


def test_a_document_ends_at_its_millisecond(engine: Engine) -> None:
    seen = replace(ONE, levels={None: PROFILE}, current_labs=frozenset({"lab-1"}))
    ends = {1: NOW - 1, 2: NOW, 3: NOW + 1}
    write(
        engine,
        *(documents(replace(seen, pk=pk, partners_until=end, professors_until=end)) for pk, end in ends.items()),
    )
    for viewer in (Viewer("partner", VERESK), Viewer("professor", 21)):
        assert ids(engine, viewer) == [3]
    assert sorted(ids(engine, OFFICE)) == [1, 2, 3]


def test_a_professor_without_labs_finds_only_whom_they_supervise(engine: Engine) -> None:
    base = replace(ONE, professors_until=FOR_EVER, current_labs=frozenset({"lab-1"}))
    write(engine, documents(replace(base, pk=1)), documents(replace(base, pk=2, supervisors=frozenset({23}))))
    assert ids(engine, Viewer("professor", 23)) == [2]


def test_excluded_students_are_in_no_hit_count_or_facet(engine: Engine) -> None:
    some = [replace(one, placed=False, degree="phd") for one in people()[:8]]
    write(engine, *(documents(one) for one in some))
    gone = frozenset({3, 5, *range(1_000, 1_998)})
    found = engine.search(request(OFFICE, {"degree": ["phd"]}, excluded=gone))
    assert sorted(hit.student_id for hit in found.hits) == [1, 2, 4, 6, 7, 8]
    assert found.count == 6
    assert found.facets["degree"] == [("phd", 6)]
    words = ("not", ("word", "absent"))
    assert engine.search(request(OFFICE, tree=words, excluded=frozenset(range(1, 9)))).count == 0


def test_no_request_is_made_without_an_audience() -> None:
    with pytest.raises(TypeError):
        SearchRequest()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "reach",
    [None, Reach(Role.STUDENT, student_id=1), *(Reach(role) for role in (Role.PROFESSOR, Role.PARTNER, Role.STUDENT))],
)
def test_whoever_does_not_search_has_no_audience(reach: Reach | None) -> None:
    with pytest.raises(NotAllowed):
        audience_for(reach)


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        (Terms("lab", ()), 0),
        (Either(()), 0),
        (Either((Terms("lab", ()), Terms("lab", ("404",)))), 0),
        (Without(Terms("lab", ())), len(people())),
        (Without(Without(Terms("degree", ("phd",)))), sum(one.degree == "phd" for one in people())),
        (Without(Either(())), len(people())),
    ],
)
def test_a_condition_without_values_holds_for_nobody(loaded: Engine, condition: Condition, count: int) -> None:
    assert loaded.search(SearchRequest(audience(OFFICE), conditions=[("lab", condition)])).count == count
