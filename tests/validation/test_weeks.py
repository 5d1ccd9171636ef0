"""Rows about weeks: what they draw is remembered like a session, and a program broken on purpose misses them."""

from dataclasses import replace

import pytest

from emgmon.metrics import pattern
from emgmon.metrics.comparison import CLEAR
from emgmon.validation import ROWS, Verdict, weeks, weeks_as_signals
from emgmon.validation.running import run_row
from firmware_sim.cohort import draw_weeks, index_ln

BY_ID = {row.id: row for row in ROWS}
USER = draw_weeks(3, "change", 12, change_ln=0.7)


def test_a_history_has_the_days_and_numbers_that_were_drawn():
    history = weeks.history_of(USER)
    assert [item.started_utc[:10] for item in history[:4]] == ["2026-01-05", "2026-01-07", "2026-01-09", "2026-01-12"]
    for item, day in zip(history, USER.days, strict=True):
        found = item.estimate("sdi", "hold")
        assert found.mean == pytest.approx(index_ln(day.seen_ln), abs=0.25)
        assert 0.0 < found.error < 0.2
        assert item.simulated


def test_healthy_answers_are_of_two_exercises_in_each_session():
    rng = weeks.np.random.default_rng(1)
    seen = weeks.healthy_answers(rng)
    assert len(seen) == 2 * weeks.EIGHT_WEEKS
    assert {item.exercise for item in seen} == {weeks.EXERCISE, weeks.SECOND}
    assert all(item.answer.question == "N" and item.answer.word for item in seen)


def test_a_pattern_that_is_said_too_early_is_missed(monkeypatch):
    row = replace(BY_ID["false-alarms-8-weeks"], n_quick=10)
    monkeypatch.setattr(pattern, "LAST_SESSIONS", 1)
    monkeypatch.setattr(pattern, "CLEAR_SESSIONS", 1)
    assert run_row(row, quick=True).verdict is Verdict.MISSED


def test_changes_that_are_told_of_everybody_are_missed(monkeypatch):
    right = weeks.compare
    monkeypatch.setattr(weeks, "compare", lambda *args, **named: replace(right(*args, **named), word=CLEAR))
    monkeypatch.setattr(weeks, "USERS_A_SEED", 2)
    result = run_row(replace(BY_ID["trend"], n_quick=1), quick=True)
    assert result.why == ""
    missed = {item.measurement.measure for item in result.judged if item.verdict is Verdict.MISSED}
    assert {"told clear", "told clear at any look"} <= missed


def test_changes_that_are_never_found_are_missed(monkeypatch):
    right = weeks.compare
    monkeypatch.setattr(weeks, "compare", lambda *args, **named: replace(right(*args, **named), trend=None))
    monkeypatch.setattr(weeks, "USERS_A_SEED", 2)
    result = run_row(replace(BY_ID["trend"], n_quick=1), quick=True)
    assert "interval without zero" in {
        item.measurement.measure for item in result.judged if item.verdict is Verdict.MISSED
    }


@pytest.mark.slow
def test_a_day_as_signals_is_the_day_that_was_drawn():
    day = weeks_as_signals.compared(USER, USER.days[0])
    assert day.measured == pytest.approx(day.true, abs=0.15)
    assert day.drawn == pytest.approx(index_ln(USER.days[0].seen_ln))
    assert 0.02 < day.reps_measured < 0.4
