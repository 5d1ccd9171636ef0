"""What is read from the store for comparisons: sets, choices, and whether the electrodes sat as before."""

import datetime as dt
import math
import time
from dataclasses import replace

import pytest
from histories import past

from emgmon.errors import StoreError
from emgmon.exercise.programme import PAIN_KEY, TENSION_KEY
from emgmon.model import Mark
from emgmon.runner.history import CHOSEN, existing, history_of, placed_in_time, read_known, usual_person
from emgmon.runner.live import head
from emgmon.runner.programme import keep, read_plan
from emgmon.storage.sessions import Heard, open_store, saying
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


# --- days are the person's own --------------------------------------------------------------------------------------


@pytest.fixture
def in_vienna(monkeypatch):
    """A computer in Vienna: an hour ahead of UTC in winter, two in summer."""
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of a process cannot be changed here")
    monkeypatch.setenv("TZ", "Europe/Vienna")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_vienna")
@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-01-10T22:59:59+00:00", "2026-01-10"),
        ("2026-01-10T23:00:00+00:00", "2026-01-11"),
        ("2026-07-10T21:59:59+00:00", "2026-07-10"),
        ("2026-07-10T22:00:00+00:00", "2026-07-11"),
        ("2026-03-28T23:30:00+00:00", "2026-03-29"),  # the clock goes forward in this night
        ("2026-03-29T22:30:00+00:00", "2026-03-30"),
        ("2026-10-24T22:30:00+00:00", "2026-10-25"),  # and back in this one
        ("2026-10-25T22:30:00+00:00", "2026-10-25"),
        ("2026-10-25T23:30:00+00:00", "2026-10-26"),
        ("nonsense", ""),
    ],
)
def test_a_day_ends_at_the_persons_own_midnight(utc, day):
    (found,) = placed_in_time([replace(past(0, {}), started_utc=utc)])
    assert found.day == day


@pytest.mark.usefixtures("in_vienna")
def test_what_the_recording_says_of_its_zone_goes_before_the_computers():
    in_tokyo = replace(past(0, {}), started_utc="2026-01-10T16:00:00+00:00", utc_offset_s=9 * 3600.0)
    (found,) = placed_in_time([in_tokyo])
    assert found.day == "2026-01-11"
    assert replace(in_tokyo, utc_offset_s=math.inf).day == "2026-01-10"


@pytest.mark.usefixtures("in_vienna")
def test_a_live_session_notes_the_zone_and_the_store_keeps_it(tmp_path, summary):
    mark = Mark(0, "session", head({}))
    assert mark.data["utc_offset_s"] in {3600, 7200}
    heard = Heard([mark, Mark(1, "set_start", {"exercise": "bridge_2leg", "knee_deg": 90, "load_kg": 5})])
    assert list(heard)
    (said,) = heard.sets
    assert (said.knee_deg, said.load_kg, said.utc_offset_s) == (90.0, 5.0, mark.data["utc_offset_s"])
    with open_store(tmp_path / "s.db") as opened:
        one = replace(summary, sets=summary.sets[:1], started_utc="2026-01-10T22:30:00+00:00")
        put_session(opened, Origin(f"{1:064x}", "", ()), one, [replace(said, utc_offset_s=3600.0)], person="Ada")
        (found,) = history_of(opened, "Ada", {"sdi"})
    assert (found.knee_deg, found.utc_offset_s, found.day) == (90.0, 3600.0, "2026-01-10")


@pytest.mark.usefixtures("in_vienna")
def test_the_programme_counts_the_same_days(tmp_path, summary):
    where = str(tmp_path / "s.db")
    keep(where, "Ada", [(TENSION_KEY, "4")])
    with open_store(where) as opened:
        saying.choose(opened, "Ada", PAIN_KEY, "2", "2026-01-10T23:30:00+00:00")
        late = replace(summary, sets=summary.sets[:1], started_utc="2026-01-10T23:30:00+00:00")
        put_session(opened, Origin(f"{1:064x}", "", ()), late, person="Ada")
    found = read_plan(where, "", dt.date(2026, 1, 11)).plan
    assert [(line.day, line.pain) for line in found.log] == [("2026-01-11", 2.0)]
    done = [item.exercise.id for _phase, items in found.phases for item in items if item.done_today]
    assert done == [late.sets[0].exercise]
