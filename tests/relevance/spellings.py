"""Names in Latin letters as Russian passports spell them since 2014, which is not how the demo does."""

_LETTERS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y _ e iu ia".replace("_", "").split(" "),
        strict=True,
    )
)


def as_in_passports(name: str) -> str:
    """
    >>> as_in_passports("Юлия Щукина")
    'Iuliia Shchukina'
    """
    return "".join(_LETTERS.get(letter, letter) for letter in name.lower()).title()
