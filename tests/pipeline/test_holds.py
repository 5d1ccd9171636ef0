"""Holds of a simulated wearer, held against what it did; timers; and what is said when nothing was worn."""

import numpy as np
import pytest

from emgmon.exercise.catalogue import packaged
from emgmon.validation.movement import Plan, analysed, entries_of, sampled
from firmware_sim import perform
from firmware_sim.kits import MOTION_SITES
from firmware_sim.stream import LEAD_S

WORN = ["sacrum/midline", "thigh/left", "thigh/right"]


def done_of(exercise, worn=WORN, reps=1, hold_s=None):
    """Return the set as it was found, and what the wearer did."""
    script = perform(exercise, reps, seed=3, references=False, calibrated=False, hold_s=hold_s)
    plan = Plan()
    for cue in script.cues:
        plan.add(cue.t_s + LEAD_S, cue.kind, **cue.data)
    (done,) = analysed(entries_of(plan, None, sampled(script, worn, 3), packaged()[exercise].table())).sets
    return done, script


@pytest.mark.slow
@pytest.mark.parametrize("exercise", ["plank", "side_plank", "single_leg_balance"])
def test_holds_are_found_and_scored(exercise):
    done, script = done_of(exercise, reps=2)
    assert len(done.reps) == 2
    for rep, true in zip(done.reps, script.reps, strict=True):
        assert (
            np.abs(np.subtract((rep.rep.top_s, rep.rep.release_s), (true.top_s, true.release_s)) - LEAD_S).max() < 0.4
        )
        assert rep.hold == "met"
        assert rep.value("duration", "hold") == pytest.approx(true.release_s - true.top_s, abs=0.5)


def test_a_short_hold_is_short():
    done, _script = done_of("plank", hold_s=(12.0, 14.0))
    assert [rep.hold for rep in done.reps] == ["short"]


def test_without_a_sensor_on_the_trunk_the_clock_counts_and_that_is_said():
    done, _script = done_of("plank", ["thigh/left"], hold_s=(12.0, 14.0))
    (rep,) = done.reps
    assert (rep.rep.start_s, rep.rep.end_s) == (done.start_s, done.stop_s)
    assert any("No motion sensor saw the hold" in note for note in done.notes)


@pytest.mark.parametrize(("hold_s", "said"), [((20.0, 21.0), "short"), ((40.0, 41.0), "met")])
def test_a_timer_runs_from_start_to_stop(hold_s, said):
    done, _script = done_of("stretch_hipflexor", hold_s=hold_s)
    (rep,) = done.reps
    assert rep.rep.end_s - rep.rep.start_s == pytest.approx(done.stop_s - done.start_s)
    assert rep.hold == said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("exercise", "shown", "deg"),
    [
        ("plank", "lumbar_arch", 13.0),
        ("plank", "hips_up", 20.0),
        ("side_plank", "hold_sag", 15.0),
        ("single_leg_balance", "pelvic_drop", 11.0),
        ("single_leg_balance", "sway", 6.0),
    ],
)
def test_signs_of_a_hold_are_told(exercise, shown, deg):
    """One hold of twenty seconds, eight calibrated sensors; without the sign, none is said."""
    for asked in ({}, {shown: deg}):
        script = perform(exercise, 1, seed=1, side="right", references=False, hold_s=(20.0, 24.0), compensations=asked)
        plan = Plan()
        for cue in script.cues:
            plan.add(cue.t_s + LEAD_S, cue.kind, **cue.data)
        (done,) = analysed(entries_of(plan, None, sampled(script, MOTION_SITES, 1), packaged()[exercise].table())).sets
        levels = {sign.name: sign.level for sign in done.signs}
        assert levels[shown] == ("red" if asked else "none")
