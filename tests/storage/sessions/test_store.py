"""Files that are no stores, older and newer versions, and two writers at once."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from madehistory import origin, store_many, summary_of
from sqlalchemy import inspect

from emgmon.errors import StoreError
from emgmon.storage.sessions import listed, open_store, past_sets, put_session
from emgmon.storage.sessions.migrations import NEWEST
from emgmon.storage.sessions.schema import METADATA

VERSIONS = Path(__file__).parent / "versions"


def tables_of(store):
    """Every table with its columns, whether they may be null, and its indices."""
    with store.reading() as connection:
        looked = inspect(connection)
        return {
            name: {(c["name"], c["nullable"], str(c["type"])) for c in looked.get_columns(name)}
            | {(i["name"], i["unique"], str(i["column_names"])) for i in looked.get_indexes(name)}
            for name in looked.get_table_names()
        }


def test_a_store_of_every_older_version_is_there():
    assert [path.name for path in sorted(VERSIONS.glob("*.sql"))] == [f"{k}.sql" for k in range(1, NEWEST + 1)]


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
def test_every_version_is_brought_up_and_keeps_what_it_had(version, tmp_path, store):
    old = sqlite3.connect(tmp_path / "old.db")
    old.executescript((VERSIONS / f"{version}.sql").read_text("utf-8"))
    old.close()
    with open_store(tmp_path / "old.db") as opened:
        assert tables_of(opened) == tables_of(store)
        assert set(tables_of(opened)) == set(METADATA.tables)
        (row,) = listed(opened)
        assert (row.person, row.note, row.sets) == ("P1", "kept", 1)
        (past,) = past_sets(opened, "P1")
        assert past.estimate("sdi", "hold").n == 6


@pytest.mark.usefixtures("store")
def test_a_newer_store_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "sessions.db") as raw:
        raw.execute("UPDATE version SET number = 99")
    raw.close()
    with pytest.raises(StoreError, match="written by a newer emgmon"):
        open_store(tmp_path / "sessions.db")


@pytest.mark.usefixtures("store")
def test_a_version_that_is_none_is_refused(tmp_path):
    for value in ("'x'", "-1"):
        with sqlite3.connect(tmp_path / "sessions.db") as raw:
            raw.execute(f"UPDATE version SET number = {value}")  # noqa: S608 - two literals
        raw.close()
        with pytest.raises(StoreError, match="does not say which version"):
            open_store(tmp_path / "sessions.db")


def test_no_other_file_is_taken_for_a_store(tmp_path):
    (tmp_path / "text.db").write_text("not a database, and long enough to be looked at" * 9)
    with pytest.raises(StoreError, match="file is not a database"):
        open_store(tmp_path / "text.db")
    with sqlite3.connect(tmp_path / "other.db") as raw:
        raw.execute("CREATE TABLE songs (title)")
    raw.close()
    with pytest.raises(StoreError, match="not a store of emgmon"):
        open_store(tmp_path / "other.db")
    with pytest.raises(StoreError, match="a folder"):
        open_store(tmp_path)
    with pytest.raises(StoreError, match="folder cannot be made"):
        open_store(tmp_path / "text.db" / "under" / "a file.db")


@pytest.mark.parametrize(
    "url", ["nonsense://here", "postgresql+nothing://me:secret@there/db", "postgresql://a:secret@there/x"]
)
def test_a_url_that_leads_nowhere_is_said_without_its_password(url):
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


@pytest.mark.usefixtures("store")
def test_a_file_with_triggers_is_not_used(tmp_path):
    with sqlite3.connect(tmp_path / "sessions.db") as raw:
        raw.execute("CREATE TRIGGER x AFTER INSERT ON persons BEGIN DELETE FROM facts; END")
    raw.close()
    with pytest.raises(StoreError, match="holds 'x'"):
        open_store(tmp_path / "sessions.db")


def test_a_damaged_file_gives_a_sentence_or_sound_sets(tmp_path):
    with open_store(tmp_path / "s.db") as store:
        for number in range(4):
            put_session(store, origin(number), summary_of(1 + number))
    whole = bytearray((tmp_path / "s.db").read_bytes())
    for at in range(0, len(whole), 3001):
        broken = bytearray(whole)
        broken[at : at + 64] = bytes((b ^ 0x5A) for b in broken[at : at + 64])
        path = tmp_path / f"{at}.db"
        path.write_bytes(broken)
        try:
            with open_store(path) as store:
                listed(store)
                past_sets(store, "P1")
        except StoreError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either is right


@pytest.mark.slow
def test_two_processes_write_at_once_and_nothing_is_lost(tmp_path):
    where, count = tmp_path / "shared.db", 25
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=store_many, args=(where, first, count)) for first in (0, count)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    with open_store(where) as store:
        assert len(listed(store)) == 2 * count
        assert len(past_sets(store, "P1")) == 2 * count
