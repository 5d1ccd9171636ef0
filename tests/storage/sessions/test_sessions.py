"""What is put into the store comes back, in order of time, and belongs to somebody."""

import math

import pytest
from madehistory import origin, set_of, summary_of

from emgmon.errors import StoreError
from emgmon.model import Mark
from emgmon.storage.sessions import Heard, SaidOfSet, listed, open_store, past_sets, persons, put_failure, put_session
from emgmon.storage.sessions import remembered as remember


def test_sets_come_back_as_they_were(store):
    summary = summary_of(sets=(set_of(1), set_of(2, 0.5, "deadlift")))
    said = [SaidOfSet(pain=1.0), SaidOfSet(pain=2.0, tension=4.0, load_kg=20.0)]
    put_session(store, origin(1), summary, said)
    assert repr(past_sets(store, "P1")) == repr(remember(summary, origin(1).sha256, said))


def test_what_makes_sets_comparable(store):
    put_session(store, origin(1), summary_of(), [SaidOfSet(pain=1.0)])
    (past,) = past_sets(store, "P1")
    assert (past.kind, past.device_class, past.reps, past.reps_valid, past.pain) == ("T1", "B", 6, 6, 1.0)
    assert past.composition.startswith("biceps_femoris/left,biceps_femoris/right,erector_spinae/left")
    assert (past.hold_s, past.tempo_s, past.coverage) == (2.0, 5.0, pytest.approx(0.8))
    assert math.isnan(past.load_kg)
    assert past.estimate("sdi", "hold").mean == pytest.approx(0.2)


def test_sets_come_in_order_of_time_not_of_entry(store):
    for number, day in enumerate((3, 1, 2)):
        put_session(store, origin(number), summary_of(day))
    assert [past.started_utc[8:10] for past in past_sets(store, "P1")] == ["01", "02", "03"]


def test_only_what_is_asked_for(store):
    put_session(store, origin(1), summary_of(sets=(set_of(1), set_of(2, 0.5, "deadlift"))))
    (past,) = past_sets(store, "P1", "deadlift", {"sdi"})
    assert (past.exercise, {e.metric for e in past.estimates}) == ("deadlift", {"sdi"})
    assert past_sets(store, "P1", "squat") == ()


def test_a_second_analysis_replaces_the_first(store):
    put_session(store, origin(1), summary_of(sets=(set_of(1), set_of(2))))
    put_session(store, origin(1), summary_of(sets=(set_of(1, 0.7),)))
    (past,) = past_sets(store, "P1")
    assert past.estimate("sdi", "hold").mean == pytest.approx(0.7)


def test_simulated_sessions_are_nobodys_unless_somebody_says_so(store):
    put_session(store, origin(1), summary_of())
    put_session(store, origin(2), summary_of(2, simulated=True))
    put_session(store, origin(3), summary_of(3, simulated=True), person="P1")
    assert persons(store) == ("P1", "demo")
    assert [len(past_sets(store, name)) for name in ("P1", "demo")] == [2, 1]


def test_a_session_may_go_to_somebody_else(store):
    put_session(store, origin(1), summary_of())
    put_session(store, origin(1), summary_of(), person="P2")
    put_session(store, origin(1), summary_of())
    assert past_sets(store, "P1") == ()
    assert len(past_sets(store, "P2")) == 1


def test_a_recording_that_cannot_be_analysed_is_listed_with_its_reason(store):
    put_failure(store, origin(1), "no recording")
    (row,) = listed(store)
    assert (row.error, row.sets, row.person) == ("no recording", 0, "P1")
    put_session(store, origin(1), summary_of())
    (row,) = listed(store)
    assert (row.error, row.sets, row.reps, row.exercises) == ("", 1, 6, ("bridge_2leg",))


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 300])
def test_a_person_has_a_name_of_one_line(store, name):
    put_session(store, origin(1), summary_of())
    if name:
        with pytest.raises(StoreError, match="is no name for a person"):
            put_session(store, origin(1), summary_of(), person=name)
    assert persons(store) == ("P1",)


def test_an_unknown_person_is_said_with_those_that_there_are(store):
    with pytest.raises(StoreError, match="the store is empty"):
        past_sets(store, "P1")
    put_session(store, origin(1), summary_of())
    with pytest.raises(StoreError, match="there are P1"):
        past_sets(store, "P2")


def test_pain_before_a_set_and_tension_after_it_are_heard():
    marks = [
        Mark(0, "pain", {"value": 2}),
        Mark(1, "tension", {"value": 9}),
        Mark(2, "set_start", {"exercise": "a", "load_kg": 12.5}),
        Mark(3, "tension", {"value": 3}),
        Mark(4, "pain", {"value": "much"}),
        Mark(5, "set_start", {"exercise": "a"}),
    ]
    heard = Heard(marks)
    assert list(heard) == marks
    assert list(heard) == marks
    assert repr(heard.sets) == repr([SaidOfSet(2.0, 3.0, 12.5), SaidOfSet()])


def test_the_store_is_where_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("EMGMON_STORE", str(tmp_path / "deep" / "here.db"))
    with open_store() as store:
        put_session(store, origin(1), summary_of())
    with open_store(tmp_path / "deep" / "here.db") as store:
        assert persons(store) == ("P1",)
