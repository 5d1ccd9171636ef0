"""Rows about repetitions and signs: they find what is there, and a program that is broken on purpose misses."""

import math
from dataclasses import replace

import pytest

from emgmon.exercise.catalogue import packaged
from emgmon.validation import ROWS, Verdict, movement, screen
from emgmon.validation.running import run_row

BY_ID = {row.id: replace(row, n_quick=1) for row in ROWS}


def one_exercise(monkeypatch, exercise="hip_thrust"):
    monkeypatch.setattr(movement, "scored", lambda: [packaged()[exercise]])


def test_all_scored_exercises_are_asked():
    names = {exercise.id for exercise in movement.scored()}
    assert {"bridge_2leg", "hip_thrust", "deadlift_conv", "sl_deadlift", "bird_dog", "prone_hip_ext"} <= names
    assert {"squat_bw", "overhead_squat", "single_leg_squat", "lunge", "step_up"} <= names
    assert not names & {"clam", "plank", "side_plank", "dead_bug", "push_up", "lateral_band_walk", "single_leg_balance"}


@pytest.mark.slow
def test_reps_and_phases_of_an_exercise_are_found(monkeypatch):
    one_exercise(monkeypatch)
    for name in ("reps-programme", "phases-programme"):
        result = run_row(BY_ID[name], quick=True)
        assert result.why == ""
        assert all(math.isfinite(item.measurement.value) for item in result.judged)
        assert result.verdict is Verdict.MET


@pytest.mark.slow
def test_reps_that_are_late_or_missing_are_missed(monkeypatch):
    one_exercise(monkeypatch)
    right = movement._unruly_set

    def late(exercise, seed, reps):
        found, true = right(exercise, seed, reps)
        return tuple(replace(rep, start_s=rep.start_s + 0.2, end_s=rep.end_s + 0.2) for rep in found), true

    def fewer(exercise, seed, reps):
        found, true = right(exercise, seed, reps)
        return found[:-1], true

    monkeypatch.setattr(movement, "_unruly_set", late)
    assert run_row(BY_ID["phases-programme"], quick=True).verdict is Verdict.MISSED
    monkeypatch.setattr(movement, "_unruly_set", fewer)
    assert run_row(BY_ID["reps-programme"], quick=True).verdict is Verdict.MISSED


@pytest.mark.slow
@pytest.mark.parametrize("shown", ["feet_out", "lumbar_flexion"])
def test_a_sign_that_is_shown_is_told_and_the_sacrum_alone_does_not_see_it(shown):
    found = screen.screened(3, shown)
    limits = packaged()[screen.SCREEN].signs
    assert set(found.true_deg) == set(limits) == set(screen.TRUE_SIZE)
    assert found.true_deg[shown] > limits[shown][0]
    assert found.told["eight"][shown].level in {"amber", "red"}
    assert found.told["sacrum alone"][shown].level == "not measured"


@pytest.mark.slow
def test_signs_that_are_never_told_miss_their_target(monkeypatch):
    right = screen.signs_of_set

    def silent(reps, limits):
        return tuple(replace(sign, level="none") for sign in right(reps, limits))

    monkeypatch.setattr(screen, "signs_of_set", silent)
    assert run_row(BY_ID["squat-checks"], quick=True).verdict is Verdict.MISSED


@pytest.mark.slow
def test_holds_are_found_and_those_that_begin_early_are_missed(monkeypatch):
    result = run_row(BY_ID["holds"], quick=True)
    assert all(math.isfinite(item.measurement.value) for item in result.judged)
    assert result.verdict is Verdict.MET
    right = movement._held_set

    def early(exercise, seed):
        found, true = right(exercise, seed)
        return tuple(replace(rep, top_s=rep.top_s - 0.5) for rep in found), true

    monkeypatch.setattr(movement, "_held_set", early)
    assert run_row(BY_ID["holds"], quick=True).verdict is Verdict.MISSED
    found, true = right("plank", 0)
    monkeypatch.setattr(movement, "_held_set", lambda _exercise, _seed: (found[:1], true))
    assert run_row(BY_ID["holds"], quick=True).verdict is Verdict.MISSED
