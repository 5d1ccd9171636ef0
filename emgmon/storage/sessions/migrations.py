"""From every older version of the store to the newest: a list of functions, each one version up.

A function uses no table of `emgmon.storage.sessions.schema`, which will change: it says what it does in SQL of its own.
``tests/storage/sessions/versions`` has a store of every version.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    Text,
    inspect,
    select,
    update,
)

from emgmon.errors import StoreError
from emgmon.storage.sessions.schema import METADATA, VERSION


def _with_choices(connection: Connection) -> None:
    """From 1 to 2: what a person chose in the programme, and when; sessions are found by their file."""
    table = Table(
        "choices",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("person_id", Integer, nullable=False, index=True),
        Column("utc", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("value", Text, nullable=False),
        ForeignKeyConstraint(["person_id"], ["persons.id"]),
    )
    persons = Table("persons", table.metadata, Column("id", Integer, primary_key=True))
    table.metadata.create_all(connection, tables=[persons, table], checkfirst=True)
    connection.exec_driver_sql("CREATE INDEX ix_sessions_path ON sessions (path)")


def _with_time_zone(connection: Connection) -> None:
    """From 2 to 3: how far clocks were ahead of UTC where a session was recorded; a rebuild fills it in."""
    connection.exec_driver_sql("ALTER TABLE sets ADD COLUMN utc_offset_s FLOAT")


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_with_choices, _with_time_zone)
"""The first leads from version 1 to 2."""

NEWEST = len(MIGRATIONS) + 1


def prepare(connection: Connection, where: str) -> None:
    """Make the tables in an empty database, or bring those of an older version up.

    Raises
    ------
    StoreError
        When the database holds something else, or a newer version.
    """
    there = set(inspect(connection).get_table_names())
    if not there:
        METADATA.create_all(connection)
        connection.execute(VERSION.insert().values(number=NEWEST))
        return
    if "version" not in there or "sessions" not in there:
        raise StoreError(f"{where}: a database, but not a store of emgmon sessions; name another with --store")
    version = connection.execute(select(VERSION.c.number)).scalar()
    if not isinstance(version, int) or version < 1:
        raise StoreError(f"{where}: the store does not say which version it has; restore a copy or name another")
    if version > NEWEST:
        raise StoreError(f"{where}: version {version}, written by a newer emgmon; update emgmon to read it")
    for migrate in MIGRATIONS[version - 1 :]:
        migrate(connection)
    if version < NEWEST:
        connection.execute(update(VERSION).values(number=NEWEST))
