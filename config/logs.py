"""Logs without the tokens of one-time links and of new passwords: no reader of a log can answer for somebody."""

import logging
import logging.config
import re
from typing import Any

TOKEN = re.compile(r"((?:links|reset/key)(?:/|%2F)+)[^\s\"'?#&<>]+", re.IGNORECASE)


def without_tokens(text: str) -> str:
    return TOKEN.sub(r"\1...", text)


def configure(settings: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG. A filter sits on one logger or handler; records are made in one place alone."""
    logging.config.dictConfig(settings)
    logging.setLogRecordFactory(record_without_tokens)


def record_without_tokens(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """Of whatever logs in this process, gunicorn's access log included."""
    record = logging.LogRecord(*args, **kwargs)
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit: logging says so itself when it writes the line
        return record
    if TOKEN.search(message):
        record.msg, record.args = without_tokens(message), None
    return record


class Formatter(logging.Formatter):
    """The whole line once more: a traceback may quote an address."""

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))
