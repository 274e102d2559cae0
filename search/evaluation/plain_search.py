"""The plain search that the product is compared with: BM25 of the same engine over whole texts, any of the words."""

import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk
from tantivy import Document, Index, Occur, Query, SchemaBuilder

from search.evaluation.metrics import RECALL_AT

Rank = Callable[[str], Sequence[str]]
Texts = Iterable[tuple[str, str]]
"""(id, all words) of each document."""
MOST_WORDS = 1_000
"""Elasticsearch takes no query of more than 1,024 clauses."""


@contextmanager
def plain_tantivy(texts: Texts) -> Iterator[Rank]:
    schema = SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw").add_text_field("text").build()
    with tempfile.TemporaryDirectory(prefix="talent-plain-") as folder:
        index = Index(schema, path=folder)
        writer = index.writer(50_000_000, 1)
        for key, text in texts:
            writer.add_document(Document.from_dict({"id": [key], "text": [text]}, schema))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        searcher = index.searcher()

        def rank(text: str) -> list[str]:
            wanted = [(Occur.Should, Query.term_query(schema, "text", word)) for word in _words(text)]
            hits = searcher.search(Query.boolean_query(wanted), RECALL_AT).hits if wanted else []
            return [str(searcher.doc(address)["id"][0]) for _, address in hits]

        yield rank


@contextmanager
def plain_elasticsearch(texts: Texts, client: Elasticsearch) -> Iterator[Rank]:
    name, patient = f"plain-{secrets.token_hex(4)}", client.options(request_timeout=60)
    fields = {"text": {"type": "text"}, "key": {"type": "keyword", "index": False, "doc_values": True}}
    try:
        patient.indices.create(index=name, mappings={"properties": fields}, settings={"number_of_replicas": 0})
        actions = ({"_index": name, "_source": {"text": text, "key": key}} for key, text in texts)
        for _ in streaming_bulk(patient, actions):
            pass
        patient.indices.refresh(index=name)

        def rank(text: str) -> list[str]:
            query = {"match": {"text": " ".join(_words(text))}}
            found = patient.search(
                index=name, query=query, size=RECALL_AT, source=False, docvalue_fields=[{"field": "key"}]
            )
            return [str(hit["fields"]["key"][0]) for hit in found["hits"]["hits"]]

        yield rank
    finally:
        patient.options(ignore_status=404).indices.delete(index=name)


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()[:MOST_WORDS]
