"""Searches that are kept as the query string of `candidates/`: checked, and looked through for all whom they find."""

from collections.abc import Iterator, Mapping

from django.http import QueryDict

from crm.access import Reach, reach_of, require
from crm.finding import MOST_WATCHED
from crm.models import Student, User
from crm.reference import Reference
from crm.text import fold
from search import outbox
from search.audiences import SearchAudience, audience_for
from search.candidates import steps_of
from search.engines import engine
from search.engines.contract import SearchRequest
from search.parameters import FILTERS, PLACES
from search.query import CandidateQuery, parse_query
from search.sorting import SORTS
from search.values import Wrong, skill_wish
from search.words import Node

SKILLS = {parameter.name for parameter in FILTERS if parameter.read is skill_wish}


def parse_saved(parameters: str, more: Mapping[str, list[str]] | None = None) -> CandidateQuery:
    """The query of a saved search; `more` takes the place of its own parameters. Raises Invalid."""
    return parse_query({**dict(QueryDict(parameters).lists()), **(more or {})})


def problems_of(parameters: str, known: Reference) -> list[str]:
    """What a saved search asks for that is no more, in sentences."""
    sentences = []
    asked = QueryDict(parameters)
    for parameter in FILTERS:
        for text in filter(None, map(str.strip, asked.getlist(parameter.name))):
            try:
                parameter.read(text, known)
            except Wrong as error:
                sentences.append(str(error))
    return sentences


class SavedFinder:
    """What crm.finding asks for."""

    def kept(self, parameters: str) -> str:
        text = parameters.strip().removeprefix("?")
        given = QueryDict(text, mutable=True)
        parse_query(dict(given.lists()))
        if not any(name in given for name in PLACES):
            return text
        for name in PLACES:
            given.pop(name, None)
        return given.urlencode()

    def matching(self, user: User, parameters: str) -> list[int]:
        """Whoever has all that is asked for; nobody who is found only where words are left out."""
        require(user, "candidate.search")
        query, reach = parse_saved(parameters), reach_of(user)
        assert reach is not None
        audience = audience_for(reach)
        excluded = outbox.excluded_for(audience)
        for text in _texts(audience, query, excluded):
            if found := _all(reach, audience, query, text, excluded):
                return found
        return []

    def with_skills(self, parameters: str, instead: Mapping[str, str]) -> str:
        asked = QueryDict(parameters, mutable=True)
        for name in SKILLS & asked.keys():
            asked.setlist(name, [_renamed(text.strip(), instead) for text in asked.getlist(name)])
        return parameters if asked == QueryDict(parameters) else asked.urlencode(safe=":")

    def problem(self) -> str | None:
        return engine().problem()


def _renamed(text: str, instead: Mapping[str, str]) -> str:
    """`crispr`, or `crispr:3`."""
    name, colon, level = text.rpartition(":")
    if (whole := _found(text, instead)) or not colon:
        return whole or text
    found = _found(name, instead)
    return f"{found}:{level}" if found else text


def _found(name: str, instead: Mapping[str, str]) -> str | None:
    return instead.get(name) or instead.get(fold(name))


def _texts(audience: SearchAudience, query: CandidateQuery, excluded: frozenset[int]) -> Iterator[Node | None]:
    if query.text is None:
        yield None
    for step in steps_of(audience, query, excluded):
        if step.least is not None:
            return
        yield step.reading.node


def _all(
    reach: Reach, audience: SearchAudience, query: CandidateQuery, text: Node | None, excluded: frozenset[int]
) -> list[int]:
    """Primary keys, the last updated first, as far as the database shows them too."""
    request = SearchRequest(
        audience, text, query.conditions, SORTS["updated"], limit=MOST_WATCHED + 1, excluded=excluded
    )
    ids = [hit.student_id for hit in engine().search(request).hits]
    seen = set(Student.objects.within(reach).filter(pk__in=ids).values_list("pk", flat=True))
    return [pk for pk in ids if pk in seen]
