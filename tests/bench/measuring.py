"""Interleaved rounds: in each, every contender answers one request of each kind, in random order."""

import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tqdm import tqdm

from tests.bench.asking import Request
from tests.bench.contenders import Answer, Contender

Results = dict[str, dict[str, list[Answer]]]
"""Kind -> contender -> answers."""
REFERENCE = "stack on Elasticsearch"
WARM_UP = 12
"""Each of gunicorn's threads has a connection of its own to open."""


def measure(
    requests: Mapping[str, Sequence[Request]],
    contenders: Sequence[Contender],
    *,
    every: Mapping[str, int],
    kinds_of: Mapping[str, Collection[str]],
) -> Results:
    """`every`: how many rounds pass from one answer of a slow contender to the next; `kinds_of`: what some can answer."""
    chance = random.Random(11)
    results: Results = {kind: {contender.name: [] for contender in contenders} for kind in requests}
    _warm_up(requests, contenders, kinds_of)
    rounds = len(next(iter(requests.values())))
    for number in tqdm(range(rounds), unit=" rounds", desc="Measuring", mininterval=1):
        for kind, asked in requests.items():
            able = [one for one in contenders if kind in kinds_of.get(one.name, requests)]
            present = [one for one in able if number % every.get(one.name, 1) == 0]
            answers = {}
            for contender in chance.sample(present, len(present)):
                answers[contender.name] = contender.answer(asked[number])
                results[kind][contender.name].append(answers[contender.name])
            compare(asked[number], {name: answer.content for name, answer in answers.items() if answer.content})
    return results


def _warm_up(
    requests: Mapping[str, Sequence[Request]],
    contenders: Sequence[Contender],
    kinds_of: Mapping[str, Collection[str]],
) -> None:
    for contender in contenders:
        for number in range(WARM_UP if contender.name != "plain" else 2):
            for kind in kinds_of.get(contender.name, requests):
                contender.answer(requests[kind][-1 - number % len(requests[kind])])


def compare(request: Request, contents: Mapping[str, Any]) -> None:
    """Writes down where an answer differs from the stack on Elasticsearch."""
    first = contents[REFERENCE]
    for name, content in contents.items():
        for what, wanted in _comparable(request, first, name).items():
            found = _comparable(request, content, name)[what]
            if found != wanted:
                request.differences.append(f"{name}: {what} of {request.path} is {found!r:.300}, not {wanted!r:.300}")


def _comparable(request: Request, content: Any, name: str) -> dict[str, Any]:
    """Counts for all; facets but for the plain way, which knows no broader skills; the order of field sorts."""
    if isinstance(content, list):
        kinds = [{key: row[key] for key in ("kind", "value", "label")} for row in content]
        return {"suggestions": kinds} if name != "plain" else {"number": min(1, len(content))}
    parts: dict[str, Any] = {"count": content["count"], "page": len(content["results"])}
    if name != "plain":
        parts["facets"] = {
            facet: [(row["value"], row["count"]) for row in rows] for facet, rows in content["facets"].items()
        }
    if "q" not in request.parameters:
        parts["ids"] = [row["id"] for row in content["results"]]
    return parts
