import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.live.sweep import Sweep, next_scale

SPAN_S = 10.0


def fed(columns: int, fs_hz: float, samples: np.ndarray, sizes, start_s: float = 0.0) -> Sweep:
    sweep, first = Sweep(columns, SPAN_S), 0
    for size in sizes:
        sweep.add(start_s + first / fs_hz, 1 / fs_hz, samples[first : first + size])
        first += size
    return sweep


@given(
    cuts=st.lists(st.integers(1, 700), min_size=1, max_size=12),
    lost=st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 300)), max_size=4),
)
def test_smallest_and_largest_are_those_of_each_column(cuts, lost):
    fs_hz, columns, total = 1000.0, 200, sum(cuts)
    samples = np.random.default_rng(total).standard_normal(total)
    for start, size in lost:
        samples[start : start + size] = np.nan
    sweep = fed(columns, fs_hz, samples, cuts)
    column = np.floor(np.arange(total) / fs_hz / (SPAN_S / columns) + 1e-9).astype(int)
    low, high, gap = sweep.read(0, column[-1])
    for number in range(column[-1] + 1):
        inside = samples[column == number]
        inside = inside[~np.isnan(inside)]
        if inside.size:
            assert (low[number], high[number]) == (inside.min(), inside.max())
            assert not gap[number]
        else:
            assert np.isnan(low[number])
            assert gap[number]


