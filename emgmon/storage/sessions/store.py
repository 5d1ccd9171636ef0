"""Opens the store and hands out transactions; every database error becomes one sentence."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import platformdirs
from sqlalchemy import Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from emgmon.errors import StoreError
from emgmon.storage.sessions.migrations import NEWEST, prepare
from emgmon.storage.sessions.schema import VERSION

ENVIRONMENT = "EMGMON_STORE"
FILE = "sessions.db"
_STRANGE = "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
_LOCK = 0x656D67
BUSY_S = 20.0
"""A writer waits so long for another one."""

ELSEWHERE = "give another place with --store or EMGMON_STORE"
WORDS = {
    "unable to open database file": f"the store cannot be opened: may you write in its folder? If not, {ELSEWHERE}",
    "readonly database": f"the store may only be read; let it and its folder be written to, or {ELSEWHERE}",
    "disk is full": f"the disk is full, nothing was stored; make room, or {ELSEWHERE}",
    "disk I/O error": f"the disk does not answer; is the drive still there, and has it room? Else {ELSEWHERE}",
    "database is locked": "another program has been writing to the store; close it, and try again",
}
"""What SQLite says, and what that means."""


class Store:
    """A store of sessions; several may be open on the same database, in one process or many.

    Parameters
    ----------
    where : str
        Path of an SQLite file, or a URL as SQLAlchemy takes it (``postgresql+psycopg://…``).

    Raises
    ------
    StoreError
        When it cannot be opened, is no store, or a newer emgmon wrote it.
    """

    def __init__(self, where: str) -> None:
        self.where = _without_password(where)
        self._engine = _engine(where)
        if not self._is_ready():
            with self.writing() as connection:
                prepare(connection, self.where)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the store."""
        with self._said(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that is the only writing one; it counts whole or not at all."""
        with self._said(), self._engine.execution_options(writes=True).begin() as connection:
            yield connection

    def _is_ready(self) -> bool:
        with self.reading() as connection:
            if not inspect(connection).has_table(VERSION.name):
                return False
            if connection.dialect.name == "sqlite":
                strange = connection.exec_driver_sql(_STRANGE).scalar()
                if strange is not None:
                    raise StoreError(f"{self.where}: holds {strange!r}, which no emgmon made; it is not used")
            return bool(connection.execute(select(VERSION.c.number)).scalar() == NEWEST)

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise StoreError(f"{self.where}: {_in_words(str(error.orig))}") from error
        except DBAPIError as error:
            raise StoreError(f"{self.where}: not a sound store of sessions: {error.orig}") from error
        except UnicodeDecodeError as error:  # SQLite quotes what it stumbled over
            raise StoreError(f"{self.where}: not a sound store of sessions: {error.reason}") from error
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise StoreError(f"{self.where}: the store cannot be used: {error}") from error


def open_store(where: str | Path | None = None) -> Store:
    """Open the store that was named, or that of the environment variable ``EMGMON_STORE``, or the user's own."""
    named = str(where or os.environ.get(ENVIRONMENT, "") or platformdirs.user_data_path("emgmon") / FILE)
    return Store(named)


def _engine(where: str) -> Engine:
    if "://" in where:
        try:
            engine = create_engine(where)
        except ModuleNotFoundError as error:
            lacking = f"{error.name} is not installed: pip install 'emgmon[server]'"
            raise StoreError(f"{_without_password(where)}: {lacking}") from error
        except (ArgumentError, NoSuchModuleError) as error:
            raise StoreError(f"{_without_password(where)}: no database that can be reached: {error}") from error
    else:
        engine = create_engine(f"sqlite+pysqlite:///{_made_ready(Path(where))}", poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "begin", _lock)
    return engine


def _in_words(said: str) -> str:
    """Say what a database's own words mean for a user, and what to do; they follow in brackets."""
    for words, meaning in WORDS.items():
        if words in said:
            return f"{meaning} ({said})"
    return f"the store cannot be used: {said}"


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.partition('://')[0]}://…@{tail}" if at else url


def _made_ready(path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: the folder cannot be made: {error.strerror or error}") from error
    if path.is_dir():
        raise StoreError(f"{path}: a folder; --store takes the file of a store")
    return path


def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
    """Set up one SQLite connection; a file's own schema is not trusted to call functions."""
    connection.isolation_level = None  # transactions are begun by `_begin`
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {round(1000 * BUSY_S)}",
        "trusted_schema = off",
        "journal_mode = wal",
        "synchronous = normal",
        "foreign_keys = on",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _lock(connection: Connection) -> None:
    """Let one writer at a time into a PostgreSQL store, as SQLite does by itself."""
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
