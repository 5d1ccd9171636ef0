from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.dsp.orientation import Gravity


def lift(bias_dps=(0.0, 0.0, 0.0), jerk_g=0.0, seed=0):
    """A sensor at rest for 5 s, turned by 30 deg about x in 1 s, held 3 s, turned back; 100 Hz."""
    time_s = np.arange(0, 13, 0.01)
    angle = 30 * np.interp(time_s, [0, 5, 6, 9, 10, 13], [0, 0, 1, 1, 0, 0])
    rate = np.gradient(angle, 0.01)
    turn = np.radians(angle)
    rng = np.random.default_rng(seed)
    acc = np.column_stack([np.zeros_like(turn), np.sin(turn), np.cos(turn)]) + rng.normal(0, 0.005, (len(turn), 3))
    acc[:, 1] += jerk_g * np.interp(time_s, [5, 5.01, 5.49, 5.51, 5.99, 6], [0, 1, 1, -1, -1, 0])  # starts and stops
    gyro = np.column_stack([rate, 0 * rate, 0 * rate]) + np.array(bias_dps) + rng.normal(0, 0.1, (len(turn), 3))
    return angle, np.column_stack([acc, gyro])


@pytest.mark.parametrize(("bias", "jerk_g"), [((0, 0, 0), 0.0), ((1.5, -1.0, 0.5), 0.0), ((1.0, 0, 0), 0.15)])
def test_inclination_follows_within_three_degrees(bias, jerk_g):
    angle, samples = lift(bias, jerk_g)
    up = Gravity(100.0)(samples)[:, :3]
    ours = np.degrees(np.arctan2(up[:, 1], up[:, 2]))
    assert np.abs(ours - angle)[200:].max() < 3.0


def test_still_is_seen_only_at_rest():
    _angle, samples = lift()
    still = Gravity(100.0)(samples)[:, 3]
    assert still[100:490].all()
    assert not still[510:600].any()


@settings(max_examples=25)
@given(st.lists(st.integers(0, 1300), max_size=6))
def test_chunking(cuts):
    _angle, samples = lift()
    samples[400:420] = np.nan
    whole, step = Gravity(100.0)(samples), Gravity(100.0)
    edges = [0, *sorted(cuts), len(samples)]
    pieces = np.concatenate([step(samples[a:b]) for a, b in pairwise(edges)])
    np.testing.assert_array_equal(whole, pieces)


@given(st.lists(st.floats(width=32), min_size=6, max_size=6))
def test_totality_any_floats(row):
    out = Gravity(100.0)(np.array([row, row], float))
    assert out.shape == (2, 4)
    assert np.isnan(out[:, :3]).all() or np.allclose(np.linalg.norm(out[:, :3], axis=1), 1.0)
