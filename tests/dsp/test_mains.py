from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from emgmon.dsp import mains_verdicts
from emgmon.dsp.canceller import MainsCanceller
from emgmon.dsp.envelope import HopPower, rms
from emgmon.dsp.mains import Hum
from emgmon.dsp.offline import spectrum_interpolation
from emgmon.dsp.quality import QualityWatch
from emgmon.dsp.seconds import Seconds
from emgmon.pipeline.chain import Chain

FS = 1000.0


def hum(n, f0_hz, rms_uv, phase=0.3):
    return rms_uv * np.sqrt(2) * np.sin(2 * np.pi * f0_hz * np.arange(n) / FS + phase)


def bursts(seed, level=20.0, n_bursts=4):
    """Noise of 2 µV for 12 s, then bursts of 3 s every 6 s; and the hops well inside each burst."""
    rng = np.random.default_rng(seed)
    n = int((12 + 6 * n_bursts) * FS)
    shape = np.zeros(n)
    inside = []
    for k in range(n_bursts):
        first = 12 + 6 * k
        shape[int(first * FS) : int((first + 3) * FS)] = level
        inside.append(slice(first * 100 + 50, first * 100 + 280))
    spectrum = np.fft.rfft(rng.standard_normal(n))
    frequency = np.fft.rfftfreq(n, 1 / FS)
    muscle = np.fft.irfft(spectrum * frequency / (frequency**2 + 70.0**2), n)
    return shape * muscle / muscle.std() + 2.0 * rng.standard_normal(n), inside


def levels(samples, inside):
    power, _lead = HopPower(FS)(Chain(FS, "uv")(samples)[0])
    noise = np.sqrt(np.nanmean(power[700:1150]))
    return np.array([rms(power[part], noise) for part in inside])


@pytest.mark.parametrize(("f0_hz", "limit"), [(50.0, 0.05), (60.0, 0.05), (50.5, 0.08), (59.5, 0.08)])
def test_hum_of_20_uv_on_weak_activity_leaves_little_error(f0_hz, limit):
    clean, inside = bursts(1)
    dirty = clean + hum(len(clean), f0_hz, 20.0)
    error = levels(dirty, inside) / levels(clean, inside) - 1.0
    assert np.abs(error).max() < limit / 4  # the targets are wide
    offline = levels(spectrum_interpolation(dirty, FS, f0_hz), inside) / levels(clean, inside) - 1.0
    assert np.abs(offline).max() < limit


def test_without_hum_nothing_is_touched():
    clean, _inside = bursts(2)
    canceller = MainsCanceller(FS)
    assert canceller(clean) is clean
    chain = Chain(FS, "uv")
    chain(clean)
    assert chain.mains.hum is None


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.lists(st.integers(0, 9000), max_size=8), st.lists(st.integers(0, 8000), max_size=3)
)
def test_chunking_any_split_gives_the_same_bits_with_gaps_too(seed, cuts, gaps):
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, 5, 9000) + hum(9000, 50.2, 20.0)
    for start in gaps:
        samples[start : start + 40] = np.nan
    edges = [0, *sorted(cuts), len(samples)]
    whole, chain = Chain(FS, "uv"), Chain(FS, "uv")
    expected, verdicts = whole(samples)
    pieces = [chain(samples[a:b]) for a, b in pairwise(edges)]
    np.testing.assert_array_equal(expected, np.concatenate([piece for piece, _judged in pieces]))
    assert verdicts == [item for _piece, judged in pieces for item in judged]


def test_hum_that_grows_is_followed():
    time_s = np.arange(20_000) / FS
    wave = hum(20_000, 50.0, 1.0) * (10.0 + time_s)
    canceller = MainsCanceller(FS)
    canceller.tune(Hum(50.0, 10.0, 30.0), wave[:1000])
    left = canceller(wave[1000:])
    assert np.abs(left[2000:]).max() < 2.0


