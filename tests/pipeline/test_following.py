"""Reps by sensors whose packets come late, or not at all."""

import numpy as np
import pytest

from emgmon.exercise.catalogue import packaged
from emgmon.exercise.reps import TICK_S, RepSettings
from emgmon.model import Phase, Placement, Stream, TimedBlock
from emgmon.pipeline.following import followers
from emgmon.pipeline.motion import ImuTrack

FS_HZ, PACKET = 100.0, 5
STREAM = Stream("x", "imu", "g,dps", FS_HZ, (Placement("thigh", "left"),))


def bridges(reps):
    """Acceleration and turning of a thigh: 30 degrees up in a second, three held, down in a second, two of rest."""
    share = np.arange(100) / 100
    lift = 30.0 * (10 * share**3 - 15 * share**4 + 6 * share**5)
    angle = np.concatenate([np.zeros(200), *[lift, np.full(300, 30.0), 30.0 - lift, np.zeros(200)] * reps])
    tilt = np.radians(40.0 + angle)
    zero = np.zeros(len(angle))
    return np.column_stack([np.sin(tilt), zero, np.cos(tilt), zero, -np.gradient(angle, 1 / FS_HZ), zero])


def follow(samples, late_s=lambda _t_s: 0.0, lost=lambda _t_s: False):
    """Hand packets to the track when they come, and ticks to the follower as the pipeline does."""
    track = ImuTrack(STREAM)
    due = [
        (first / FS_HZ + PACKET / FS_HZ + late_s(first / FS_HZ), first)
        for first in range(0, len(samples), PACKET)
        if not lost(first / FS_HZ)
    ]
    follower, found, phases, last = None, [], [], 0.0
    for k in range(int((len(samples) / FS_HZ + 4.0) / TICK_S)):
        t_s = k * TICK_S
        while due and max(due[0][0], last) <= t_s + 0.1:
            last, first = max(due[0][0], last), due.pop(0)[1]
            track.add(TimedBlock(STREAM, samples[first : first + PACKET], first / FS_HZ, 1 / FS_HZ))
        if follower is None and t_s >= 1.0:
            track.set_rest(t_s)
            (follower,) = followers(packaged()["bridge_2leg"], [track], t_s, RepSettings())
        if follower is not None:
            found += follower.tick(t_s)
            phases.append(follower.finder.phase)
    return found + follower.close(), follower, phases


def test_packets_that_come_late_give_the_same_reps():
    """Two and a half seconds late in the lowering of the second rep: nothing is lost, nothing is joined."""
    samples = bridges(5)
    (timely, _f, _p), (late, follower, _q) = follow(samples), follow(samples, lambda t_s: 2.5 * (12.5 < t_s < 16.0))
    assert len(timely) == 5
    assert [item.rep for item in late] == [item.rep for item in timely]
    assert follower.finder.partial == 0


def test_lost_samples_join_no_two_reps():
    samples = bridges(5)
    found, follower, phases = follow(samples, lost=lambda t_s: 12.0 < t_s < 16.8)
    assert len(found) == 3
    assert all(item.rep.end_s - item.rep.start_s < 6.0 for item in found)
    assert follower.finder.partial >= 1
    assert phases[-1] is Phase.REST


def test_a_damaged_sample_before_the_first_rep_turns_no_direction():
    """One gyroscope sample of 1000 deg/s the other way moves the estimate by ten degrees."""
    samples = bridges(5)
    timely, _follower, _phases = follow(samples)
    samples[150, 4] = 1000.0
    found, _follower, _phases = follow(samples)
    assert len(found) == 5
    assert [item.rep.top_s for item in found] == pytest.approx([item.rep.top_s for item in timely], abs=0.1)


def turned(samples):
    """Move as before, about an axis of the sensor 70 degrees beside: a leg that swings to the side."""
    angle = np.arctan2(samples[:, 0], samples[:, 2]) - np.radians(40.0)
    rest = np.array([np.sin(np.radians(40.0)), 0.0, np.cos(np.radians(40.0))])
    before = np.array([0.0, 1.0, 0.0])
    axis = np.cos(np.radians(70.0)) * before + np.sin(np.radians(70.0)) * np.cross(rest, before)
    up = np.cos(angle)[:, None] * rest + np.sin(angle)[:, None] * np.cross(axis, rest)
    return np.column_stack([up, samples[:, 4:5] * axis])


def test_another_movement_after_the_first_three_is_told_and_not_counted():
    samples = bridges(6)
    mixed = samples.copy()
    mixed[3000:3700] = turned(samples)[3000:3700]  # the fifth of six, 7 s each after 2 s
    found, follower, _phases = follow(mixed)
    assert (len(found), follower.other) == (5, 1)


def test_the_same_movement_is_never_another():
    found, follower, _phases = follow(bridges(8))
    assert (len(found), follower.other) == (8, 0)
