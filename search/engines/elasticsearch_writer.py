"""Writing to Elasticsearch: batches with external versions, so that late and doubled ones do no harm."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from elasticsearch import ApiError, NotFoundError, TransportError
from elasticsearch.helpers import streaming_bulk

from crm.errors import Unavailable
from search.engines.contract import StudentDocuments

if TYPE_CHECKING:
    from search.engines.elasticsearch import ElasticsearchEngine

log = logging.getLogger(__name__)
WRITE_WITHIN = 30.0
CONFLICT = 409
"""A version as new is stored already: this write has nothing to add."""


@contextmanager
def said_clearly() -> Iterator[None]:
    """What the client raises, as a domain error."""
    try:
        yield
    except NotFoundError as error:
        raise Unavailable("The search index is being built.") from error
    except (ApiError, TransportError) as error:
        log.error("Elasticsearch: %s", type(error).__name__ if isinstance(error, TransportError) else error.error)
        raise Unavailable("Candidate search does not answer at the moment.") from error


class ElasticsearchWriter:
    """`targets`: family -> writer aliases to send to; None asks for them at each batch, after the state was read."""

    def __init__(self, engine: "ElasticsearchEngine", targets: dict[str, list[str]] | None = None) -> None:
        self.engine = engine
        self.targets = targets

    def write(self, batch: Sequence[StudentDocuments]) -> set[int]:
        with said_clearly():
            targets = self.engine.living_targets() if self.targets is None else self.targets
            if not all(targets.values()):
                return set()
            return {item.student_id for item in batch} - self._send(batch, targets)

    def _send(self, batch: Sequence[StudentDocuments], targets: dict[str, list[str]]) -> set[int]:
        """Returns the students of whom a document was refused."""
        client = self.engine.client.options(request_timeout=WRITE_WITHIN)
        answers = streaming_bulk(
            client,
            (action for item in batch for action in _actions(item, targets)),
            raise_on_error=False,
            refresh=self.targets is None,
            require_alias=True,
        )
        refused: set[int] = set()
        for done, answer in answers:
            if not done and answer["index"]["status"] != CONFLICT:
                student_id = int(answer["index"]["_id"].split(":")[0])
                log.error("student %s was refused: %s", student_id, answer["index"].get("error", {}).get("type"))
                refused.add(student_id)
        return refused


def _actions(item: StudentDocuments, targets: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    for family, levels in item.families.items():
        for level, document in levels.items():
            # Without a level a document is a tombstone: no audience finds it.
            content = {"student": item.student_id} if document is None else _without_blanks(document)
            for target in targets[family]:
                yield {
                    "_op_type": "index",
                    "_index": target,
                    "_id": f"{item.student_id}:{level}",
                    "version": item.version,
                    "version_type": "external_gte",
                    "_source": {**content, "version": item.version},
                }


def _without_blanks(document: Any) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}
