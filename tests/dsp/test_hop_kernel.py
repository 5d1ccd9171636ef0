"""Hops and levels give the same bits with the compiled loops and without, also where loops come in the middle."""

from itertools import pairwise

import numpy as np
import pytest

from emgmon.dsp import compiled, envelope
from emgmon.dsp.envelope import WINDOWS_S, HopPower, levels_now, rms


@pytest.fixture
def loops():
    pytest.importorskip("numba")
    return compiled.hop_kernel()


@pytest.fixture
def plain(monkeypatch):
    """Call something as if there were no loops."""

    def call(function, *given):
        with monkeypatch.context() as patched:
            patched.setattr(envelope, "hop_kernel", lambda: None)
            return function(*given)

    return call


def wild(n, seed=0):
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal(n) * np.exp(4.0 * rng.standard_normal(n))
    lost = rng.random(n) < 0.02
    samples[lost] = rng.choice([np.nan, np.inf, -np.inf, 1e200, 1e151], int(lost.sum()))
    return samples


def cut(n, seed, most=40):
    edges = np.cumsum(np.random.default_rng(seed).integers(0, most, n))
    return [0, *edges[edges < n].tolist(), n]


@pytest.mark.usefixtures("loops")
@pytest.mark.parametrize("fs_hz", [50.0, 200.0, 517.0, 1000.0, 4000.0, 12_800.0, 20_000.0])
def test_hops_are_the_same_bits(plain, fs_hz):
    samples = wild(9000)
    with np.errstate(over="raise"):
        whole = plain(HopPower(fs_hz), samples)[0]
    step, pieces = HopPower(fs_hz), []
    for k, (first, stop) in enumerate(pairwise(cut(9000, 1))):
        part = samples[first:stop]
        power, lead = plain(step, part) if k % 3 == 0 else step(part)
        assert lead == first % step.hop
        pieces.append(power)
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert np.isnan(whole).any() or fs_hz > 500.0
    assert np.isfinite(whole).any()


@pytest.mark.usefixtures("loops")
def test_hops_are_put_where_they_are_kept():
    samples, step = wild(4000), HopPower(1000.0)
    whole = HopPower(1000.0)(samples)[0]
    time_s, rows, n, newest_s = np.empty(400), np.ones((400, 2)), 0, 0.3
    for first, stop in pairwise(cut(4000, 2)):
        m = (step.lead + stop - first) // step.hop
        assert step.put(samples[first:stop], 0.01 * n, 0.01, newest_s, time_s[n : n + m], rows[n : n + m])
        n += m
        newest_s = time_s[n - 1] if n else newest_s
    np.testing.assert_array_equal(rows, np.stack([whole, np.zeros(400)], axis=1))
    assert (time_s[:30] == 0.3).all()
    np.testing.assert_allclose(time_s[40:], 0.01 * np.arange(40, 400))


def test_without_loops_nothing_is_put(plain):
    step = HopPower(1000.0)
    assert not plain(step.put, np.ones(25), 0.0, 0.01, 0.0, np.empty(2), np.empty((2, 2)))
    assert step.lead == 0


def test_a_hop_does_not_depend_on_what_is_lost_beside_it(plain):
    samples = np.full(30, 2e150)
    alone, _lead = plain(HopPower(1000.0), samples)
    samples[25] = np.inf
    beside, _lead = plain(HopPower(1000.0), samples)
    np.testing.assert_array_equal(beside[:2], alone[:2])


@pytest.mark.usefixtures("loops")
def test_hops_of_one_channel_of_many(plain):
    columns = np.arange(200.0).reshape(100, 2)
    for column in (columns[:, 1], columns[:, 1].astype(np.float32), np.arange(200.0)[::2]):
        np.testing.assert_array_equal(HopPower(1000.0)(column)[0], plain(HopPower(1000.0), column)[0])


def channel(seed):
    """Hops whose times stand still, leap and fall silent, some of them lost."""
    rng = np.random.default_rng(seed)
    step_s = np.where(rng.random(400) < 0.02, 0.3, 0.01)
    step_s[rng.random(400) < 0.05] = 0.0
    rows = np.zeros((400, 2))
    rows[:, 0] = np.exp(3.0 * rng.standard_normal(400))
    rows[rng.random(400) < 0.1, 0] = np.nan
    rows[100:160, 0] = np.nan
    return 5.0 + np.cumsum(step_s), rows


@pytest.mark.usefixtures("loops")
def test_levels_are_the_same_bits(plain):
    known = 0
    for seed in range(6):
        time_s, rows = channel(seed)
        for noise in (np.nan, 0.5, 4.0):
            for t_s in [*np.arange(4.9, time_s[-1] + 0.2, 0.02).tolist(), *time_s[::17].tolist()]:
                found = levels_now(time_s, rows, t_s, noise)
                assert repr(found) == repr(plain(levels_now, time_s, rows, t_s, noise))
                known += int(np.isfinite(found).sum())
    assert known > 1000


def test_many_hops_at_one_moment_are_left_to_numpy(loops, plain):
    time_s, rows = np.full(300, 7.0), np.random.default_rng(0).random((300, 2))
    assert not loops.levels_of(time_s, rows, 7.0, 0.0)[0]
    assert repr(levels_now(time_s, rows, 7.0, 0.0)) == repr(plain(levels_now, time_s, rows, 7.0, 0.0))


def test_levels_are_rms_over_the_last_hops():
    time_s = 0.01 * np.arange(100)
    rows = np.random.default_rng(3).random((100, 2))
    for level, window_s in zip(levels_now(time_s, rows, 0.905, 0.1), WINDOWS_S, strict=True):
        inside = (time_s >= 0.905 - window_s) & (time_s <= 0.905)
        assert level == rms(rows[inside, 0], 0.1)


@pytest.mark.parametrize(
    ("kept", "lost", "t_s", "there"),
    [
        (slice(None), slice(0), 0.991, (True, True, True)),
        (slice(None), slice(0), 1.049, (False, True, True)),  # the newest hop is still fresh
        (slice(None), slice(0), 1.051, (False, False, False)),
        (slice(0), slice(0), 0.991, (False, False, False)),
        (slice(90, None), slice(0), 0.991, (True, True, False)),  # a fifth of the longest window
        (slice(None), slice(70, 95), 0.991, (True, False, True)),  # half of it is known, of the bar's less
        (slice(None), slice(70, None), 0.991, (False, False, False)),
    ],
)
def test_without_enough_there_is_no_level(kept, lost, t_s, there):
    time_s, rows = 0.01 * np.arange(100), np.ones((100, 2))
    rows[lost] = np.nan
    assert tuple(np.isfinite(levels_now(time_s[kept], rows[kept], t_s, 0.0))) == there
