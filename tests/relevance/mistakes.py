"""What fingers do: a letter swapped, lost, doubled or taken for its neighbour; the wrong keyboard layout."""

from collections.abc import Callable
from random import Random

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_NEIGHBOUR = {letter: row[place + 1 : place + 2] or row[place - 1] for row in _ROWS for place, letter in enumerate(row)}
_KEYS = dict(zip("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", strict=True))
LONG = 6
"""Letters of a word in which a mistake is made."""


def _swapped(word: str, place: int) -> str:
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _lost(word: str, place: int) -> str:
    return word[:place] + word[place + 1 :]


def _doubled(word: str, place: int) -> str:
    return word[:place] + word[place] + word[place:]


def _neighbour(word: str, place: int) -> str:
    return word[:place] + _NEIGHBOUR.get(word[place].lower(), word[place]) + word[place + 1 :]


MISTAKES: tuple[Callable[[str, int], str], ...] = (_swapped, _lost, _doubled, _neighbour)


def mistyped(text: str, chance: Random) -> str | None:
    """The text with one mistake, not in the first letter of a word; None where no word is long enough."""
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) >= LONG and word.isalpha()]
    if not long:
        return None
    place = chance.choice(long)
    word = chance.choice(MISTAKES)(words[place], chance.randint(1, len(words[place]) - 2))
    return " ".join([*words[:place], word, *words[place + 1 :]]) if word != words[place] else None


def in_the_other_layout(text: str) -> str:
    """Russian words, typed while the keyboard was English."""
    return "".join(_KEYS.get(letter, letter) for letter in text.lower())