@given(
    sizes=st.lists(st.integers(0, 300), min_size=1, max_size=12),
    gaps_s=st.lists(st.sampled_from([0.0, 0.0, 0.0004, 0.3, 4.0]), min_size=12, max_size=12),
    fs_hz=st.sampled_from([5.0, 30.0, 1000.0]),
    before_s=st.sampled_from([0.0, 0.5, 60.0]),
)
def test_a_run_of_blocks_is_the_same_as_one_block_after_the_other(sizes, gaps_s, fs_hz, before_s):
    rng, start_s, blocks = np.random.default_rng(sum(sizes)), 0.02, []
    for size, gap_s in zip(sizes, gaps_s, strict=False):
        samples = rng.standard_normal(size)
        samples[rng.random(size) < 0.1] = np.nan
        blocks.append((start_s, 1.0 / fs_hz, samples))
        start_s += size / fs_hz + gap_s
    one, many = Sweep(200, SPAN_S), Sweep(200, SPAN_S)
    for sweep in (one, many):  # what is already there may be later
        sweep.add(before_s, 0.001, np.linspace(-0.5, 0.5, 700))
    changed = [found for block in blocks if (found := one.add(*block, 1)) is not None]
    told = many.add_run(blocks, 1)
    assert one.head == many.head
    window = (max(0, one.head - 199), one.head)
    for a, b in zip(one.read(*window), many.read(*window), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(one.grades(*window), many.grades(*window))
    if changed:
        assert told is not None
        assert told[1] == max(last for _, last in changed)
        assert told[0] <= max(window[0], min(first for first, _ in changed))
    one.add(start_s, 1.0 / fs_hz, np.ones(3))
    many.add(start_s, 1.0 / fs_hz, np.ones(3))
    np.testing.assert_array_equal(one.read(*window)[0], many.read(*window)[0])


def test_the_newest_sweep_overwrites_the_oldest():
    samples = np.arange(12_500, dtype=float)
    sweep = fed(100, 1000.0, samples, [500] * 25)
    assert sweep.head == 124
    low, high, _ = sweep.read(25, 124)
    assert low[0] == 2500
    assert high[-1] == 12_499
    low, _, gap = sweep.read(0, 24)
    assert np.isnan(low).all()
    assert not gap.any()


def test_a_jump_in_time_leaves_empty_columns():
    sweep = Sweep(100, SPAN_S)
    sweep.add(0.0, 0.01, np.ones(100))
    sweep.add(3.0, 0.01, np.ones(100))
    low, _, gap = sweep.read(0, 39)
    assert np.isnan(low[10:30]).all()
    assert not np.isnan(low[[*range(10), *range(30, 40)]]).any()
    assert not gap.any()


def test_a_jump_of_more_than_one_sweep_leaves_nothing_of_the_past():
    sweep = Sweep(100, SPAN_S)
    sweep.add(0.0, 0.01, np.full(1000, 7.0))
    sweep.add(25.0, 0.01, np.ones(10))
    low, _, _ = sweep.read(sweep.head - 99, sweep.head)
    assert np.nansum(low) == 1.0
    assert sweep.peak(sweep.head) == 1.0


def test_the_past_is_never_written_over_the_present():
    sweep = Sweep(100, SPAN_S)
    sweep.add(20.0, 0.01, np.ones(10))
    assert sweep.add(10.0, 0.01, np.full(10, 9.0)) is None
    assert sweep.read(200, 200)[1] == 1.0


def test_slow_signals_have_a_value_in_every_column():
    time_s = np.arange(300) / 30.0
    sweep = fed(1000, 30.0, np.sin(time_s), [7] * 42)
    low, high, gap = sweep.read(1, sweep.head)
    assert not np.isnan(low).any()
    assert not gap.any()
    middles = (np.arange(1, sweep.head + 1) + 0.5) * 0.01
    assert np.abs(high - np.sin(middles)).max() < 0.01


def test_a_gap_in_a_slow_signal_stays_a_gap():
    samples = np.ones(300)
    samples[100:150] = np.nan
    sweep = fed(1000, 30.0, samples, [30] * 10)
    low, _, gap = sweep.read(340, 490)
    assert np.isnan(low).all()
    assert gap.all()


def test_an_empty_block_changes_nothing():
    sweep = Sweep(100, SPAN_S)
    assert sweep.add(1.0, 0.001, np.empty(0)) is None
    assert sweep.head == -1
    assert sweep.peak(-1) == 0.0


@pytest.mark.parametrize("columns", [50, 100, 330])
def test_another_width_shows_the_same_seconds(columns):
    sweep = fed(100, 1000.0, np.repeat(np.arange(130.0), 100), [1000] * 13)
    other = sweep.resized(columns)
    assert other.head == pytest.approx(13.0 * columns / SPAN_S, abs=columns / 50)
    low, _, _ = other.read(other.head - columns // 2, other.head)
    middles = (np.arange(other.head - columns // 2, other.head + 1) + 0.5) * other.column_s
    assert np.nanmax(np.abs(low - np.floor(middles * 10))) <= 1.0
    assert not np.isnan(low[: columns // 3]).any()


def test_an_empty_sweep_can_be_resized():
    assert Sweep(100, SPAN_S).resized(70).head == -1


def test_the_axis_grows_at_once_and_shrinks_late():
    assert next_scale(100.0, 101.0) == 200.0
    assert next_scale(100.0, 99.0) == 100.0
    assert next_scale(100.0, 41.0) == 100.0
    assert next_scale(100.0, 39.0) == 50.0
    assert next_scale(100.0, 0.0) == 10.0
    assert next_scale(10.0, 5000.0) == 10_000.0


@given(st.floats(0.1, 1e6))
def test_the_axis_stays_for_the_peak_it_was_chosen_for(peak):
    scale = next_scale(1.0, peak)
    assert scale >= peak
    assert next_scale(scale, peak) == scale


def test_grades_stay_with_their_columns_and_are_overwritten():
    sweep = Sweep(100, SPAN_S)
    sweep.add(0.0, 0.01, np.ones(300))
    sweep.add(3.0, 0.01, np.ones(200), grade=2)
    assert sweep.grades(0, 49).tolist() == [0] * 30 + [2] * 20
    assert sweep.grades(50, 60).tolist() == [0] * 11
    assert sweep.resized(200).grades(0, 97).tolist() == [0] * 60 + [2] * 38
    sweep.add(13.0, 0.01, np.ones(100), grade=1)
    assert sweep.grades(130, 139).tolist() == [1] * 10
    assert sweep.grades(30, 39).tolist() == [0] * 10
