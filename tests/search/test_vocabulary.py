from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crm.text import fold
from search.vocabulary import SkillEntry, VocabularyError, load
from search.vocabulary.checks import check

pytestmark = pytest.mark.once

# Every spelling in the files that university offices sent, and the skill it must mean.
SPELLINGS = {
    "bioinformatics": ["Bioinformatics"],
    "cell-culture": ["Cell culture", "cell culturing"],
    "cpp": ["C++"],
    "crispr": ["CRISPR", "CRISPR-Cas9", "CRISPR/Cas9"],
    "deep-learning": ["Deep learning"],
    "dft": ["Density functional theory", "DFT"],
    "electrochemistry": ["Electrochemistry"],
    "elisa": ["ELISA", "ИФА", "enzyme-linked immunosorbent assay"],
    "finite-element-analysis": ["FEA", "Finite element analysis"],
    "flow-cytometry": ["FACS", "Flow cytometry"],
    "gmp": ["GMP", "good manufacturing practice"],
    "hplc": ["HPLC", "ВЭЖХ", "high-performance liquid chromatography"],
    "kubernetes": ["k8s", "Kubernetes"],
    "machine-learning": ["Machine learning", "machine learning"],
    "mass-spectrometry": ["mass spec", "Mass spectrometry"],
    "matlab": ["MATLAB", "Matlab"],
    "ngs": ["NGS", "Next-generation sequencing"],
    "pcr": ["ПЦР", "PCR", "polymerase chain reaction"],
    "python": ["Python", "python"],
    "pytorch": ["pytorch", "PyTorch"],
    "qpcr": ["qPCR", "real-time PCR"],
    "r": ["R"],
    "raman-spectroscopy": ["Raman spectroscopy"],
    "rnai": ["RNAi", "RNA interference"],
    "rt-pcr": ["RT-PCR", "reverse transcription PCR"],
    "sql": ["SQL"],
    "western-blot": ["Western blot", "Western blotting"],
}
GOOD = SkillEntry("pcr", "wet", "PCR", "ПЦР", ("polymerase chain reaction",), ("цепная реакция",))
OTHER = SkillEntry("qpcr", "wet", "qPCR", "кПЦР", ("real-time PCR",), (), ("pcr",))


@pytest.fixture(scope="module")
def vocabulary() -> dict[str, SkillEntry]:
    return {entry.slug: entry for entry in load()}


def above(vocabulary: dict[str, SkillEntry], slug: str) -> Iterator[str]:
    for broader in vocabulary[slug].broader:
        yield broader
        yield from above(vocabulary, broader)


def test_the_shipped_vocabulary_keeps_its_rules_and_is_large(vocabulary: dict[str, SkillEntry]) -> None:
    assert len(vocabulary) >= 800
    assert min(Counter(entry.domain for entry in vocabulary.values()).values()) >= 20


@pytest.mark.parametrize(("slug", "spelling"), [(slug, name) for slug, names in SPELLINGS.items() for name in names])
def test_every_spelling_of_the_offices_means_one_skill(
    slug: str, spelling: str, vocabulary: dict[str, SkillEntry]
) -> None:
    meant = {each.slug for each in vocabulary.values() if fold(spelling) in {fold(name) for name in each.names}}
    assert meant == {slug}


@pytest.mark.parametrize(
    ("narrow", "broad"),
    [
        ("qpcr", "pcr"),
        ("pcr", "molecular-biology"),
        ("qpcr", "molecular-biology"),
        ("pytorch", "deep-learning"),
        ("pytorch", "machine-learning"),
        ("base-editing", "genome-editing"),
        ("lc-ms", "chromatography"),
        ("postgresql", "databases"),
    ],
)
def test_broader_skills_are_reached_step_by_step(narrow: str, broad: str, vocabulary: dict[str, SkillEntry]) -> None:
    assert broad in set(above(vocabulary, narrow))
    assert narrow not in set(above(vocabulary, broad))


def test_most_skills_have_aliases_in_both_languages(vocabulary: dict[str, SkillEntry]) -> None:
    without = [entry.slug for entry in vocabulary.values() if not entry.aliases_en or not entry.aliases_ru]
    assert len(without) < len(vocabulary) / 5


def test_good_entries_pass() -> None:
    check([GOOD, OTHER])


def test_two_skills_may_share_a_name_that_both_mark() -> None:
    check(
        [
            replace(GOOD, aliases_en=("CC",), ambiguous=("CC",)),
            replace(OTHER, aliases_en=("C-C", "cc"), ambiguous=("C-C", "CC")),
        ]
    )


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ([replace(GOOD, slug="P C R")], "no slug"),
        ([replace(GOOD, slug="p" * 81)], "no slug"),
        ([GOOD, GOOD], "used by 2 skills"),
        ([replace(GOOD, label_ru="")], "no label"),
        ([replace(GOOD, label_en=" ")], "no label"),
        ([replace(GOOD, aliases_en=("",))], "empty"),
        ([replace(GOOD, aliases_en=("x" * 121,))], "too long"),
        ([replace(GOOD, aliases_ru=(" ПЦР-тест",))], "spaces"),
        ([replace(GOOD, aliases_ru=("Polymerase  Chain Reaction",))], "twice"),
        ([replace(GOOD, aliases_ru=("пцр",))], "twice"),
        ([GOOD, replace(OTHER, aliases_ru=("ЦЕПНАЯ реакция",))], "means both 'pcr' and 'qpcr'"),
        ([GOOD, replace(OTHER, aliases_en=("PCR",))], "means both 'pcr' and 'qpcr'"),
        ([replace(GOOD, ambiguous=("PQR",)), OTHER], "none of its names"),
        ([replace(GOOD, aliases_en=("PC",)), OTHER], "not marked as ambiguous"),
        (
            [
                GOOD,
                replace(OTHER, aliases_en=("R T",), ambiguous=("R T",)),
                replace(OTHER, slug="rt", aliases_en=("R-T",)),
            ],
            "means both",
        ),
        ([GOOD, replace(OTHER, broader=())], "stands alone"),
        ([GOOD, replace(OTHER, broader=("pcr", "alchemy"))], "unknown broader skills: alchemy"),
        ([replace(GOOD, broader=("pcr",))], "circle"),
        ([replace(GOOD, broader=("qpcr",)), OTHER], "circle"),
    ],
)
def test_each_rule_refuses_what_breaks_it(entries: list[SkillEntry], complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint):
        check(entries)


@pytest.mark.parametrize(
    "text",
    [
        "[pcr",
        '[pcr]\nlabel = "PCR"\naliases = { en = [], ru = [] }\nbroader = []\n',
        '[pcr]\nlabel = { en = "PCR", ru = "ПЦР" }\nbroader = []\n',
        '[pcr]\nlabel = { en = "PCR", ru = "ПЦР" }\naliases = { en = [], ru = [] }\nbroader = []\nx = 1\n',
        "pcr = 3\n",
    ],
)
def test_a_broken_file_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "wet.toml").write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"wet\.toml"):
        load(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="No skills"):
        load(tmp_path)


def test_the_same_slug_in_two_files_is_refused(tmp_path: Path) -> None:
    table = '[pcr]\nlabel = { en = "PCR", ru = "ПЦР" }\naliases = { en = [], ru = [] }\nbroader = []\n'
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(table, encoding="utf-8")
    with pytest.raises(VocabularyError, match="used by 2 skills"):
        load(tmp_path)
