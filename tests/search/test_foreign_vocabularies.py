"""Vocabularies of others from files: three formats that say the same, and files that are refused."""

import io
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm.concept_imports.concepts import Concept
from crm.errors import DomainError
from crm.models import Skill, SkillConcept
from search.vocabulary.foreign import read_concepts

DATA = Path(__file__).parent.parent / "data" / "vocabularies"
ESCO = ["skills_en.csv", "skills_ru.csv", "skillGroups_en.csv", "broaderRelationsSkillPillar_en.csv"]
FILES = [["quorb.ttl"], ["quorb.rdf"], ESCO]
BASE = "https://vocabulary.example/"
TURTLE = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix q: <https://vocabulary.example/> .\n"
XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">'
CONCEPT = '<skos:Concept rdf:about="https://vocabulary.example/a"><skos:prefLabel xml:lang="en">{}</skos:prefLabel></skos:Concept>'


def read(folder: Path, name: str, text: str, format: str | None = None) -> dict[str, Concept]:
    (folder / name).write_text(text, encoding="utf-8")
    return {concept.uri: concept for concept in read_concepts([folder / name], format)}


@pytest.mark.parametrize("names", FILES, ids=["turtle", "xml", "esco"])
def test_every_format_says_the_same_of_every_concept(names: list[str]) -> None:
    found = {concept.uri.removeprefix(BASE): concept for concept in read_concepts([DATA / name for name in names])}
    assert found.keys() == {"quorbing", "cold", "warm", "lukewarm"}
    top, cold, warm, lukewarm = (found[name] for name in ("quorbing", "cold", "warm", "lukewarm"))
    assert (top.label, top.label_ru, top.names, top.obsolete) == ("Quorbing", "Кворбинг", (), False)
    assert (cold.label, cold.label_ru, cold.broader) == ("Cold quorbing", "Холодный кворбинг", (top.uri,))
    assert set(cold.names) == {"Frost-quorbing", "Cold quorbing, US", "ХКВ", "cold quorbng"}
    assert (warm.obsolete, warm.replaced_by, warm.broader) == (True, (cold.uri,), (top.uri,))
    assert (lukewarm.obsolete, lukewarm.replaced_by) == (True, ())
    assert not any(concept.refusal() for concept in found.values())


def test_names_without_a_language_are_told_by_their_letters(tmp_path: Path) -> None:
    (found,) = read(
        tmp_path, "a.ttl", TURTLE + 'q:a a skos:Concept ; skos:prefLabel "Alpha", "Альфа", "Alfa"@de .'
    ).values()
    assert (found.label, found.label_ru, found.names) == ("Alpha", "Альфа", ())


def test_replacement_may_be_said_from_the_other_side(tmp_path: Path) -> None:
    text = TURTLE + "q:a a skos:Concept . q:b a skos:Concept ; <http://purl.org/dc/terms/replaces> q:a ."
    assert read(tmp_path, "a.ttl", text)[f"{BASE}a"].replaced_by == (f"{BASE}b",)


def test_relative_addresses_and_blank_nodes_name_no_concept(tmp_path: Path) -> None:
    found = read(tmp_path, "a.ttl", TURTLE + '<a> a skos:Concept ; skos:prefLabel "A"@en . [] a skos:Concept .')
    assert [bool(concept.refusal()) for concept in found.values()] == [True, True]
    assert str(tmp_path) not in "".join(found)


def test_a_format_may_be_told_where_the_name_does_not_tell_it(tmp_path: Path) -> None:
    text = TURTLE + 'q:a a skos:Concept ; skos:prefLabel "A"@en .'
    with pytest.raises(DomainError, match=r"vocabulary\.txt does not tell its format"):
        read(tmp_path, "vocabulary.txt", text)
    assert read(tmp_path, "vocabulary.txt", text, "turtle").keys() == {f"{BASE}a"}


