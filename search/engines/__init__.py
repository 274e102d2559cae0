"""The engine in use: Elasticsearch where ELASTICSEARCH_URL is set, else the embedded one."""

from functools import lru_cache

from django.conf import settings

from search.engines.contract import Engine


@lru_cache(maxsize=1)
def engine() -> Engine:
    if settings.ELASTICSEARCH_URL:
        from search.engines.elasticsearch import ElasticsearchEngine

        return ElasticsearchEngine(settings.ELASTICSEARCH_URL, prefix=settings.ELASTICSEARCH_PREFIX)
    from search.engines.embedded import EmbeddedEngine

    return EmbeddedEngine(settings.VAR_DIR / "index")