@pytest.mark.parametrize("wander_hz", [0.003, 0.03])
def test_hum_whose_frequency_wanders_is_followed_through_loud_and_weak_activity(wander_hz):
    for seed in range(3):
        clean, inside = bursts(seed)
        clean[12_000:15_000] *= 5.0  # 100 µV: nobody can see the hum's phase well in it
        walk = np.cumsum(np.random.default_rng(seed).normal(0.0, wander_hz, len(clean) // 1000 + 1))
        f_hz = 50.2 + np.interp(np.arange(len(clean)) / FS, np.arange(len(walk)), walk)
        dirty = clean + 20.0 * np.sqrt(2) * np.sin(2 * np.pi * np.cumsum(f_hz) / FS)
        assert np.abs(levels(dirty, inside) / levels(clean, inside) - 1.0).max() < 0.05


def test_hum_that_begins_late_is_told_and_taken_out():
    clean, inside = bursts(7, n_bursts=6)
    dirty = clean + np.where(np.arange(len(clean)) < 20_000, 0.0, hum(len(clean), 50.1, 20.0))
    chain = Chain(FS, "uv")
    chain.quality.noise = 2.0
    verdicts = chain(dirty)[1]
    codes = [(item.verdict.code, item.verdict.level) for item in verdicts if item.stop > 24_000]
    assert set(codes) == {("PLI", 1)}
    error = levels(dirty, inside)[2:] / levels(clean, inside)[2:] - 1.0
    assert np.abs(error).max() < 0.05


def test_an_electrode_that_came_off_is_never_taken_for_hum():
    clean, _inside = bursts(8, n_bursts=6)
    off = slice(20_000, 32_000)
    clean[off] = hum(12_000, 50.0, 140.0)
    chain = Chain(FS, "uv")
    chain.quality.noise = 2.0
    codes = [item.verdict.code for item in chain(clean)[1] if 20_500 < item.stop <= 32_000]
    assert set(codes) == {"LEAD"}


def hum_of(samples, fs_hz=FS):
    """Hum in a signal of which each second is taken as relaxed."""
    quality = QualityWatch(fs_hz, "uv")
    seen = Seconds(np.stack([samples] * 3), quality.hop, fs_hz, quality.bins)
    known = quality._state, quality._numbers(compiled=False), quality._rings
    for k in range(seen.n):
        mains_verdicts.note(seen, seen.table, *known, k, relaxed=True)
    mains_verdicts.find(*known)
    return quality.hum


def test_frequency_is_found_to_a_hundredth_of_a_hertz():
    rng = np.random.default_rng(5)
    samples = rng.normal(0, 2, 6000) + hum(6000, 49.87, 5.0)
    found = hum_of(samples)
    assert found.f0_hz == pytest.approx(49.87, abs=0.01)
    assert found.rms == pytest.approx(5.0, rel=0.05)


@pytest.mark.parametrize(
    ("name", "scale", "f0_hz"),
    [
        ("openbci_log/jaw_clench_v6", 1.0, 60.0),
        ("delsys_trigno_csv/trigno_2s", 1e6, 60.0),
        ("gait_santuz_walk/ID0012_TW_01", 1.0, None),
    ],
)
def test_real_recordings_have_the_mains_they_have(realdata, name, scale, f0_hz):
    with np.load(realdata / f"{name}.npz") as file:
        emg, fs_hz = file["emg_data"] * scale, float(file["emg_fs"])
    found = []
    for channel in np.ascontiguousarray(emg.T.astype(np.float64)):
        hop = QualityWatch(fs_hz, "uv").hop
        found.append(hum_of(channel[: len(channel) // hop * hop], fs_hz))
    if f0_hz is None:
        assert found == [None] * len(found)
    else:
        assert any(hum and abs(hum.f0_hz - f0_hz) < 0.5 for hum in found)


@pytest.mark.slow
@pytest.mark.parametrize(("quality", "n_bursts"), [(10, 10), (30, 60)])
def test_a_notch_of_the_sensor_itself_is_told(quality, n_bursts):
    clean, _inside = bursts(4, n_bursts=n_bursts)
    b, a = signal.iirnotch(50.0, quality, fs=FS)
    notched, plain = Chain(FS, "uv"), Chain(FS, "uv")
    notched(signal.lfilter(b, a, clean))
    plain(clean)
    assert notched.notch_hz == 50.0
    assert np.isnan(plain.notch_hz)


def test_no_notch_is_told_where_there_is_none():
    rng = np.random.default_rng(6)
    for _ in range(5):
        chain = Chain(FS, "uv")
        chain(2.0 * rng.standard_normal(75_000))
        assert np.isnan(chain.notch_hz)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "notch_hz"),
    [("myo_armband/s12345_1_fist", 50.0), ("openbci_log/jaw_clench_v6", None), ("biosppy/emg", None)],
)
def test_real_sensors_have_the_notch_they_have(realdata, name, notch_hz):
    """The armband takes 50 Hz out by itself."""
    with np.load(realdata / f"{name}.npz") as file:
        emg, fs_hz = file["emg_data"].astype(np.float64), float(file["emg_fs"])
    for channel in emg.T:
        chain = Chain(fs_hz, "a.u.")
        chain(channel)
        assert chain.notch_hz == notch_hz or (notch_hz is None and np.isnan(chain.notch_hz))
