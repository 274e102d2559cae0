"""A word typed in the wrong keyboard layout: `ghbdtn` is `привет`."""

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_LATIN_UP = '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_SWAP = str.maketrans(
    _LATIN + _LATIN_UP + _CYRILLIC + _CYRILLIC.upper(), _CYRILLIC + _CYRILLIC.upper() + _LATIN + _LATIN_UP
)


def swapped(typed: str) -> str:
    """The same keys in the other layout, English or Russian."""
    return typed.translate(_SWAP)
