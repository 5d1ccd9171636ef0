import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.dsp.beats import RPeaks
from emgmon.dsp.ecg import HeartCanceller
from emgmon.dsp.envelope import rms
from emgmon.model import Placement, Stream, TimedBlock
from emgmon.pipeline.tracks import EmgTrack

FS = 1000.0
BACK = Placement("erector_spinae", "left")


def beats(realdata, n):
    """Real lead II, R wave 1, laid end to end; and which hops are away from the seams."""
    with np.load(realdata / "biosignalsplux" / "ecg_20s_lead2.npz") as file:
        heart = file["ecg_data"][:, 0].astype(np.float64)
    heart = heart - np.median(heart)
    copies = -(-n // len(heart))
    seams = np.arange(copies + 1) * len(heart) / 10.0
    away = np.array([np.abs(seams - hop).min() > 60 for hop in range(n // 10)])
    return np.tile(heart / np.percentile(heart, 99.9), copies)[:n], away


def hops_of(samples, size=50):
    stream = Stream("x", "emg", "uv", FS, (BACK,))
    track = EmgTrack(BACK, "uv", FS)
    for first in range(0, len(samples), size):
        track.add(TimedBlock(stream, samples[first : first + size, None], first / FS, 1 / FS), 0)
    return track, track.series.power


@pytest.mark.parametrize("rest_uv", [2.0, 4.0])
def test_r_waves_of_50_uv_in_a_quiet_back_leave_little_error(realdata, rest_uv):
    n = 60_000
    heart, away = beats(realdata, n)
    quiet = rest_uv * np.random.default_rng(0).standard_normal(n)
    clean, (track, dirty) = hops_of(quiet)[1], hops_of(quiet + 50.0 * heart)
    away[:50] = away[-100:] = False  # the filter's start, and beats that are not known yet
    error = rms(dirty[away], np.nan) / rms(clean[away], np.nan) - 1.0
    assert track.chain.heart.ratio > 0.3
    assert abs(error) < 0.05  # the target is 0.10; the high-pass alone leaves 0.33 and 0.09


def test_without_a_heart_nothing_is_touched():
    quiet = 2.0 * np.random.default_rng(1).standard_normal(40_000)
    track, power = hops_of(quiet)
    filtered = EmgTrack(BACK, "uv", FS).chain(quiet)[0]
    np.testing.assert_allclose(power[20:], (filtered**2).reshape(-1, 10).mean(axis=1)[20:])
    assert not track.chain.heart.ratio > 0.3


@pytest.mark.parametrize("size", [13, 250, 60_000])
def test_revised_hops_do_not_depend_on_the_packets(realdata, size):
    heart, _away = beats(realdata, 30_000)
    samples = 2.0 * np.random.default_rng(2).standard_normal(30_000) + 60.0 * heart
    np.testing.assert_array_equal(hops_of(samples)[1][:2900], hops_of(samples, size)[1][:2900])


def test_beats_of_a_chest_channel_are_found(realdata):
    with np.load(realdata / "trunk_ecg_pectoralis" / "part1_0_19s.npz") as file:
        samples = file["emg_data"][:, 0].astype(np.float64) * 1e3
    track, _power = hops_of(samples)
    assert track.chain.heart.ratio > 0.3


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-300, 1.0, 1e11]), st.integers(1, 20))
def test_totality(seed, scale, lost_every):
    rng = np.random.default_rng(seed)
    canceller = HeartCanceller(FS, 250)
    for k in range(60):
        part = scale * rng.standard_normal(250) + 50.0 * scale * (np.arange(250) == 60)
        filtered = np.full(250, np.nan) if k % lost_every == 0 else part
        (revised,), _left = canceller.take(part[None], filtered[None], [max(scale, 1e-300)], [scale])
        for first, samples in revised:
            assert 0 <= first < first + len(samples) <= 250 * (k + 1)


def test_beats_told_by_an_ecg_stream_do_as_well(realdata):
    """R times 25 ms late, as from a strap with its own clock, told up to a second after they came."""
    n = 60_000
    heart, away = beats(realdata, n)
    quiet = 2.0 * np.random.default_rng(0).standard_normal(n)
    strap = RPeaks(130.0)
    times_s = np.array(strap(np.interp(np.arange(0, n / FS, 1 / 130.0), np.arange(n) / FS, heart))) / 130.0 + 0.025
    clean, dirty = hops_of(quiet)[1], hops_of_told(quiet + 50.0 * heart, times_s, late_s=1.0)
    away[:50] = away[-200:] = False
    assert abs(rms(dirty[away], np.nan) / rms(clean[away], np.nan) - 1.0) < 0.05
    np.testing.assert_array_equal(dirty, hops_of_told(quiet + 50.0 * heart, times_s, late_s=0.3))


def hops_of_told(samples, times_s, late_s, size=50):
    stream, track = Stream("x", "emg", "uv", FS, (BACK,)), EmgTrack(BACK, "uv", FS)
    waiting = list(times_s)
    for first in range(0, len(samples), size):
        while waiting and waiting[0] + late_s <= first / FS:
            track.chain.heart.tell(round(waiting.pop(0) * FS))
        track.add(TimedBlock(stream, samples[first : first + size, None], first / FS, 1 / FS), 0)
    return track.series.power


@pytest.mark.parametrize("at_once", [3, 64, 100])
def test_many_quarter_seconds_at_once_give_what_one_by_one_gives(at_once):
    rng = np.random.default_rng(3)
    n = 200
    samples = 2.0 * rng.standard_normal(n * 250)
    samples[rng.integers(100, 300) :: 800] += 60.0
    clean, filtered = samples.reshape(n, 250), np.gradient(samples).reshape(n, 250)
    clean[40, 10:20] = filtered[40, 10:20] = np.nan
    rest, known = [2.0 if k % 9 else np.nan for k in range(n)], [1.9] * n
    found = []
    for size in (1, at_once):
        canceller, said = HeartCanceller(FS, 250, 750), []
        for k in range(0, n, size):
            part = slice(k, k + size)
            revised, left = canceller.take(clean[part], filtered[part], rest[part], known[part])
            said += zip(revised, left, strict=True)
        found.append(
            [([(first, taken.tobytes()) for first, taken in each], np.float64(left).tobytes()) for each, left in said]
        )
    assert found[0] == found[1]
    assert sum(len(revised) for revised, _left in found[0]) > 20
