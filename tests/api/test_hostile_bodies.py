"""Whatever a body holds, the answer is never 500."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.api.conftest import Table
from tests.api.test_errors import error_of
from tests.api.test_permissions import BODIES, ROLES, TABLE, answer, filled

Client = Callable[[str], APIClient]


@pytest.mark.once
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"nonsense",
        b"[]",
        b"null",
        b'"text"',
        b"17",
        b'{"number": NaN}',
        b'{"number": Infinity}',
        b'{"number": "\\ud800"}',
        b'{"given_name": "a\\u0000b"}',
        b'{"a\\u0000b": 1}',
        b'{"number": "\xff\xfe"}',
        b'\xef\xbb\xbf{"number": "1"}',
        b"[" * 100_000,
        b'{"claims":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"claims": [' + b"[" * 900 + b"]" * 900 + b"]}",
    ],
)
def test_what_is_no_proper_object_is_400(client: Client, body: bytes) -> None:
    response = client("office").generic("POST", "/api/v1/students/", body, "application/json")
    assert response.status_code == 400
    error_of(response)


@pytest.mark.once
def test_a_body_over_one_megabyte_is_413(client: Client) -> None:
    body = orjson.dumps({"summary": "x" * 1_000_000})
    response = client("student").generic("PATCH", "/api/v1/me/", body, "application/json")
    assert response.status_code == 413
    assert error_of(response)["code"] == "too_large"


@pytest.mark.once
@pytest.mark.parametrize(("size", "status"), [(10, 200), (1_000_000, 413)])
def test_a_body_without_a_length_is_read_as_far_as_allowed(client: Client, size: int, status: int) -> None:
    stream = BytesIO(orjson.dumps({"summary": "x" * size}))
    response = client("student").generic(
        "PATCH",
        "/api/v1/me/",
        b"",
        "application/json",
        **{"wsgi.input": stream, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert response.status_code == status
    assert status == 413 or response.json()["student"]["summary"] == "x" * size


VALUES: list[Any] = [
    None,
    True,
    -1,
    10**18,
    1e308,
    "",
    "x" * 5_000,
    "1" * 400,
    "0001-01-01T00:00:00+14:00",
    "9999-12-31",
    [],
    [[]],
    ["x"] * 300,
    {},
    {"id": {"id": 1}},
    [{"skill": [], "lab": {}, "level": "5", "code": 7, "title": None, "professor": 3, "kind": [], "url": 1}],
]


SAME = {"me/", "students/"}
"""Paths with the serializer of students/{id}/."""


def bodies() -> Iterator[tuple[str, str, list[str]]]:
    """(method, path of the table, fields) of every operation that takes a body, by the OpenAPI description."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    parts = schema["components"]["schemas"]
    for method, path, *_ in TABLE:
        if method not in {"POST", "PATCH"} or path in SAME:
            continue
        plain = re.split("[?#]", path)[0]
        generic = "/api/v1/" + (
            plain[: plain.index("{")] + "{id}" + plain[plain.index("}") + 1 :] if "{" in plain else plain
        )
        if body := schema["paths"][generic][method.lower()].get("requestBody"):
            content = body["content"]["application/json"]["schema"]
            yield method, path, sorted(fields_in(content, parts))


def fields_in(content: dict[str, Any], parts: dict[str, Any]) -> set[str]:
    """Of a body, or of each that may be sent."""
    if "$ref" in content:
        return fields_in(parts[content["$ref"].rpartition("/")[2]], parts)
    either = {name for one in content.get("oneOf", ()) for name in fields_in(one, parts)}
    return either | set(content.get("properties", ()))


OPERATIONS = list(bodies())


@pytest.mark.postgres  # which refuses much that SQLite takes
@pytest.mark.parametrize(("method", "path", "fields"), OPERATIONS, ids=[" ".join(o[:2]) for o in OPERATIONS])
def test_wrong_values_in_any_field_never_break(table: Table, method: str, path: str, fields: list[str]) -> None:
    ids = table.ids
    expected = next(row for row in TABLE if row[:2] == [method, path])[2:]
    role = next(role for role, status in zip(ROLES, expected, strict=True) if status in {"200", "201"})
    good = filled(BODIES[f"{method} {path}"], ids)

    def answered(wrong: dict[str, Any]) -> tuple[bool, set[str]]:
        """Whether it was taken, and the fields that are named as wrong."""
        cache.clear()  # Links are for everybody, who may ask 60 times a minute.
        response = answer(table.clients[role], method, path.format(**ids), {**good, **wrong})
        assert response.status_code in {200, 201, 400, 403, 409}, (wrong, response.content)
        named = response.json()["error"]["fields"] if response.status_code == 400 else ()
        return response.status_code < 400, set(named)

    for value in VALUES:
        taken, named = answered(dict.fromkeys(fields, value))
        # What its own serializer refuses is refused alone too. All others reach the rules and the database.
        left = set(fields) - named
        if named and left:
            taken, _ = answered(dict.fromkeys(left, value))
        if not taken:
            for field in left:
                answered({field: value})


@pytest.mark.parametrize("value", ["%00", "%ff%fe", "1" * 400, "-1", "NaN", "2026-13-01", "'", "%5C", "%", "﷽" * 50])
@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("students/", ("number", "search", "lab", "degree", "graduation_year", "graduation_from", "placed", "skill")),
        ("skills/", ("search", "broader", "page_size", "cursor")),
        ("cities/", ("search", "country")),
        ("consents/", ("student", "partner", "state")),
        ("hires/", ("student", "partner", "lab", "programme", "year", "state", "check_due")),
        ("outcomes/", ("student", "kind", "lab", "programme", "year", "latest")),
        ("reports/funnel/", ("by", "partner", "lab", "programme", "year", "format")),
        ("reports/outcomes/", ("lab", "programme", "year")),
        ("recommendations/", ("student", "professor", "partner", "general", "state", "year")),
        ("introductions/", ("student", "partner", "lab", "programme", "year", "state")),
        ("users/", ("search", "role", "is_active")),
        ("seminars/", ("search", "lab", "speaker", "is_open", "year", "from", "to")),
        ("attendances/", ("seminar", "representative", "professor", "student", "partner", "state", "year")),
        (
            "contacts/",
            ("search", "student", "professor", "representative", "seminar", "kind", "from", "to", "programme"),
        ),
        ("follow-ups/", ("owner", "contact", "partner", "lab", "state", "overdue")),
        ("reports/gaps/", ("from", "to", "format")),
        ("candidates/compare/", ("id",)),
        ("reports/relationships/", ("of", "stale_after", "cursor")),
    ],
)
def test_wrong_parameters_never_break(client: Client, path: str, names: tuple[str, ...], value: str) -> None:
    admin = client("admin")
    for name in names:
        assert admin.get(f"/api/v1/{path}?{name}={value}").status_code in {200, 400}
