"""Skills named in texts: under any name, in both languages, inflected; and what is not one."""

import pytest

from search.recognition import Recogniser, recogniser
from tests.search.shipped_reference import pk, shipped, slugs

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def known() -> Recogniser:
    return recogniser(shipped())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("We used quantitative PCR and HPLC.", {"qpcr", "hplc"}),
        ("real-time PCR", {"qpcr"}),
        ("ПЦР в реальном времени", {"qpcr"}),
        ("Анализ методами ВЭЖХ и ИФА", {"hplc", "elisa"}),
        ("методы машинного обучения", {"machine-learning"}),
        ("секвенирования нового поколения", {"ngs"}),
        ("редактированию генома растений", {"plant-genome-editing"}),
        ("deployed on k8s with Docker", {"kubernetes", "docker"}),
        ("CRISPR/Cas9 knock-outs", {"crispr"}),
        ("писал на питоне", {"python"}),
        ("C++ and C# services", {"cpp", "csharp"}),
        ("density-functional theory", {"dft"}),
        ("optimisation of physical exercise", set()),
        ("на стене и в саду", set()),
        ("", set()),
    ],
)
def test_texts_name_skills(known: Recogniser, text: str, named: set[str]) -> None:
    assert named <= slugs(known.skills_in([text]))
    if not named:
        assert slugs(known.skills_in([text])) == set()


@pytest.mark.parametrize(
    ("texts", "beside", "skill", "meant"),
    [
        (["Statistics in R and Python"], [], "r", True),
        (["R"], [], "r", False),
        (["vitamin R deficiency of mice"], [], "r", False),
        (["Python services", "and some Go"], [], "go", True),
        (["Python services to go live"], [], "go", False),
        (["wrote it in Go"], ["rust"], "go", True),
        (["ML for images with PyTorch"], [], "machine-learning", True),
        (["5 ML of buffer"], [], "machine-learning", False),
    ],
)
def test_an_ambiguous_name_counts_beside_a_related_skill(
    known: Recogniser, texts: list[str], beside: list[str], skill: str, meant: bool
) -> None:
    found = known.skills_in(texts, [pk(slug) for slug in beside])
    assert (skill in slugs(found)) is meant


def test_the_longest_name_wins_and_each_mention_counts(known: Recogniser) -> None:
    found = known.skills_in(["quantitative PCR, then quantitative PCR again"])
    assert [shipped().skills.by_pk[one].slug for one in found] == ["qpcr", "qpcr"]


def test_names_do_not_reach_from_one_text_into_the_next(known: Recogniser) -> None:
    assert "machine-learning" not in slugs(known.skills_in(["a machine", "learning"]))
