"""Order of onsets: by hand, refused where it cannot be said, and recovered from the simulated wearer."""

import math

import numpy as np
import pytest
from simulated import entries_of, events_of, script_of, session_time

import firmware_sim
from emgmon.dsp.onset import NOTHING
from emgmon.metrics import RepSignals, Stretch, starts_of
from emgmon.metrics.base import Start
from emgmon.metrics.onset import onset_delay_h, order_of
from emgmon.model import Placement, Rep

REP = Rep(1, 3.0, 4.5, 6.0, 7.0)
GLUTE, HAMSTRING = Placement("gluteus_maximus", "left"), Placement("biceps_femoris", "left")


def rep_signals(starts):
    return RepSignals(REP, ("con", "act"), dict.fromkeys(starts), {}, {}, {}, ("G", "H"), True, 30.0, starts)


def known(onset_s, snr_db=20.0, flag=""):
    return Start(NOTHING._replace(onset_s=onset_s, snr_db=snr_db, flag=flag))


def test_a_delay_is_glutes_less_hamstrings():
    side, both = onset_delay_h(rep_signals({GLUTE: known(0.03), HAMSTRING: known(-0.05)}))
    assert (side.where, both.where) == ("left", "both")
    assert side.value == both.value == pytest.approx(0.08)


@pytest.mark.parametrize(
    ("start", "flag"),
    [
        (known(0.0, 8.0), "signal too weak for an order"),
        (known(math.nan, flag="no discrete onset"), "no discrete onset"),
    ],
)
def test_a_delay_that_cannot_be_said_says_why(start, flag):
    side, both = onset_delay_h(rep_signals({GLUTE: start, HAMSTRING: known(0.0)}))
    assert math.isnan(side.value)
    assert side.flag == both.flag == flag
    assert onset_delay_h(rep_signals({GLUTE: start})) == []


def test_stretches_that_cannot_be_used_say_why():
    time_s = np.arange(3400) / 1000 + 0.8
    samples = np.random.default_rng(1).standard_normal(3400)
    slow = Stretch(time_s[::10], samples[::10], 100.0)
    holed = Stretch(time_s + (time_s > 2.0) * 0.1, samples, 1000.0)
    found = starts_of({GLUTE: slow, HAMSTRING: holed}, REP, {})
    assert found[GLUTE].onset.flag == "sensor sends no raw signal"
    assert found[HAMSTRING].onset.flag == "signal lost"


def test_words_of_an_order():
    spread = np.array([-0.02, 0.01, 0.0, 0.015, -0.01, 0.005, 0.0, -0.005])
    assert order_of(0.08 + spread, 0.07 + spread, lift_s=0.8).word == "later"
    assert order_of(0.08 + spread, 0.07 + spread, lift_s=1.5).word == "together"
    assert order_of(-0.13 + spread, -0.12 + spread, lift_s=1.5).word == "earlier"
    assert order_of(0.13 + spread, -0.05 + spread, lift_s=1.5).word == "together"
    assert order_of(0.13 + 30 * spread, 0.12 + spread, lift_s=1.5).word == "together"
    assert order_of(list(spread[:4]), list(spread[:4]), lift_s=1.5).word == "unknown"
    told = order_of(0.08 + spread, 0.07 + spread, lift_s=0.8)
    assert told.low_s < told.median_s < told.high_s
    assert told.probability > 0.99


def test_no_difference_is_seldom_called_one():
    rng = np.random.default_rng(7)
    words = [order_of(a, a + rng.normal(0, 0.02, 10), 0.8).word for a in rng.normal(0, 0.05, (400, 10))]
    assert np.mean([word != "together" for word in words]) <= 0.05
    words = [order_of(a, a + rng.normal(0, 0.02, 10), 0.8).word for a in rng.normal(0.1, 0.05, (400, 10))]
    assert np.mean([word == "later" for word in words]) >= 0.8


@pytest.mark.slow
def test_the_wearers_onsets_are_recovered():
    script = script_of(6, seed=3)
    entries = entries_of(script, seed=3)
    (done,) = events_of(entries)[1].sets
    errors_s, delays_s, true_s = [], [], []
    for rep, true in zip(done.reps, script.reps, strict=True):
        truth = script.onsets[true.index]
        for (muscle, side), start_s in truth.items():
            found_s = rep.rep.start_s + rep.value("onset", "con", f"{muscle}/{side}")
            errors_s.append(found_s - session_time(entries, start_s))
        delays_s.append(rep.value("onset_delay_h", "con"))
        sides = [truth["gluteus_maximus", side] - truth["biceps_femoris", side] for side in ("left", "right")]
        true_s.append(np.mean(sides))
    assert np.isfinite(errors_s).mean() >= 0.99
    assert np.nanmedian(np.abs(errors_s)) <= 0.020
    assert np.mean(np.array(errors_s) < -0.15) <= 0.03
    assert np.median(delays_s) == pytest.approx(np.median(true_s), abs=0.025)
    assert done.estimate("onset_delay_h", "con").n == len(done.reps)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", ["squat_bw", "deadlift_rdl"])
def test_a_lift_after_a_lowering_has_no_onset(exercise):
    """The simulated muscles start with the lowering and work on through the turn: no start is in the lift."""
    script = firmware_sim.perform(exercise, 3, seed=1, references=False, calibrated=False)
    (done,) = events_of(entries_of(script, seed=1, exercise=exercise))[1].sets
    assert len(done.reps) == 3
    for rep, true in zip(done.reps, script.reps, strict=True):
        assert all(start_s < true.release_s - 0.5 for start_s in script.onsets[true.index].values())
        flags = {value.flag for value in rep.values if value.metric == "onset"}
        assert flags == {"no discrete onset"}
