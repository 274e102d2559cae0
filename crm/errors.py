"""What an action or a rule refuses with. Each carries the HTTP status, a code and a sentence."""

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    status = 400
    code = "invalid"

    def __init__(self, message: str, *, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = {name: list(sentences) for name, sentences in (fields or {}).items()}


class Invalid(DomainError):
    """Input that cannot be taken; `fields` says where and why."""

    @classmethod
    def field(cls, name: str, sentence: str) -> "Invalid":
        return cls(sentence, fields={name: [sentence]})


class NotAllowed(DomainError):
    status = 403
    code = "not_allowed"


class Conflict(DomainError):
    status = 409
    code = "conflict"


class InvalidMove(Conflict):
    code = "invalid_move"

    def __init__(self, message: str, *, allowed: Sequence[str] = ()) -> None:
        """`allowed`: the moves that exist from where the record is."""
        super().__init__(message, fields={"to": [f"Allowed: {', '.join(allowed) or 'none'}."]})


class TooMany(DomainError):
    """A limit is reached; `retry_after` is in seconds."""

    status = 429
    code = "throttled"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """A part that is needed does not answer; `retry_after` is in seconds."""

    status = 503
    code = "unavailable"

    def __init__(self, message: str, *, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Gone(DomainError):
    """It was there, and is no more: a link that was used, or has expired."""

    status = 410
    code = "gone"
