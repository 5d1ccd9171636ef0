import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.live.kept import KEPT_S, Kept
from emgmon.model import SignalSeen

from .scenes import SITES


def kept(*blocks: tuple[float, np.ndarray], period_s: float = 0.001) -> Kept:
    made = Kept()
    for start_s, samples in blocks:
        made.add(SignalSeen(SITES["GL"], start_s, period_s, np.asarray(samples, float), "uv"))
    return made


@given(st.lists(st.integers(1, 300), min_size=1, max_size=8))
def test_blocks_of_any_size_give_the_whole_signal(sizes):
    total = sum(sizes)
    samples = np.random.default_rng(total).normal(size=total)
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    stretch = kept(*((0.001 * s, samples[s : s + n]) for s, n in zip(starts, sizes, strict=True))).stretch()
    assert (stretch.samples == samples).all()
    assert stretch.times_s == pytest.approx(0.001 * np.arange(total))
    assert stretch.gaps() == []


def test_lost_samples_and_jumps_in_time_are_gaps():
    stretch = kept((0.0, np.r_[np.ones(100), np.full(50, np.nan), np.ones(50)]), (0.5, np.ones(100))).stretch()
    assert stretch.gaps() == [pytest.approx((0.099, 0.150)), pytest.approx((0.199, 0.500))]
    assert stretch.at(0.120) is None
    assert stretch.at(0.300) is None
    assert stretch.at(0.5004) == (0.5, 1.0)


def test_reads_the_nearest_sample_and_nothing_outside():
    stretch = kept((2.0, np.arange(10.0))).stretch()
    assert stretch.at(2.0034) == (pytest.approx(2.003), 3.0)
    assert stretch.at(2.0096) == (pytest.approx(2.009), 9.0)
    assert stretch.at(1.99) is None
    assert stretch.at(2.02) is None


def test_half_a_minute_is_kept():
    made = kept(*((0.1 * k, np.ones(100)) for k in range(1000)))
    stretch = made.stretch()
    assert stretch.times_s[-1] == pytest.approx(99.999)
    assert stretch.times_s[0] == pytest.approx(99.9 - KEPT_S, abs=0.11)


def test_nothing_kept_can_be_asked():
    assert Kept().stretch().at(0.0) is None
    assert kept((0.0, np.full(10, np.nan))).stretch().gaps() == []
