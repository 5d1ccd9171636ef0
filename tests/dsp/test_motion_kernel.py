"""The loops over motion samples, run by CPython and compiled by numba, give the same bits."""

import copy
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.dsp import compiled, motion_loops, phase_loops
from emgmon.dsp.motion_loops import clipped, levelling
from emgmon.dsp.orientation import Gravity, Tilt
from emgmon.dsp.rest_loops import RESTING
from emgmon.exercise.reps import RepFinder

FS_HZ = 100.0
KINDS = [Gravity, Tilt]
HOLES = (np.nan, 0.0, 1e9, -np.inf, 1e-9)


@pytest.fixture(scope="module")
def loops():
    pytest.importorskip("numba")
    return compiled.motion_kernel()


def motion(seed, n=2600):
    """Rest, bows and shaking, with a bias."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(n) / FS_HZ
    rate = 90.0 * np.sin(2 * np.pi * np.outer(time_s, rng.uniform(0.1, 0.6, 3))) * (time_s[:, None] % 9.0 > 4.0)
    up = np.cumsum(np.radians(rate) / FS_HZ, axis=0) + np.array([0.0, 0.3, 1.0])
    up /= np.linalg.norm(up, axis=1)[:, None]
    noise = rng.normal(0.0, 1.0, (n, 6)) * ([0.005] * 3 + [0.1] * 3)
    return np.column_stack([up, rate + rng.uniform(-2.0, 2.0, 3)]) + noise


def run(kind, samples, cuts, switched=(), again=()):
    """Rows and what is known in the end; `switched` says for each cut whether loops are compiled."""
    step, parts = kind(FS_HZ), []
    samples = samples if kind is Gravity else samples[:, :3]
    for k, (a, b) in enumerate(pairwise([0, *sorted([*cuts, *again]), len(samples)])):
        if a in again:
            step.restart()
        if switched and not switched[k % len(switched)]:
            before, compiled._loops.motion = compiled._loops.motion, None
            try:
                parts.append(step(samples[a:b]))
            finally:
                compiled._loops.motion = before
        else:
            parts.append(step(samples[a:b]))
    scale = step.scale
    known = np.array([*getattr(step, "bias_dps", ()), scale.g, scale.known_at, scale.seen])
    return np.concatenate(parts).tobytes(), known.tobytes()


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.integers(0, 3),
    st.lists(st.tuples(st.integers(0, 2590), st.integers(1, 40), st.sampled_from(HOLES)), max_size=8),
    st.lists(st.integers(0, 2600), max_size=8).map(sorted),
    st.lists(st.booleans(), min_size=1, max_size=5),
    st.lists(st.integers(1, 2600), max_size=2, unique=True),
)
def test_the_same_bits_with_and_without_in_any_cut(loops, kind, seed, holes, cuts, switched, again):
    """Also where a session begins on one and goes on with the other, and over restarts after long gaps."""
    assert loops is not None
    samples = motion(seed)
    for first, n, value in holes:
        samples[first : first + n] = value
    expected = run(kind, samples, [], [False], again)
    assert run(kind, samples, [], [], again) == expected
    assert run(kind, samples, cuts, [], again) == expected
    assert run(kind, samples, cuts, [False], again) == expected
    assert run(kind, samples, cuts, switched, again) == expected


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.lists(st.lists(st.floats(), min_size=6, max_size=6), min_size=1, max_size=12))
def test_the_same_bits_for_any_floats(loops, kind, rows):
    assert loops is not None
    samples = np.array(rows * 8)
    assert run(kind, samples, []) == run(kind, samples, [], [False])


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_goes_on_alike(loops, kind):
    assert loops is not None
    samples = motion(5)[:, : 6 if kind is Gravity else 3]
    step = kind(FS_HZ)
    step(samples[:500])
    other = copy.deepcopy(step)
    np.testing.assert_array_equal(step(samples[500:]), other(samples[500:]))


@pytest.mark.parametrize("kind", KINDS)
def test_samples_that_are_short_or_strided_or_may_not_be_written_are_taken(loops, kind):
    samples = motion(6, 400)[:, : 6 if kind is Gravity else 3].astype(np.float32)
    wide = np.repeat(samples, 2, axis=0)[::2]
    fixed = samples.astype(np.float64)
    fixed.flags.writeable = False
    expected = kind(FS_HZ)(samples.astype(np.float64))
    for given_ in (samples, wide, fixed, np.asfortranarray(fixed)):
        np.testing.assert_array_equal(kind(FS_HZ)(given_), expected)
    assert len(loops.rested.signatures) == 1  # nothing was compiled for their sake


@given(*[st.floats(-1e3, 1e3)] * 3)
def test_levelling_brings_any_vector_up(x, y, z):
    w, u, v = levelling(x, y, z)
    assert w * w + u * u + v * v == pytest.approx(1.0)
    length = np.sqrt(x * x + y * y + z * z)
    if length > 1e-9:
        rx = x + 2.0 * (w * (v * z) + v * (u * y - v * x))
        ry = y + 2.0 * (w * (-u * z) - u * (u * y - v * x))
        assert np.hypot(rx, ry) <= 2e-6 * length


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 99),
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 1490), st.integers(1, 60)), max_size=6),
    st.lists(st.integers(0, 1500), max_size=4),
)
def test_phases_are_the_same_bits_with_and_without(loops, seed, sensors, holes, cuts):
    """Of movements of any kind, with holes; a movement that ended is looked at as soon as it may be."""
    rng = np.random.default_rng(seed)
    time_s, rows = 0.02 * np.arange(1500), np.empty((1500, 4 * sensors))
    for k in range(0, 4 * sensors, 4):
        lean = 0.4 * np.clip(4.0 * np.sin(time_s * rng.uniform(0.5, 2.0)), -1.0, 1.0) * (rng.random() + time_s % 10 > 1)
        rows[:, k : k + 3] = np.column_stack([np.sin(lean), np.sin(0.1 * lean), np.cos(lean)])
        rows[:, k + 3] = rng.random(1500) > 0.5
    rows += rng.normal(0.0, 0.002, rows.shape)
    for first, n in holes:
        rows[first : first + n, : rng.integers(1, sensors + 1) * 4] = np.nan

    def told(loops):
        finder = RepFinder(10.0)
        state, spec = loops.numbers([finder.state, finder.spec])
        (table,) = loops.numbers([[0.0, 0.0, 1.0, np.nan, np.nan, np.nan, 0.0] * sensors])
        times_s, seen = loops.table(time_s.tolist(), rows)
        at, stops = 0, []
        for stop in [*sorted(cuts), 1500]:
            while at < stop:
                stops.append(reached := int(loops.followed(times_s, seen, at, stop, spec, state, table)))
                at = max(reached, at + (reached < stop))
                state[phase_loops.ENDED] = np.nan if reached < stop else state[phase_loops.ENDED]
        return [at for at in stops if at not in cuts], np.array([*state, *table]).tobytes()

    assert told(loops) == told(phase_loops)


def test_what_is_clipped_stays_nan_if_it_was():
    assert [clipped(x, 2.0) for x in (-3.0, 1.0, 9.0)] == [-2.0, 1.0, 2.0]
    assert np.isnan(clipped(np.nan, 2.0))


def test_a_bias_is_pulled_to_what_is_seen_at_rest():
    """Known by hand: with as much doubt before as in what is seen, half of the way, and half of the doubt."""
    spec = [0.1, -1.0, 0.5, 1.0, 0.04, 0.0, 0.25, 0.25, 0.25, 2.0]
    bias, slow = [0.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.25, 0.0, 0.25, 0.0], [[0.0] * 11 for _ in range(3)]
    motion_loops.look((1.0, 0.0, 0.0, 0.0), (0.0, 0.0), RESTING, (1.0, -2.0, 0.5), spec, bias, slow)
    assert bias[:9] == pytest.approx([0.5, -1.0, 0.25, 0.125, 0.0, 0.0, 0.125, 0.0, 0.125])
