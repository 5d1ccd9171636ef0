"""What sensors of motion show while a set goes on: late rest poses, cuts of the packets, and the clock of a hold."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.exercise.catalogue import packaged
from emgmon.exercise.reps import TICK_S, RepSettings
from emgmon.model import Phase, Placement, Stream, TimedBlock
from emgmon.pipeline.kept import Moment
from emgmon.pipeline.motion import ImuTrack
from emgmon.pipeline.setmotion import SetMotion

FS_HZ, PERIOD_S, START_S = 100.0, 0.01, 1.0
BRIDGE = packaged()["bridge_2leg"]


def leaning(angle, at_deg=40.0):
    """Acceleration and turning of a sensor that leans by an angle each 10 ms."""
    tilt, zero = np.radians(at_deg + angle), np.zeros(len(angle))
    return np.column_stack([np.sin(tilt), zero, np.cos(tilt), zero, -np.gradient(angle, PERIOD_S), zero])


def moved(*parts):
    """Angle of (seconds, degrees) parts; each moves to its angle in the first second."""
    angle = [np.zeros(1)]
    for length_s, deg in parts:
        share = np.clip(np.arange(round(length_s / PERIOD_S)) * PERIOD_S, 0.0, 1.0)
        before = angle[-1][-1]
        angle.append(before + (deg - before) * (10 * share**3 - 15 * share**4 + 6 * share**5))
    return np.concatenate(angle)[1:]


BRIDGES = leaning(moved((2, 0), *[(4, 30), (3, 0)] * 3))


class Thigh:
    """A sensor whose samples are handed over in packets, each at its time."""

    def __init__(self, samples, place="thigh/left", cuts=None, late_s=lambda _t_s: 0.0):
        self.stream = Stream(place, "imu", "g,dps", FS_HZ, (Placement.parse(place),))
        self.track = ImuTrack(self.stream)
        edges = [0, *sorted(set(cuts or range(5, len(samples), 5))), len(samples)]
        self.due = [
            (b * PERIOD_S + late_s(a * PERIOD_S), a * PERIOD_S, samples[a:b])
            for a, b in itertools.pairwise(edges)
            if b > a
        ]

    def until(self, t_s):
        while self.due and self.due[0][0] <= t_s:
            _due_s, start_s, samples = self.due.pop(0)
            self.track.add(TimedBlock(self.stream, samples, start_s, PERIOD_S))


def done(exercise, *sensors, ends_s=25.0):
    """Go through a set tick by tick; returns the reps and the state at each tick."""
    motion, found, states = None, [], []
    imus = {}
    for k in range(round(ends_s / TICK_S)):
        t_s = k * TICK_S
        for sensor in sensors:
            sensor.until(t_s + 0.1)
            if sensor.track.up.n:
                imus[sensor.stream.device, "imu"] = sensor.track
        if motion is None and t_s >= START_S:
            motion = SetMotion(exercise, imus, t_s, RepSettings())
        if motion is not None:
            found += motion.tick(t_s)
            states.append(motion.now(t_s, len(found)))
    return found + motion.close(), states


def test_a_sensor_that_is_late_when_the_set_begins_gives_the_same_reps():
    timely, _states = done(BRIDGE, Thigh(BRIDGES))
    late, states = done(BRIDGE, Thigh(BRIDGES, late_s=lambda t_s: 1.4 if 0.3 < t_s < 5.0 else 0.0))
    assert len(timely) == 3
    assert [item.rep for item in late] == [item.rep for item in timely]
    assert states[0].phase is Phase.REST
    assert np.isnan(states[0].angle_deg)


def test_a_sensor_that_first_speaks_after_the_set_began_is_still_heard():
    """Its first packets are two seconds late, but say what was before the set."""
    found, _states = done(BRIDGE, Thigh(BRIDGES, late_s=lambda t_s: max(0.0, 3.0 - t_s)))
    assert len(found) == 3
    found, _states = done(BRIDGE, Thigh(BRIDGES, late_s=lambda t_s: max(0.0, 13.0 - t_s)))
    assert len(found) == 0  # it is not waited for that long


def test_a_segment_seen_at_rest_is_better_than_one_that_was_away():
    away = Thigh(BRIDGES[:20], "thigh/left")
    away.until(0.2)
    away.track.set_rest(0.2)  # of an earlier set
    found, _states = done(BRIDGE, away, Thigh(BRIDGES, "sacrum/midline"))
    assert len(found) == 3
    alone, _states = done(BRIDGE, away)
    assert alone == []


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, len(BRIDGES) - 1), max_size=60), st.integers(1, 12))
def test_no_rep_is_lost_or_moved_by_where_packets_are_cut(cuts, every):
    """Packets of 10 to 120 ms, cut anywhere besides; three reps are found whatever the cuts."""
    whole, _states = done(BRIDGE, Thigh(BRIDGES))
    found, _states = done(BRIDGE, Thigh(BRIDGES, cuts=[*cuts, *range(every, len(BRIDGES), every)]))
    assert len(found) == 3
    for one, other in zip(found, whole, strict=True):
        times = [(item.rep.start_s, item.rep.top_s, item.rep.release_s, item.rep.end_s) for item in (one, other)]
        np.testing.assert_allclose(*times, atol=1e-6)


PLANK = packaged()["plank"]
PLANKS = moved((4, 0), (10, 15), (4, 0), (6, 15), (6, 0))


def test_the_clock_of_a_hold_runs_while_it_is_held():
    _found, states = done(PLANK, Thigh(leaning(PLANKS), "sacrum/midline"), ends_s=29.0)
    at = {t_s: states[round((t_s - START_S) / TICK_S)] for t_s in (3.0, 8.0, 13.0, 16.8, 22.0, 27.0)}
    assert (at[8.0].phase, at[13.0].phase, at[22.0].phase) == (Phase.HOLD,) * 3
    assert at[8.0].hold_s == pytest.approx(3.0, abs=0.5)
    assert at[13.0].hold_s == pytest.approx(8.0, abs=0.5)
    assert at[22.0].hold_s == pytest.approx(3.0, abs=0.5)
    assert at[22.0].rep > at[13.0].rep


def test_who_sways_in_a_pose_goes_on_holding():
    sway = PLANKS.copy()
    sway[600:1300] += 4.0 * np.sin(2 * np.pi * 0.5 * np.arange(700) * PERIOD_S)
    _found, states = done(PLANK, Thigh(leaning(sway), "sacrum/midline"), ends_s=14.0)
    assert states[-60].phase is Phase.HOLD
    assert states[-60].hold_s == pytest.approx(7.0, abs=1.0)


def test_without_a_sensor_the_clock_runs_from_the_start():
    _found, states = done(PLANK, Thigh(leaning(PLANKS), "thigh/left"), ends_s=9.0)
    assert states[-1].phase is Phase.HOLD
    assert states[-1].hold_s == pytest.approx(8.0, abs=0.1)


def followed(exercise, sides, cuts, *, kernel):
    """Entries of packets first, then all ticks in stretches; returns the reps and what is known in the end."""
    moment, imus, entry = Moment(), {}, 0
    tracks = [ImuTrack(Thigh(samples, place).stream, moment) for place, samples in sides.items()]
    for first in range(0, len(BRIDGES), 7):
        for track, samples in zip(tracks, sides.values(), strict=True):
            entry += 1
            block = TimedBlock(track.stream, samples[first : first + 7], first * PERIOD_S, PERIOD_S)
            if np.isfinite(block.samples).all():
                track.add(block, entry)
                imus[track.stream.device, "imu"] = track
    ticks = [
        (k * TICK_S, min(entry, 2 * len(tracks) + int(k * TICK_S / PERIOD_S / 7) * len(tracks))) for k in range(1100)
    ]
    moment.entry = ticks[50][1]
    motion, found = SetMotion(exercise, imus, START_S, RepSettings()), []
    with pytest.MonkeyPatch.context() as patch:
        if not kernel:
            patch.setattr("emgmon.pipeline.setmotion.motion_kernel", lambda: None)
        for first, stop in itertools.pairwise([50, *sorted(set(cuts)), len(ticks)]):
            for items in motion.follow(ticks[first:stop], moment):
                found += [(moment.entry, item) for item in items]
    moment.entry = ticks[-1][1]
    states = [
        (f.finder.state, f.angle_deg, f.hold_s, f.finder.partial, f.imus[0].rest.tolist()) for f in motion.followers
    ]
    return repr((found, states, motion.now(ticks[-1][0], 0)))


SPOILT = BRIDGES.copy()
SPOILT[700:900] = np.nan
SIDES = {
    "both": (BRIDGE, {"thigh/left": BRIDGES, "thigh/right": leaning(moved((2.3, 0), *[(4, 30), (3, 0)] * 3))}),
    "one that is lost for a while": (BRIDGE, {"thigh/left": SPOILT}),
    "a leg each": (
        packaged()["step_up"],
        {"thigh/left": BRIDGES, "thigh/right": leaning(moved((6, 0), *[(3, 20), (2, 0)] * 3, (2, 0)))},
    ),
    "held": (PLANK, {"sacrum/midline": leaning(PLANKS[: len(BRIDGES)])}),
}


@pytest.mark.parametrize("who", SIDES)
@pytest.mark.parametrize("kernel", [False, True])
def test_ticks_at_once_are_ticks_one_by_one(who, kernel):
    if kernel:
        pytest.importorskip("numba")
    one_by_one = followed(*SIDES[who], range(51, 1100), kernel=False)
    assert "Found(" in one_by_one or who == "held"
    for cuts in ([], [55, 300, 301, 700], range(100, 1100, 37)):
        assert followed(*SIDES[who], cuts, kernel=kernel) == one_by_one
