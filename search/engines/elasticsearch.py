"""Elasticsearch: an index a family, named by the hash of its definition, behind an alias that readers use.

Documents carry external versions and a removal writes a tombstone, so late and doubled writes do no harm. Writers
address one concrete index each, through an alias of its own that goes with it: a late write to an index that is gone
fails instead of making it anew.
"""

import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, OrjsonSerializer, TransportError
from elasticsearch.helpers import scan

from crm.errors import Unavailable
from search.audiences import SearchAudience
from search.engines.contract import Found, Hit, SearchRequest, Stored, most_frequent
from search.engines.elasticsearch_index import COLUMNS, definition
from search.engines.elasticsearch_query import counting, searches
from search.engines.elasticsearch_writer import WRITE_WITHIN, ElasticsearchWriter, said_clearly
from search.fields import FAMILIES, definition_hash
from search.words import Node

log = logging.getLogger(__name__)
ANSWER_WITHIN = 2.0
"""Seconds; a stalled server must not hold up a request."""


class ElasticsearchEngine:
    name = "elasticsearch"

    def __init__(self, url: str, *, prefix: str) -> None:
        self.client = Elasticsearch(
            url,
            request_timeout=ANSWER_WITHIN,
            max_retries=0,
            retry_on_timeout=False,
            serializer=OrjsonSerializer(),
        )
        self.prefix = prefix
        self.aliases = {
            family: f"{prefix}-{family}-{definition_hash(family, definition(family))}" for family in FAMILIES
        }

    def search(self, request: SearchRequest) -> Found:
        plan = searches(request)
        alias = self.aliases[request.audience.family]
        with said_clearly():
            answers = self._ask(alias, [search.to_dict() for _, search in plan])
        facets = {
            facet.name: most_frequent(
                (bucket["key"], bucket["doc_count"]) for bucket in answer["aggregations"][facet.name]["buckets"]
            )
            for (counted, _), answer in zip(plan, answers, strict=True)
            for facet in counted
        }
        return _found(request, answers[0]["hits"], facets)

    def counts(self, audience: SearchAudience, texts: Sequence[Node], excluded: frozenset[int]) -> list[int]:
        if not texts:
            return []
        bodies = [counting(audience, text, excluded).to_dict() for text in texts]
        with said_clearly():
            answers = self._ask(self.aliases[audience.family], bodies)
        return [int(answer["hits"]["total"]["value"]) for answer in answers]

    def _ask(self, alias: str, bodies: list[dict[str, Any]]) -> list[Any]:
        if len(bodies) == 1:
            return [self.client.search(index=alias, body=bodies[0]).body]
        lines = [line for body in bodies for line in ({"index": alias}, body)]
        answers = self.client.msearch(searches=lines).body["responses"]
        for answer in answers:
            if "error" in answer:
                log.error("Elasticsearch: %s", answer["error"].get("type"))
                raise Unavailable("Candidate search does not answer at the moment.")
        return list(answers)

    def is_built(self) -> bool:
        with said_clearly():
            return all(self.client.indices.exists_alias(name=alias) for alias in self.aliases.values())

    @contextmanager
    def writing(self) -> Iterator[ElasticsearchWriter]:
        yield ElasticsearchWriter(self)

    def living_targets(self) -> dict[str, list[str]]:
        """Family -> writer aliases of the index in use and of one being built."""
        return {
            family: [f"{index}-writer" for index in self._indices(alias, f"{alias}-next")]
            for family, alias in self.aliases.items()
        }

    def _indices(self, *aliases: str) -> list[str]:
        try:
            return sorted(self.client.indices.get_alias(name=list(aliases)).body)
        except NotFoundError as error:
            # One of several aliases may be missing: the answer still lists the others.
            return sorted(name for name, value in error.body.items() if isinstance(value, dict) and "aliases" in value)

    @contextmanager
    def rebuilding(self) -> Iterator[ElasticsearchWriter]:
        with said_clearly():
            made = {family: self._create(family) for family in FAMILIES}
        try:
            yield ElasticsearchWriter(self, {family: [f"{index}-writer"] for family, index in made.items()})
            with said_clearly():
                for family in FAMILIES:
                    self._swap_in(family, made[family])
                    del made[family]
        finally:
            self._drop(made.values())

    def _create(self, family: str) -> str:
        alias = self.aliases[family]
        # Left by a rebuild that was killed: begun and not read, or read once and not deleted.
        found = self.client.indices.get(index=f"{alias}-*", features="aliases").body
        self._delete(set(found) - set(self._indices(alias)))
        index = f"{alias}-{secrets.token_hex(4)}"
        names: dict[str, dict[str, Any]] = {f"{alias}-next": {}, f"{index}-writer": {}}
        self.client.options(request_timeout=WRITE_WITHIN).indices.create(
            index=index, aliases=names, **definition(family)
        )
        return index

    def _swap_in(self, family: str, index: str) -> None:
        """The old index takes no write any more before the new one is read."""
        alias, indices = self.aliases[family], self.client.options(request_timeout=WRITE_WITHIN).indices
        indices.refresh(index=index)
        old = self._indices(alias)
        actions: list[dict[str, Any]] = [{"remove": {"index": name, "alias": alias}} for name in old]
        actions += [
            {"add": {"index": index, "alias": alias}},
            {"remove": {"index": index, "alias": f"{alias}-next"}},
        ]
        try:
            for name in old:
                indices.add_block(index=name, block="write")
            indices.update_aliases(actions=actions)
        except (ApiError, TransportError):
            # It stays in use.
            for name in old:
                indices.put_settings(index=name, settings={"index.blocks.write": None})
            raise
        self._delete(old)

    def remove_older(self) -> None:
        with said_clearly():
            patterns = [f"{self.prefix}-{family}-*" for family in FAMILIES]
            patient = self.client.options(request_timeout=WRITE_WITHIN)
            found = patient.indices.get(index=patterns, features="aliases").body
            self._delete(name for name in found if not name.startswith(tuple(self.aliases.values())))

    def _delete(self, indices: Iterable[str]) -> None:
        for name in indices:
            self.client.options(ignore_status=404, request_timeout=WRITE_WITHIN).indices.delete(index=name)

    def _drop(self, indices: Iterable[str]) -> None:
        """Deletes what a failed rebuild made, unless it is in use by now: the answer may be all that was lost."""
        try:
            self._delete(set(indices) - set(self._indices(*self.aliases.values())))
        except (ApiError, TransportError):
            log.warning("an unfinished index could not be deleted; the next rebuild deletes it")

    def stored(self, family: str) -> Iterator[Stored]:
        query = {"query": {"exists": {"field": "level"}}, "docvalue_fields": list(COLUMNS.values()), "_source": False}
        client = self.client.options(request_timeout=WRITE_WITHIN)
        with said_clearly():
            for hit in scan(client, index=self.aliases[family], query=query, size=5_000):
                yield Stored(**{name: hit["fields"].get(column, [0])[0] for name, column in COLUMNS.items()})

    def problem(self) -> str | None:
        try:
            quick = self.client.options(request_timeout=1.0)
            # The health of an index that is missing is waited for; this is not.
            quick.indices.get_alias(name=list(self.aliases.values()))
            health = quick.cluster.health(index=list(self.aliases.values()), timeout="500ms")
        except NotFoundError:
            return "the index is not built"
        except (ApiError, TransportError) as error:
            return f"Elasticsearch does not answer ({type(error).__name__})"
        return "Elasticsearch reports status red" if health["status"] == "red" else None


def _found(request: SearchRequest, main: dict[str, Any], facets: dict[str, list[tuple[str, int]]]) -> Found:
    if not request.limit:
        return Found(0, [], more=False, facets=facets)
    rows = [_hit(hit, has_value=request.sort.has_cursor) for hit in main["hits"]]
    count, hits = int(main["total"]["value"]), rows[: request.limit]
    if request.position is None:
        return Found(count, hits, count > request.offset + len(hits), facets)
    return Found(count, hits[::-1] if request.position.backwards else hits, len(rows) > request.limit, facets)


def _hit(hit: dict[str, Any], *, has_value: bool) -> Hit:
    return Hit(int(hit["_id"].split(":")[0]), int(hit["sort"][0]) if has_value else 0)
