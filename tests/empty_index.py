"""An empty index of the engine in use. Elasticsearch makes and drops two indices in a quarter of a second: theirs stay."""

from elasticsearch import NotFoundError

from search import renewal
from search.engines import engine
from search.engines.elasticsearch import ElasticsearchEngine
from search.rebuild import rebuild


def empty_index() -> None:
    """Who is in the database stays pending, and is written with the next draining."""
    used = engine()
    if isinstance(used, ElasticsearchEngine) and _is_emptied(used):
        renewal.renew()
    else:
        rebuild()


def _is_emptied(used: ElasticsearchEngine) -> bool:
    """Whether all documents are gone; False where there is no index, or one that takes no writes."""
    client, aliases = used.client, list(used.aliases.values())
    try:
        client.indices.refresh(index=aliases)
        while hits := client.search(index=aliases, size=10_000, source=False)["hits"]["hits"]:
            documents = [{"delete": {"_index": hit["_index"], "_id": hit["_id"]}} for hit in hits]
            if client.bulk(operations=documents, refresh=True)["errors"]:
                return False
    except NotFoundError:
        return False
    return True
