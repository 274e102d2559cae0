"""The index definition, made from the table of fields: strict, without a copy of the source."""

from typing import Any

from elasticsearch.dsl import Document, Keyword, Long, MetaField, Text
from elasticsearch.dsl.field import Field as DslField

from search.fields import Kind, fields_of

SETTINGS = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "1s",
    "max_result_window": 10_000,
}
COLUMNS = {"student_id": "student", "level": "level", "version": "version", "digest": "digest"}
"""What is read back for `--verify`: name -> field."""


def _field(kind: Kind) -> DslField:
    match kind:
        case Kind.NAMES:
            return Text(analyzer="whitespace", index_prefixes={"min_chars": 1, "max_chars": 10})
        case Kind.TEXT | Kind.SOUNDS:
            return Text(analyzer="whitespace")
        case Kind.MENTIONS:
            return Text(analyzer="whitespace", index_options="freqs")
        case Kind.TOKENS | Kind.SORT_KEY:
            return Keyword()
        case Kind.NUMBER:
            return Long()


def document_class(family: str) -> type[Document]:
    """The family's documents as elasticsearch.dsl declares them."""

    class Meta:
        # A plain `dynamic = "strict"` is silently ignored.
        dynamic = MetaField("strict")
        source = MetaField(enabled=False)

    fields = {field.name: _field(field.kind) for field in fields_of(family)}
    return type(f"{family.title()}Document", (Document,), {**fields, "Meta": Meta})


def definition(family: str) -> dict[str, Any]:
    """Settings and mappings as they are sent."""
    return {"settings": SETTINGS, "mappings": document_class(family)._doc_type.mapping.to_dict()}
