"""What a user gets through candidate search, put together from all pages."""

from collections import Counter
from typing import Any

from crm.models import Student, User
from search.candidates import CandidatePage, find_candidates
from search.query import parse_query
from search.suggestions import suggest


def search(user: User, **parameters: Any) -> CandidatePage:
    lists = {name: value if isinstance(value, list) else [value] for name, value in parameters.items()}
    return find_candidates(user=user, query=parse_query(lists))


def all_pages(user: User, **parameters: Any) -> list[str]:
    """Public ids in order; the count of every page is their number."""
    ids: list[str] = []
    counts = set()
    link: dict[str, str] | None = {}
    while link is not None:
        page = search(user, **{"page_size": "37", "facets": "none", **parameters, **link})
        ids += [result["id"] for result in page.results]
        counts.add(page.count)
        link = page.next
    assert counts == {len(ids)}, (counts, len(ids))
    return ids


def found(user: User, **parameters: Any) -> set[str]:
    """Everybody, hired or not, unless the parameters narrow it; nobody twice."""
    ids = all_pages(user, placed="any", **parameters)
    twice = [public_id for public_id, times in Counter(ids).items() if times > 1]
    assert not twice
    return set(ids)


def visible(user: User | None) -> set[str]:
    """What the one rulebook shows, in SQL."""
    return {str(public_id) for public_id in Student.objects.visible_to(user).values_list("public_id", flat=True)}


def suggested(user: User, prefix: str) -> dict[str, set[str]]:
    """Kind -> values."""
    kinds: dict[str, set[str]] = {"skill": set(), "lab": set(), "candidate": set()}
    for suggestion in suggest(user=user, prefix=prefix):
        kinds[suggestion["kind"]].add(suggestion["value"])
    return kinds


def counted(page: CandidatePage, facet: str) -> dict[str, int]:
    return {value["value"]: value["count"] for value in page.facets[facet]}
