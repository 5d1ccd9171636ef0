"""Counters of few values: what a link does to them, and what can still be told."""

from itertools import pairwise

import numpy as np
import pytest

from emgmon.devices.companion import Companion
from emgmon.devices.shortcount import ShortCounter

PERIOD_S = 0.001


def found(sent, *, interval_s=0.0, length=5, modulus=16, fast=1.0):
    """Index for each packet of `length` counts, handed on at the next connection event."""
    counter, out = ShortCounter(modulus, PERIOD_S), {}
    for start in sent:
        taken_s = (start + length) * PERIOD_S / fast
        arrival_s = np.ceil(taken_s / interval_s - 1e-9) * interval_s if interval_s else taken_s
        out[start] = counter.take(start % modulus, length, round(arrival_s * 1e9))
    return out


@pytest.mark.parametrize("interval_s", [0.0, 0.0075, 0.03, 0.05])
def test_without_loss_nothing_is_lost_whatever_the_interval(interval_s):
    sent = range(0, 20_000, 5)
    assert found(sent, interval_s=interval_s) == {k: k for k in sent}


@pytest.mark.parametrize("interval_s", [0.0075, 0.03, 0.05])
def test_single_losses_keep_their_length_whatever_the_interval(interval_s):
    sent = [k for k in range(0, 20_000, 5) if k % 635]
    result = found([0, *sent], interval_s=interval_s)
    assert all(result[k] == k for k in sent)


@pytest.mark.parametrize("hole", [16, 160, 500, 1000, 5000])
def test_long_losses_come_back_within_a_fifth_of_a_second(hole):
    first, after = range(0, 5000, 5), range(5000 + hole, 12_000 + hole, 5)
    result = found([*first, *after], interval_s=0.015)
    off = [result[k] - k for k in after]
    assert max(map(abs, off[-200:])) <= 200
    assert all(later >= earlier for earlier, later in pairwise(off))


@pytest.mark.parametrize("fast", [0.98, 1.02])
@pytest.mark.parametrize("hole", [0, 8, 500, 2000])
def test_a_rate_that_is_two_percent_off_neither_loses_nor_stops(fast, hole):
    before, after = range(0, 10_000, 5), range(10_000 + hole, 25_000 + hole, 5)
    result = found([*before, *after], interval_s=0.03, fast=fast)
    assert all(result[k] == k for k in before)
    assert abs(result[after[-1]] - after[-1]) <= (0 if hole < 16 else 200)


def test_what_came_twice_is_behind():
    counter = ShortCounter(4, 0.01)
    for k in range(8):
        assert counter.take(k % 4, 1, round((k + 1) * 1e7)) == k
    assert counter.take(3, 1, round(8.1 * 1e7)) == 7


def test_companion_follows_a_rate_that_is_two_percent_off():
    """The second stream runs at 49 Hz and says 50; the first one's clock is read in steps of 10 ms."""
    companion = Companion(50.0)
    off = []
    for k in range(3000):
        true_s = (k + 1) / 49.0
        off.append(companion.take(k, 1, np.floor(true_s * 100) / 100) + 1 / 50 - true_s)
    assert np.max(np.abs(off[500:])) < 0.012
    assert np.std(off[500:]) < 0.003


def test_companion_counts_lost_samples_and_leaves_old_ones_behind():
    companion = Companion(50.0)
    for k in range(100):
        companion.take(k, 1, (k + 1) / 50)
    assert companion.take(110, 1, 111 / 50) == pytest.approx(110 / 50, abs=1e-6)
    assert companion.take(100, 1, 111 / 50) == pytest.approx(100 / 50, abs=1e-6)
