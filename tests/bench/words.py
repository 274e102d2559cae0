"""Word lists of the bench and texts made of them; no word comes from a real profile."""

import random
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, product


def _list(words: str) -> list[str]:
    return words.split()


PREFIXES = _list("nano micro bio electro photo thermo hydro immuno neuro cyto geno proteo pharmaco radio magneto poly")
ROOTS = _list(
    "crystal polymer sensor catalyst membrane vector reactor antibody enzyme receptor scaffold plasmid laser gel"
    " electrode battery isotope spectrum cell tissue filter lattice pathway signal tumour organoid graph kernel"
    " cluster model matrix gradient tensor protocol assay reagent inhibitor substrate ligand peptide lipid genome"
    " mutation biopsy serum vaccine pathogen microscope detector beam plasma film alloy pigment solvent crystalliser"
)
PLAIN = _list(
    "design analysis method results study development improvement comparison measurement simulation validation growth"
    " screening response control network structure surface transport stability selection expression delivery imaging"
    " diagnostics therapy storage synthesis separation recognition optimisation prediction quality clinical early rapid"
    " robust novel reliable quantitative portable automated low-cost high-throughput patient donor hospital laboratory"
)
LINKS = _list("of for with in and under from by using through")

RU_PREFIXES = _list("нано микро био электро фото термо гидро иммуно нейро цито магнито поли")
RU_ROOTS = _list(
    "кристалл полимер датчик катализатор реактор фермент рецептор электрод изотоп спектр сигнал граф кластер метод"
    " протокол реагент ингибитор субстрат лиганд пептид геном штамм детектор сплав пигмент растворитель анализатор"
)
RU_ENDINGS = ("", "а", "ов", "ами")
RU_PLAIN = _list(
    "разработка исследование анализ улучшение сравнение измерение моделирование рост отбор управление структура"
    " поверхность перенос устойчивость доставка диагностика терапия хранение синтез разделение распознавание качество"
    " клинический быстрый надёжный новый количественный переносной ранний пациент больница лаборатория опыт вывод"
)
RU_LINKS = _list("для из при под от без через после")

GIVEN = _list("Alma Boris Clio Dario Edda Fedor Greta Hugo Ilma Jonas Kira Lev Mira Nils Olga Pavel Rhea Simo Tova Yan")
FAMILY_STARTS = _list(
    "Alder Birch Cedar Dorn Elm Fern Grove Hazel Iver Juni Kest Lind Maple North Oren Pine Rowan Sorn"
)
FAMILY_ENDS = _list("sen man ova ford well ley stein berg ini ski dal wick mark by holm gard")
RU_GIVEN = _list("Алма Борис Клио Дарий Эдда Фёдор Грета Илма Кира Лев Мира Ольга Павел Рея Симо Ян")
RU_FAMILY = _list("Ольхин Берёзов Кедров Дорнов Вязов Рощин Орехов Ясенев Липов Клёнов Северов Соснин Рябинин Кустов")

FIELDS = _list(
    "Applied Molecular Computational Structural Quantum Industrial Cellular Optical Chemical Marine Soil Solar"
)
SUBJECTS = _list(
    "Catalysis Genomics Robotics Photonics Imaging Toxicology Rheology Metrology Virology Enzymology Cryptography"
    " Ecology Proteomics Optimisation Electrochemistry Neuroscience Spectroscopy Pharmacology Hydrology Crystallography"
    " Acoustics Logistics Immunology Metallurgy Bioinformatics Microscopy Ceramics"
)
TECHNIQUES = _list(
    "mapping modelling printing sorting tracing coating etching labelling profiling tuning casting milling"
)


@lru_cache(maxsize=2)
def vocabulary(russian: bool) -> tuple[list[str], list[float]]:
    """Words from the most to the least frequent, and their cumulated weights (Zipf's law, flattened at the head)."""
    if russian:
        forms = [f"{p}{r}{e}" for p, r, e in product(("", *RU_PREFIXES), RU_ROOTS, RU_ENDINGS)]
        plain, links = RU_PLAIN, RU_LINKS
    else:
        forms = [f"{p}{r}{e}" for p, r, e in product(("", *PREFIXES), ROOTS, ("", "s"))]
        plain, links = PLAIN, LINKS
    random.Random(17).shuffle(forms)
    words = [*links, *plain, *forms]
    return words, list(accumulate(1 / (rank + 12) for rank in range(len(words))))


def some_words(chance: random.Random, count: int, *, russian: bool) -> list[str]:
    words, weights = vocabulary(russian)
    return chance.choices(words, cum_weights=weights, k=count)


def sentences(chance: random.Random, count: int, *, russian: bool) -> str:
    """Several sentences of about 14 words."""
    return " ".join(
        " ".join(some_words(chance, chance.randint(9, 18), russian=russian)).capitalize() + "." for _ in range(count)
    )


def title(chance: random.Random, *, russian: bool) -> str:
    return " ".join(some_words(chance, chance.randint(5, 10), russian=russian)).capitalize()


def person(chance: random.Random, *, russian: bool) -> tuple[str, str, str]:
    """Given name, family name, and the name in its own script where that is not Latin."""
    given = chance.choice(GIVEN)
    family = chance.choice(FAMILY_STARTS) + chance.choice(FAMILY_ENDS)
    return given, family, f"{chance.choice(RU_GIVEN)} {chance.choice(RU_FAMILY)}" if russian else ""


def zipf(count: int, *, head: int = 8) -> Sequence[float]:
    """Cumulated weights of `count` things of falling frequency; a larger head is flatter."""
    return list(accumulate(1 / (rank + head) for rank in range(count)))
