"""The store on a PostgreSQL server; needs psycopg and the URL of an empty database in EMGMON_TEST_POSTGRESQL."""

import multiprocessing
import os

import pytest
from madehistory import origin, set_of, store_many, summary_of

from emgmon.storage.sessions import listed, longtable, open_store, past_sets, put_session, saying

URL = os.environ.get("EMGMON_TEST_POSTGRESQL", "")
pytestmark = pytest.mark.skipif(not URL, reason="no PostgreSQL server is named in EMGMON_TEST_POSTGRESQL")


@pytest.fixture
def server():
    with open_store(URL) as opened:
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


@pytest.mark.slow
def test_two_processes_write_at_once(server):
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=store_many, args=(URL, first, 25)) for first in (0, 25)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert len(past_sets(server, "P1")) == 50
