"""What is read from the store for comparisons: sets, choices, and whether the electrodes sat as before."""

from dataclasses import replace

import pytest

from emgmon.errors import StoreError
from emgmon.runner.history import CHOSEN, existing, history_of, read_known, usual_person
from emgmon.storage.sessions import open_store, saying
from emgmon.storage.sessions.writing import Origin, put_session


@pytest.fixture
def store(tmp_path, summary):
    """Five days with light references; on the fourth every level is three times as high."""
    where = tmp_path / "sessions.db"
    with open_store(where) as opened:
        for day in range(1, 6):
            gain = 3.0 if day == 4 else 1.0
            light = tuple(replace(r, kind="T2", level=gain * r.level) for r in summary.sets[0].references)
            session = replace(
                summary, started_utc=f"2026-01-0{day}T10:00:00", sets=(replace(summary.sets[0], references=light),)
            )
            put_session(opened, Origin(f"{day:064x}", f"{day}.mcap", ()), session, person="Ada")
    return where


def test_a_day_on_which_light_tasks_were_three_times_as_strong_is_red(store):
    with open_store(store) as opened:
        sets = history_of(opened, "Ada", {"sdi"})
    assert [item.placement for item in sets] == ["", "", "", "red", "same"]
    assert {estimate.metric for item in sets for estimate in item.estimates} == {"sdi"}


def test_what_is_known_of_a_person(store):
    with open_store(store) as opened:
        for exercise in ("lunge", "bridge_2leg"):
            saying.choose(opened, "Ada", CHOSEN, exercise, "2026-01-09T00:00:00")
    known = read_known(str(store))
    assert (known.person, known.persons, known.chosen) == ("Ada", ("Ada",), "bridge_2leg")
    assert len(known.sets) == 5
    with pytest.raises(StoreError):
        read_known(str(store), "Bea")


def test_no_store_is_made_by_looking(tmp_path, monkeypatch):
    where = tmp_path / "none.db"
    monkeypatch.setenv("EMGMON_STORE", str(where))
    assert existing() == ""
    assert read_known() is None
    assert not where.exists()
    with open_store(where):
        pass
    assert existing() == str(where)
    assert read_known() is None


def test_a_demo_is_meant_only_when_nobody_else_is_there():
    assert usual_person(("demo", "Ada", "Bea")) == "Ada"
    assert usual_person(("demo",)) == "demo"
