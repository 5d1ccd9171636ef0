"""Simulated weeks for a newcomer's History."""

import datetime as dt

import pytest
from madehistory import origin, summary_of

from emgmon.cli import main
from emgmon.cli.demo_weeks import CHANGES, STAYS, fill
from emgmon.metrics.comparison import ERROR
from emgmon.metrics.weeks import compare
from emgmon.storage.sessions import listed, open_store, past_sets, put_session

TODAY = dt.date(2026, 11, 22)


@pytest.mark.slow
def test_eight_weeks_show_a_change_in_one_exercise_and_none_in_the_other(tmp_path):
    with open_store(tmp_path / "demo.db") as store:
        assert fill(store, 8, 1, TODAY) == 24
        history = past_sets(store, "demo")
        rows = listed(store)
    assert all(row.simulated and not row.path for row in rows)
    assert rows[0].started_utc.startswith("2026-09-27")
    assert rows[-1].started_utc < "2026-11-22"
    changed, stayed = compare(history, CHANGES), compare(history, STAYS)
    assert (changed.word, changed.direction) == ("clear", -1)
    assert stayed.word == ERROR
    assert {past.kind for past in history} == {"T1"}
    assert history[0].tension > history[-1].tension
    assert {past.estimate("sdi", "hold").n for past in history} == {10}


@pytest.mark.slow
def test_weeks_take_the_place_of_earlier_ones_and_of_nothing_else(tmp_path, capsys):
    where = str(tmp_path / "demo.db")
    with open_store(where) as store:
        put_session(store, origin(1), summary_of(), person="demo")
        put_session(store, origin(2), summary_of())
    for weeks in ("2", "1"):
        assert main(["demo", "--weeks", weeks, "--store", where]) == 0
    with open_store(where) as store:
        assert len(listed(store, "demo")) == 3 + 1
        assert len(listed(store, "P1")) == 1
    assert "emgmon compare --person demo" in capsys.readouterr().err
