"""Names of people: a full name in one cell, and supervisors as files write them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crm.imports.errors import Rejected
from crm.imports.values import Unclear, quoted
from crm.models import Professor
from crm.text import fold

_CYRILLIC = re.compile(r"[а-яё]", re.I)
_TITLES = re.compile(
    r"\b(?:prof(?:essor)?|dr|doctor|associate|assistant|academician|sc|phd|проф(?:ессор)?|доц(?:ент)?|доктор|акад(?:емик)?"
    r"|чл-?корр|[дк]\.? ?(?:т|х|б|м|ф-м|ф\.-м|э|г-м|г\.-м)\.? ?н|[дк]-р)\b\.?",
    re.I,
)


def has_cyrillic(text: str) -> bool:
    return _CYRILLIC.search(text) is not None


def split_full_name(text: str, *, field: str = "full_name") -> tuple[str, str]:
    """(family, given): 'Family, Given', else the family name is first in Cyrillic and last in Latin letters."""
    family, comma, given = (part.strip() for part in text.partition(","))
    words = text.split()
    if not comma and len(words) > 1:
        at_end = not has_cyrillic(text)
        family, given = (words[-1], " ".join(words[:-1])) if at_end else (words[0], " ".join(words[1:]))
    if not family or not given:
        raise Rejected(f"{field}: {quoted(text)} is no full name: a family and a given name are needed.")
    return family, given


def with_middle_name(given: str, middle: str) -> str | None:
    """Both names, the middle one once. None where they do not go together, or are too long for one field."""
    if not given or has_cyrillic(given) != has_cyrillic(middle):
        return None
    if set(fold(middle).split()) <= set(fold(given).split()):
        return given
    joined = f"{given} {middle}"
    return joined if len(joined) <= 100 else None


@dataclass(frozen=True, slots=True)
class _Known:
    pk: int
    family: tuple[str, ...]
    given: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\w'’-]+", fold(text).replace("’", "'")))


@dataclass
class Supervisors:
    """The professors of the database, found by family name and, where that is not enough, given name or initials."""

    _by_word: dict[str, list[_Known]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls) -> "Supervisors":
        supervisors = cls()
        for pk, family, given, native in Professor.objects.values_list(
            "pk", "family_name", "given_name", "native_name"
        ):
            supervisors._add(_Known(pk, _words(family), _words(given)))
            words = _words(native)
            # Which word of a native name is the family name is not said: it is the first or the last.
            for at in {0, len(words) - 1} if words else ():
                supervisors._add(_Known(pk, words[at : at + 1], words[:at] + words[at + 1 :]))
        return supervisors

    def _add(self, known: _Known) -> None:
        if known.family:
            self._by_word[known.family[0]].append(known)

    def find(self, text: str) -> int:
        """The primary key of the one professor meant. Raises Unclear for none or several."""
        words = _words(_TITLES.sub(" ", text))
        fitting = list(self._fitting(words))
        exact = {known.pk for known, sure in fitting if sure} or {known.pk for known, sure in fitting}
        if not exact:
            raise Unclear(f"Unknown supervisor {quoted(text)}")
        if len(exact) > 1:
            raise Unclear(f"Supervisor {quoted(text)} may be any of {len(exact)} professors")
        return exact.pop()

    def _fitting(self, words: Sequence[str]) -> Iterable[tuple[_Known, bool]]:
        """Professors whose family name is there and whose given name does not contradict; True where it is in full."""
        for at, word in enumerate(words):
            for known in self._by_word.get(word, ()):
                end = at + len(known.family)
                others = (*words[:at], *words[end:])
                if tuple(words[at:end]) == known.family and _agree(others, known.given):
                    yield known, bool(others) and others[0] in known.given


def _agree(others: Sequence[str], given: Sequence[str]) -> bool:
    """Whether what stands beside the family name can be the given name: the same, its initial, or nothing at all."""
    if not others or not given:
        return True
    return others[0] in given or (len(others[0]) == 1 and given[0].startswith(others[0]))
