"""The documents of this suite have the shape that students get in life."""

import pytest

from search.engines.contract import Document, Engine
from search.fields import FAMILIES, Kind, fields_of
from search.outbox import state_of
from tests import cast
from tests.search.contract.corpus import documents, people

TYPES = {
    **dict.fromkeys((Kind.NAMES, Kind.SOUNDS, Kind.TEXT, Kind.MENTIONS), str),
    Kind.TOKENS: list,
    Kind.NUMBER: int,
    Kind.SORT_KEY: str,
}


def shape(document: Document | None) -> set[str]:
    return set(document or ())


@pytest.mark.django_db
def test_corpus_and_projection_make_the_same_fields() -> None:
    student = cast.student(skills={"crispr": 4}, labs=[cast.lab()])
    cast.consent(student, None, "evaluations")
    cast.consent(student, cast.partner())
    made = state_of({student.pk: 1})[0][0].families
    known = documents(next(one for one in people() if one.levels.get(None) == 2 and one.evidence)).families
    assert shape(made["full"][0]) == shape(known["full"][0])
    assert shape(made["partners"][2]) == shape(known["partners"][2])


@pytest.mark.parametrize("family", FAMILIES)
def test_every_declared_field_is_written_with_its_kind(family: str) -> None:
    found = {
        name: value
        for one in people()
        for made in documents(one).families[family].values()
        if made
        for name, value in made.items()
        if value is not None
    }
    declared = {field.name: TYPES[field.kind] for field in fields_of(family) if field.name != "version"}
    assert {name: type(value) for name, value in found.items()} == declared


def test_the_corpus_holds_what_makes_engines_stumble() -> None:
    everybody = people()
    assert len({one.updated for one in everybody}) < len(everybody) / 2
    assert any(one.graduation is None for one in everybody)
    assert any(one.available is None for one in everybody)
    assert any(one.levels for one in everybody)
    assert any(not one.levels for one in everybody)
    texts = " ".join(one.headline for one in everybody)
    assert all(sign in texts for sign in ("C++", "C#", "Node.js", "RT-PCR", "don't", "ё", "é", "редактирование"))


def test_the_engine_of_a_family_takes_every_field(loaded: Engine) -> None:
    assert {item.version for family in FAMILIES for item in loaded.stored(family)} == {1, 2}
