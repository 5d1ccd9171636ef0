"""The compiled loops and what they replace give the same bits; without numba the chain runs all the same."""

import math
import sys
from itertools import pairwise

import numpy as np
import pytest

from emgmon.dsp import compiled, window_loops
from emgmon.dsp import windows as asked
from emgmon.dsp.active_seconds import ActiveSeconds
from emgmon.dsp.canceller import MainsCanceller
from emgmon.dsp.contact import facts_of_windows
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass
from emgmon.dsp.mains import Hum, mains_bins
from emgmon.dsp.seconds import Seconds, _levels
from emgmon.dsp.verdict_names import FIRST, LEVELS, MEDIAN, NEEDED, NORMAL, OUT
from emgmon.pipeline.chain import Chain

FS = 1000.0


@pytest.fixture
def loops():
    pytest.importorskip("numba")
    return compiled.kernel()


@pytest.fixture
def plainly(monkeypatch):
    """Call something as if numba were not installed."""

    def call(act):
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, "numba", None)
            for name in ("kernel", "cached"):
                patched.delitem(sys.modules, f"emgmon.dsp.{name}", raising=False)
            compiled.forget()
            assert compiled.kernel() is None
            result = act()
        compiled.forget()
        return result

    return call


def wild(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(n) * np.exp(4.0 * rng.standard_normal(n))


def session(seed, hum_uv=0.0, seconds=24):
    """Rest and bursts of muscle, beats of a heart, a gap, a second without signal, hum on top."""
    rng = np.random.default_rng(seed)
    n = int(seconds * FS)
    time_s = np.arange(n) / FS
    samples = 2.0 * rng.standard_normal(n) + 300.0
    samples += 80.0 * (np.sin(2 * np.pi * time_s / 4.0) > 0.3) * np.convolve(rng.standard_normal(n), np.ones(3), "same")
    samples[:: int(0.9 * FS)] += 150.0
    samples += hum_uv * np.sin(2 * np.pi * 50.1 * time_s)
    samples[15_000:15_040] = np.nan
    samples[18_000:19_000] = 7.0
    samples[21_500] = 1e300
    return np.round(samples / 0.195) * 0.195


def run(samples, cuts, **kinds):
    chain = Chain(FS, "uv", **kinds)
    chain.know(6000, "noise", 2.0)
    parts = [chain(samples[a:b]) for a, b in pairwise([0, *cuts, len(samples)])]
    judged = [
        (item.stop, item.verdict, [(r.first, r.samples.tobytes()) for r in item.revised])
        for _filtered, found in parts
        for item in found
    ]
    return np.concatenate([filtered for filtered, _found in parts]).tobytes(), judged, chain.mains_since


@pytest.mark.parametrize("kinds", [{}, {"settings": ERECTOR_SPINAE}], ids=["thigh", "back"])
@pytest.mark.parametrize("hum_uv", [0.0, 20.0])
def test_the_chain_gives_the_same_bits_with_and_without(loops, plainly, kinds, hum_uv):
    assert loops is not None
    samples = session(3, hum_uv)
    expected = plainly(lambda: run(samples, [], **kinds))
    for cuts in ([], range(20, len(samples), 20), sorted(np.random.default_rng(1).integers(0, len(samples), 30))):
        assert run(samples, cuts, **kinds) == expected


def test_without_numba_any_cut_gives_the_same_bits_too(plainly):
    samples = session(4, 20.0)
    whole, cut = plainly(lambda: (run(samples, []), run(samples, range(333, len(samples), 333))))
    assert whole == cut


@pytest.mark.parametrize("n", [*range(1, 20), 50, 127, 128, 129, 250, 481, 999, 1000, 1926, 4000, 20_000])
def test_sums_are_those_of_numpy(loops, n):
    values = wild(n, n)
    assert loops.sum_of(values, 0, n) == values.sum()


def test_facts_of_windows_are_the_same(loops):
    for step in (1.0, 1e-3, 200.0):
        samples = np.round(wild(250 * 9) / step) * step
        np.testing.assert_array_equal(loops.facts_of(samples, 250), facts_of_windows(samples, 250))


def windows(fs_hz, seed=0, n=20):
    """Windows of a wild signal with constant stretches and equal extremes, and of what a canceller left of it."""
    hop = round(0.25 * fs_hz)
    samples = np.round(wild((n + 3) * hop, seed))
    samples[5 * hop : 5 * hop + 90] = samples.max()
    samples[7 * hop : 8 * hop] = 3.0
    clean = samples + np.sin(np.arange(len(samples)))
    return np.stack([samples, clean, 0.5 * clean]), hop


def table_of(seen):
    return [list(column[: seen.n]) for column in seen.table]


@pytest.mark.parametrize("cleaned", [False, True])
@pytest.mark.parametrize("fs_hz", [100.0, 250.0, 350.0, 1000.0, 1926.0])
def test_what_windows_hold_is_the_same(loops, plainly, fs_hz, cleaned):
    assert loops is not None
    signals, hop = windows(fs_hz)

    def told():
        seen = Seconds(signals, hop, fs_hz, mains_bins(fs_hz, 4 * hop), cleaned=cleaned)
        return [*table_of(seen), list(seen.table[LEVELS]), seen.power, seen.all_power, seen.lines.near, seen.lines.tops]

    for ours, theirs in zip(told(), plainly(told), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_is_asked_of_windows_is_the_same(loops, plainly):
    """Each function of `emgmon.dsp.windows` and what takes its place, with gaps too."""
    assert loops is not None
    signals, hop = windows(1000.0)
    signals[:, 4 * hop + 7 : 4 * hop + 60] = np.nan
    signals[:, 9 * hop : 9 * hop + 200] = np.nan
    bins = mains_bins(1000.0, 4 * hop)
    ours = Seconds(signals, hop, 1000.0, bins, cleaned=True)
    theirs = plainly(lambda: Seconds(signals, hop, 1000.0, bins, cleaned=True))
    for k in range(ours.n):
        for name, args in (
            ("longest_same", ()), ("longest_gap", ()), ("at_full", (5.0,)), ("in_runs", (3.0, 3)), ("step_of", (20,)),
            ("line_at", (50.1, 3, True)), ("line_at", (60.0, 9, False)), ("line_at", (50.0, 9, True)),
        ):  # fmt: skip
            looped = getattr(window_loops, name)
            assert looped(ours.handed(), k, *args) == getattr(asked, name)(theirs, k, *args), name
    near = [[2.0, 5.0, 9.0], [0.0, 1.0, 1.0], [3.0, float(np.nanmax(signals[0])), -1.0], [2.0, 9.0, 1.5]]
    room = [[*row, 0.0] for row in near] + [[0.0] * 4 for _ in range(3)]
    asked.counts_at(theirs, room, 3)
    array = np.array(room)
    array[4:] = 0.0
    window_loops.counts_at(ours.handed(), array, 3)
    np.testing.assert_array_equal(array, room)


def test_what_is_kept_of_relaxed_windows_is_the_same(loops, plainly):
    assert loops is not None
    signals, hop = windows(1000.0)
    bins = mains_bins(1000.0, 4 * hop)
    ours = Seconds(signals, hop, 1000.0, bins)
    theirs = plainly(lambda: Seconds(signals, hop, 1000.0, bins))
    rings = [(np.zeros((64, 6, 17)), np.zeros((64, 13))) for _ in range(2)]
    ends = [0, 0]
    for number in range(150):
        ends[0] = window_loops.keep(ours.handed(), number % 20, rings[0], ends[0], 16, float(number))
        ends[1] = asked.keep(theirs, number % 20, rings[1], ends[1], 16, float(number))
    assert ends[0] == ends[1]
    part = ends[0] - 13, ends[0]
    means = window_loops.means_of(rings[0], *part)
    np.testing.assert_array_equal(means, asked.means_of(rings[1], *part))
    np.testing.assert_array_equal(window_loops.tops_of(rings[0], *part), asked.tops_of(rings[1], *part))
    for row in means:
        assert window_loops.middle_of_ten(row) == asked.middle_of_ten(row.tolist())
        assert window_loops.median_left(row, 9) == asked.median_left(row.tolist(), 9)
        assert window_loops.median_left(row, 16) == asked.median_left(row.tolist(), 16)


def test_quantiles_of_late_are_those_of_the_sorted_past():
    values = np.round(np.random.default_rng(0).normal(0.0, 3.0, 200)).tolist()
    came, ordered = [math.inf] * 24, [math.inf] * 24
    arrays = np.array(came), np.array(ordered)
    for k, value in enumerate(values):
        late = sorted(values[max(0, k - 23) : k + 1])
        assert asked.tenth(came, ordered, k, value) == late[len(late) // 10]
        assert window_loops.tenth(*arrays, k, value) == late[len(late) // 10]
        assert ordered == arrays[1].tolist() == late + [math.inf] * (24 - len(late))


@pytest.mark.parametrize("fs_hz", [600.0, 1000.0, 2000.0])
def test_active_windows_are_the_same(loops, plainly, fs_hz):
    """Medians, normalities and shapes of windows in a row, of which some were kept from before."""
    assert loops is not None
    signals, hop = windows(fs_hz)

    def told():
        seen = Seconds(signals, hop, fs_hz, mains_bins(fs_hz, 4 * hop))
        active, found = ActiveSeconds(fs_hz, 4 * hop), []
        active.keep(seen, active.begin(seen.n, compiled=seen.loops is not None), [3, 5, 8])
        columns = active.begin(seen.n, compiled=seen.loops is not None)
        out = np.full((OUT, seen.n), 1.0)
        out[FIRST : FIRST + 3] = np.arange(seen.n) + np.arange(3)[:, None]
        columns[NEEDED][:] = np.full(3 + seen.n, 2.0) if seen.loops else [2.0] * (3 + seen.n)
        for column in (MEDIAN, NORMAL):
            columns[column][3:] = np.full(seen.n, math.nan) if seen.loops else [math.nan] * seen.n
        found += [list(column) for column in active.tell(seen, out, columns, 2, seen.n, even=True)]
        return [column[2:] for column in found], [list(columns[at]) for at in (MEDIAN, NORMAL)]

    (shapes, columns), (plain_shapes, plain_columns) = told(), plainly(told)
    np.testing.assert_array_equal(shapes, plain_shapes)
    np.testing.assert_array_equal(np.array(columns)[:, 5:], np.array(plain_columns)[:, 5:])


def test_loops_that_come_in_the_middle_change_nothing(loops, plainly):
    assert loops is not None
    samples = session(5, 20.0)
    expected = plainly(lambda: run(samples, [9000, 17_100]))
    chain, parts = Chain(FS, "uv"), []
    chain.know(6000, "noise", 2.0)

    def go_on(first, stop):
        parts.append(chain(samples[first:stop]))

    plainly(lambda: go_on(0, 9000))
    go_on(9000, 17_100)
    plainly(lambda: go_on(17_100, len(samples)))
    filtered = np.concatenate([filtered for filtered, _found in parts]).tobytes()
    verdicts = [(item.stop, item.verdict) for _filtered, found in parts for item in found]
    assert (filtered, verdicts) == (expected[0], [(stop, verdict) for stop, verdict, _revised in expected[1]])


def test_a_level_with_a_gap_is_nan_in_both(loops):
    samples = wild(250 * 6)
    samples[700] = np.nan
    ours, theirs = loops.levels_of(samples, 250), _levels(samples, 250)
    assert np.isnan(ours).sum() == np.isnan(theirs).sum() > 0
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("settings", [None, ERECTOR_SPINAE], ids=["thigh", "back"])
def test_the_band_pass_is_scipys(loops, plainly, settings):
    assert loops is not None
    samples = wild(3000)

    def filtered():
        band_pass = BandPass(FS) if settings is None else BandPass(FS, settings)
        return np.concatenate([band_pass(samples[:1234]), band_pass(samples[1234:])])

    np.testing.assert_array_equal(filtered(), plainly(filtered))


@pytest.mark.parametrize("fs_hz", [250.0, 1926.0, 4000.0])
def test_the_mains_canceller_gives_the_same_bits_in_any_cut(loops, plainly, fs_hz):
    assert loops is not None
    rng = np.random.default_rng(0)
    samples = rng.normal(0.0, 3.0, 3000) + 20.0 * np.sin(2 * np.pi * 60.1 / fs_hz * np.arange(3000))
    samples[1500:1510] = np.nan
    samples[2000:2200] += 200.0

    def cancelled(cuts):
        canceller = MainsCanceller(fs_hz)
        canceller.tune(Hum(60.0, 14.0, 30.0), samples[:1000])
        cleaned = [canceller(samples[a:b]) for a, b in pairwise([1000, *cuts, 3000])]
        return np.concatenate(cleaned).tobytes(), canceller.f0_hz

    expected = plainly(lambda: cancelled([]))
    assert cancelled([]) == cancelled(range(1007, 3000, 7)) == expected
    assert plainly(lambda: cancelled(range(1333, 3000, 333))) == expected


def test_a_chunk_that_holds_no_voltage_is_refused(loops):
    band_pass, kept = BandPass(FS), np.zeros((3, 250))

    def taken(samples, at):
        return loops.chunk(samples, band_pass.flow, kept, at, np.empty(len(samples)))

    assert not band_pass.ready  # a fresh start
    band_pass(np.ones(100))
    assert not band_pass.ready
    band_pass(np.ones(200))
    assert band_pass.ready
    assert taken(np.ones(20), 100)
    before = band_pass.flow.copy()
    for bad in (math.nan, math.inf, -1e12):
        assert not taken(np.append(np.ones(19), bad), 120)
    assert not taken(np.empty(0), 120)
    assert not kept[:, 120:].any()
    assert kept[0, 100:120].all()
    np.testing.assert_array_equal(band_pass.flow, before)
    band_pass(np.full(3, math.nan))
    assert not band_pass.ready


def test_until_somebody_has_loaded_them_there_are_none(loops):
    assert loops is not None
    compiled.forget()
    assert compiled.defer()
    assert compiled.kernel() is None
    assert not compiled.defer()
    compiled.load()
    assert compiled.kernel() is loops


@pytest.mark.parametrize("cuts", [[], range(20, 9000, 20)], ids=["whole", "chunks"])
def test_samples_that_are_short_or_strided_or_may_not_be_written_are_taken(loops, plainly, cuts):
    assert loops is not None
    samples = np.random.default_rng(0).normal(0.0, 30.0, (9000, 2)).astype(np.float32)[:, 1]
    fixed = samples.astype(np.float64)
    fixed.flags.writeable = False
    expected = plainly(lambda: run(samples, []))
    assert run(samples, cuts) == expected
    assert run(fixed, cuts) == expected
