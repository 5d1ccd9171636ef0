"""The store on a PostgreSQL server that the tests start themselves.

``EMGMON_TEST_POSTGRESQL`` may be the URL of an empty database, or ``install``, which fetches a server where none is
installed. Needs psycopg (the extra ``server``).
"""

import multiprocessing
import os

import postgresserver
import pytest
from madehistory import origin, set_of, store_many, summary_of
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from emgmon.cli import DONE, main
from emgmon.errors import StoreError
from emgmon.storage.sessions import listed, longtable, open_store, past_sets, put_session, saying

pytest.importorskip("psycopg", reason="the extra 'server' is not installed")
WANTED = os.environ.get("EMGMON_TEST_POSTGRESQL", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "getuid"), reason="servers are not started like this on Windows"),
]


@pytest.fixture(scope="module")
def url():
    """An empty database."""
    if "://" in WANTED:
        yield WANTED
        return
    try:
        with postgresserver.server(install=WANTED == "install") as started:
            yield started
    except postgresserver.NoServerError as error:
        if WANTED == "install":
            raise
        pytest.skip(str(error))


@pytest.fixture
def server(url):
    with open_store(url) as opened:
        for row in listed(opened):
            saying.forget(opened, row.sha256, facts=True)
        yield opened


def test_sets_come_back_as_from_a_file(server, store):
    for each in (server, store):
        put_session(each, origin(1), summary_of(1, (set_of(1), set_of(2, 0.4, "deadlift"))))
        put_session(each, origin(1), summary_of(1, (set_of(1), set_of(2, 0.4, "deadlift"))))
        put_session(each, origin(2), summary_of(2))
        saying.add_tag(each, origin(1).sha256, "heavy")
        saying.set_tension(each, origin(1).sha256, 3.0)
    assert repr(past_sets(server, "P1")) == repr(past_sets(store, "P1"))
    assert repr(listed(server)) == repr(listed(store))
    assert list(longtable.long_rows(server)) == list(longtable.long_rows(store))
    assert saying.facts_json(server)["sessions"] == saying.facts_json(store)["sessions"]


def test_two_processes_write_at_once(server, url):
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=store_many, args=(url, first, 10)) for first in (0, 10)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert len(past_sets(server, "P1")) == 20


def test_it_is_a_postgresql(server, url):
    assert listed(server) == ()
    with create_engine(url, poolclass=NullPool).connect() as connection:
        assert connection.exec_driver_sql("SELECT version()").scalar().startswith("PostgreSQL ")


def test_the_command_line_takes_its_url(server, url, capsys):
    put_session(server, origin(1), summary_of(1))
    assert main(["sessions", "list", "--store", url]) == DONE
    assert "2026-03-01" in capsys.readouterr().out


def test_a_database_that_is_not_there_is_one_line(url):
    with pytest.raises(StoreError, match="nowhere"):
        open_store(url.replace("/postgres?", "/nowhere?"))
