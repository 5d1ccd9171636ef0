import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emgmon.model import SampleBlock, Stream
from emgmon.timing.counters import MAX_FILL_S, SampleCounter

STREAM = Stream("S", "emg", "uv", 100.0, (None,))


def block(first, n=5):
    """Samples whose value is their index, so that any hole or doubling shows."""
    return SampleBlock(STREAM, np.arange(first, first + n, dtype=float)[:, None], first, 0.0, 0)


def take_all(blocks):
    counter = SampleCounter()
    parts = [counter.take(b) for b in blocks]
    return counter, np.concatenate([samples for samples, _first in parts])[:, 0]


def test_a_hole_is_nan_and_counted():
    counter, samples = take_all([block(10), block(20)])
    np.testing.assert_array_equal(samples, [10, 11, 12, 13, 14, *[np.nan] * 5, 20, 21, 22, 23, 24])
    assert (counter.received, counter.lost, counter.repeated) == (10, 5, 0)


def test_what_comes_twice_is_cut_and_counted():
    counter, samples = take_all([block(0), block(3), block(0)])
    np.testing.assert_array_equal(samples, np.arange(8))
    assert (counter.received, counter.lost, counter.repeated) == (8, 0, 7)


def test_a_huge_hole_is_counted_whole_but_not_filled_whole():
    counter, samples = take_all([block(0), block(10**9)])
    assert counter.lost == 10**9 - 5
    assert len(samples) == 10 + int(MAX_FILL_S * 100)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 20)), min_size=1, max_size=30))
def test_samples_always_stand_at_their_index(pieces):
    counter = SampleCounter()
    for first, n in pieces:
        samples, start = counter.take(block(first, n))
        there = np.isfinite(samples[:, 0])
        np.testing.assert_array_equal(samples[there, 0], np.arange(start, start + len(samples))[there])
    assert counter.received + counter.repeated == sum(n for _first, n in pieces)