BOMB = '<!ENTITY a "quorbquorb"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">'


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.ttl", TURTLE + 'q:a a skos:Concept ;\n skos:prefLabel "A"@en }', r"a\.ttl, line 3"),
        (
            "a.ttl",
            TURTLE + 'q:a a skos:Concept . q:b skos:prefLabel "open',
            "a.ttl is damaged after https://vocabulary.example/a",
        ),
        ("a.ttl", TURTLE, "no concepts"),
        ("a.ttl", "", "no concepts"),
        ("a.rdf", XML + "\n<skos:Concept>", r"a\.rdf, line 2"),
        ("a.rdf", "", r"a\.rdf, line 1"),
        ("a.rdf", '<?xml version="1.0" encoding="quorb"?><a/>', "encoding"),
        ("a.rdf", f"<!DOCTYPE r [{BOMB}]>{XML}{CONCEPT.format('&c;')}</rdf:RDF>", "declares the entity 'a'"),
        (
            "a.rdf",
            f'<!DOCTYPE r [<!ENTITY a "http{"x" * 300}">]>{XML}{CONCEPT.format("&a;")}</rdf:RDF>',
            "the entity 'a'",
        ),
        (
            "a.rdf",
            f'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>{XML}{CONCEPT.format("&a;")}</rdf:RDF>',
            "the entity 'a'",
        ),
        ("a.rdf", f'<!DOCTYPE r [<!ENTITY % a SYSTEM "http://a.example/"> %a;]>{XML}</rdf:RDF>', "the entity 'a'"),
        ("a.rdf", f'<!DOCTYPE r SYSTEM "http://a.example/a.dtd">{XML}</rdf:RDF>', "nothing is loaded from outside"),
        ("skills_de.csv", "conceptUri,preferredLabel\nhttps://a.example/a,A\n", "only en and ru"),
        ("skills_en.csv", "uri,label\nhttps://a.example/a,A\n", "conceptUri, preferredLabel"),
        ("skills_en.csv", "", "empty"),
    ],
)
def test_a_bad_file_is_refused_with_the_place_and_the_reason(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(DomainError, match=said):
        read(tmp_path, name, text)


def test_a_bad_line_of_a_csv_file_stops_no_other(tmp_path: Path) -> None:
    text = "conceptUri,preferredLabel\n,Nameless\nnot an address,A\nhttps://a.example/b,B\n"
    found = read_concepts_of(tmp_path, text)
    assert [(concept.where, bool(concept.refusal())) for concept in found] == [
        ("skills_en.csv, line 3", True),
        ("skills_en.csv, line 4", False),
        ("skills_en.csv, line 2", True),
    ]


def read_concepts_of(folder: Path, text: str) -> list[Concept]:
    (folder / "skills_en.csv").write_text(text, encoding="utf-8")
    return read_concepts([folder / "skills_en.csv"])


def test_nothing_is_asked_of_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network is asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    imports = '<rdf:Description rdf:about=""><owl:imports xmlns:owl="http://www.w3.org/2002/07/owl#" rdf:resource="http://a.example/"/></rdf:Description>'
    assert read(tmp_path, "a.rdf", f"{XML}{imports}{CONCEPT.format('A')}</rdf:RDF>").keys() == {f"{BASE}a"}
    assert read(
        tmp_path,
        "a.ttl",
        TURTLE + "<> <http://www.w3.org/2002/07/owl#imports> <http://a.example/> . q:a a skos:Concept .",
    )


# The command ----------------------------------------------------------------------------------------------------------


def run(*arguments: object, **options: Any) -> dict[str, Any]:
    """The command's JSON; every concept is accounted for."""
    out = io.StringIO()
    call_command("import_skills", *map(str, arguments), "--json", stdout=out, stderr=io.StringIO(), **options)
    result: dict[str, Any] = json.loads(out.getvalue())
    assert (
        sum(result[name] for name in ("created", "updated", "unchanged", "joined", "obsolete", "rejected"))
        == result["concepts"]
    )
    return result


@pytest.mark.django_db
@pytest.mark.parametrize("names", FILES, ids=["turtle", "xml", "esco"])
def test_files_are_imported_once_and_not_twice(names: list[str]) -> None:
    paths = [DATA / name for name in names]
    first = run(*paths, "--under", "crispr")
    assert (first["created"], first["obsolete"], first["changed"]) == (2, 2, True)
    cold = Skill.objects.get(slug="cold-quorbing")
    assert (cold.label_ru, cold.broader.get().slug) == ("Холодный кворбинг", "quorbing")
    assert cold.broader.get().broader.get().slug == "crispr"
    second = run(*paths, "--under", "crispr")
    assert (second["unchanged"], second["obsolete"], second["changed"]) == (2, 2, False)


@pytest.mark.django_db
def test_one_vocabulary_is_the_same_in_another_format() -> None:
    run(DATA / "quorb.ttl", "--under", "crispr")
    assert not run(*(DATA / name for name in ESCO), "--under", "crispr")["changed"]


@pytest.mark.django_db
def test_options_choose_roots_and_rehearse() -> None:
    result = run(DATA / "quorb.ttl", "--under", "crispr", "--root", "cold-quorbing", "--dry-run")
    assert (result["created"], result["dry_run"], SkillConcept.objects.exists()) == (1, True, False)
    assert run(DATA / "quorb.ttl", "--root", f"{BASE}cold", "--under", "crispr")["created"] == 1
    assert Skill.objects.get(slug="cold-quorbing").broader.get().slug == "crispr"


@pytest.mark.django_db
def test_words_say_what_became_of_the_concepts(tmp_path: Path) -> None:
    text = (
        TURTLE
        + 'q:a a skos:Concept ; skos:prefLabel "Квант"@ru . q:b a skos:Concept ; skos:prefLabel "Quorb"@en ; skos:altLabel "PCR"@en .'
    )
    (tmp_path / "a.ttl").write_text(text, encoding="utf-8")
    out, words = io.StringIO(), io.StringIO()
    call_command("import_skills", str(tmp_path / "a.ttl"), "--under", "crispr", stdout=out, stderr=words)
    assert "2 concepts: 1 created, 0 updated, 0 unchanged, 0 joined, 0 obsolete, 1 rejected." in out.getvalue()
    assert f"a.ttl, {BASE}a: It has no English label" in out.getvalue()
    assert "“PCR” names the skill pcr: left with it." in words.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([DATA / "quorb.ttl", "--under", "nowhere"], "no skill 'nowhere'"),
        ([DATA / "quorb.ttl", "--under", "crispr", "--root", "nowhere"], "“nowhere”"),
        ([DATA / "none.ttl", "--under", "crispr"], r"none\.ttl"),
        ([DATA / "none.csv", "--under", "crispr"], r"none\.csv"),
    ],
)
def test_one_sentence_says_what_is_wrong(arguments: list[object], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)
