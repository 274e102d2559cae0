"""Filters of a few words. An error names those that are allowed."""

from typing import Any

from django_filters import rest_framework as filters


def _refusal(choices: Any) -> dict[str, str]:
    return {"invalid_choice": f"Unknown: %(value)s. Allowed: {', '.join(value for value, _ in choices)}."}


class ChoiceFilter(filters.ChoiceFilter):
    def __init__(self, *, choices: Any, **options: Any) -> None:
        super().__init__(choices=choices, error_messages=_refusal(choices), **options)


class StatesFilter(filters.BaseInFilter, ChoiceFilter):
    """One state, or several with commas between them."""


def flag(label: str = "", **options: Any) -> filters.TypedChoiceFilter:
    """Django's own boolean filter takes whatever it does not understand for no filter at all."""
    choices = [("true", "yes"), ("false", "no")]
    return filters.TypedChoiceFilter(
        choices=choices, coerce=lambda text: text == "true", label=label, error_messages=_refusal(choices), **options
    )


def as_format(*names: str) -> ChoiceFilter:
    """The form of an answer: only checked here, api/formats.py heeds it."""
    return ChoiceFilter(choices=[(name, name.upper()) for name in names], label="As `Accept` says, without it.")
