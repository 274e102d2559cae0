"""A database of the bench's own on the given server."""

from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


def address_of(database_url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))


def drop_database(database_url: str, name: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def create_database(database_url: str, name: str) -> None:
    drop_database(database_url, name)
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def exists(database_url: str, name: str) -> bool:
    with psycopg.connect(database_url, autocommit=True) as server:
        return bool(server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())
