"""Rows that grow and are forgotten, and blocks that wait."""

import numpy as np
import pytest

from emgmon.model import Stream, TimedBlock, TimedRun
from emgmon.pipeline.kept import Came, Growing, Moment
from emgmon.pipeline.motion import ImuTrack

STREAM = Stream("S", "imu", "g,dps", 100.0, (None,))


@pytest.mark.parametrize("ahead", [0, 30])
def test_old_rows_are_forgotten_and_what_is_ahead_stays(ahead):
    kept = Growing(1)
    kept.append(np.arange(130.0), np.arange(130.0)[:, None])
    kept.n = 130 - ahead
    assert kept.forget_before(40.0, ahead) == 0
    assert kept.forget_before(90.0, ahead) == 90
    kept.n += ahead
    np.testing.assert_array_equal(kept.time_s, np.arange(90.0, 130.0))
    np.testing.assert_array_equal(kept.rows[:, 0], np.arange(90.0, 130.0))


def test_what_came_up_to_an_entry_is_taken_out():
    came = Came([3, 3, 7], [0.0, 0.2, 0.5], [2, 3, 1], 0.1, np.arange(6.0))
    ready = came.split(6)
    assert (ready.entries, ready.start_s, ready.lengths, ready.samples.tolist()) == (
        [3, 3],
        [0.0, 0.2],
        [2, 3],
        [0, 1, 2, 3, 4],
    )
    assert (came.entries, came.start_s, came.lengths, came.samples.tolist()) == ([7], [0.5], [1], [5])


def test_a_motion_sensor_shows_what_came_up_to_the_moment_though_older_rows_are_forgotten():
    """Rows of later entries are there already when older ones are dropped, and are shown in their turn."""
    rng = np.random.default_rng(2)
    samples = rng.standard_normal((3000, 6)) * 0.01 + [0, 0, 1, 0, 0, 0]
    starts = np.arange(600) * 0.05
    moment = Moment()
    one, many = ImuTrack(STREAM), ImuTrack(STREAM, moment)
    run = TimedRun(STREAM, np.arange(1, 601), starts, np.full(600, 5), 0.01, samples)
    newest_s = many.add_many(run)
    for k in range(600):
        one.add(TimedBlock(STREAM, samples[5 * k : 5 * k + 5], float(starts[k]), 0.01))
        moment.entry = k + 1
        assert one.newest_s == newest_s[k]
        if k in {200, 450}:
            for track in (one, many):
                track.forget_before(float(starts[k]) - 1.0)
        if k % 50 == 0 or k in {200, 201, 450, 451}:
            np.testing.assert_array_equal(one.up.time_s, many.up.time_s)
            np.testing.assert_array_equal(one.up.rows, many.up.rows)
    assert len(many.up.time_s) < 1000
