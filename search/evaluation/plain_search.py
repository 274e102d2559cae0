"""The plain search that the product is compared with: BM25 of the same engine over whole texts, any of the words."""

import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from tantivy import Document, Index, Occur, Query, SchemaBuilder

from search.evaluation.collection import Profile
from search.evaluation.metrics import RECALL_AT

Rank = Callable[[str], Sequence[str]]


@contextmanager
def plain_tantivy(profiles: Sequence[Profile]) -> Iterator[Rank]:
    schema = SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw").add_text_field("text").build()
    with tempfile.TemporaryDirectory() as folder:
        index = Index(schema, path=folder)
        writer = index.writer(50_000_000, 1)
        for profile in profiles:
            writer.add_document(Document.from_dict({"id": [profile.id], "text": [profile.whole]}, schema))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        searcher = index.searcher()

        def rank(text: str) -> list[str]:
            words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
            wanted = [(Occur.Should, Query.term_query(schema, "text", word)) for word in words]
            hits = searcher.search(Query.boolean_query(wanted), RECALL_AT).hits if wanted else []
            return [str(searcher.doc(address)["id"][0]) for _, address in hits]

        yield rank


@contextmanager
def plain_elasticsearch(profiles: Sequence[Profile], client: Elasticsearch) -> Iterator[Rank]:
    name = f"plain-{secrets.token_hex(4)}"
    client.indices.create(index=name, mappings={"properties": {"text": {"type": "text"}}})
    try:
        bulk(client, ({"_index": name, "_id": p.id, "_source": {"text": p.whole}} for p in profiles), refresh=True)

        def rank(text: str) -> list[str]:
            found = client.search(index=name, query={"match": {"text": text}}, size=RECALL_AT, source=False)
            return [hit["_id"] for hit in found["hits"]["hits"]]

        yield rank
    finally:
        client.indices.delete(index=name)
