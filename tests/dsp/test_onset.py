"""Starts of activity: known truth on simulated signals, counts and neighbours on real ones."""

import json

import numpy as np
import pytest
from scipy import signal

from emgmon.dsp.bursts import OnsetSettings, find_bursts
from emgmon.dsp.filters import BandPass
from emgmon.dsp.onset import NO_ONSET, onset_near

FS_HZ = 1000.0


def emg_of(amplitude, snr_db, seed, fs_hz=FS_HZ):
    """Noise with the spectrum of surface EMG, scaled by `amplitude`, over white noise of 1 in the band."""
    rng = np.random.default_rng(seed)
    n = len(amplitude)
    f_hz = np.fft.rfftfreq(n, 1 / fs_hz)
    shape = f_hz**2 / ((f_hz**2 + 60.0**2) * (f_hz**2 + 120.0**2))
    emg = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * shape, n)
    sos = signal.butter(2, (20.0, 0.45 * fs_hz), "bandpass", fs=fs_hz, output="sos")
    noise = signal.sosfiltfilt(sos, rng.standard_normal(n))
    return amplitude * emg / emg.std() * 10 ** (snr_db / 20) + noise / noise.std()


def bursts(rise_s, snr_db, seed, n=12, fs_hz=FS_HZ):
    """A burst each three seconds that rises as a straight line, and the true starts."""
    starts_s = 2.0 + 3.0 * np.arange(n) + np.random.default_rng(seed).uniform(-0.4, 0.4, n)
    time_s = np.arange(int((3 * n + 2) * fs_hz)) / fs_hz
    amplitude = np.zeros(len(time_s))
    for start_s in starts_s:
        since = time_s - start_s
        amplitude += np.clip(since / rise_s, 0, 1) * (since < 1.2)
    return emg_of(amplitude, snr_db, seed, fs_hz), starts_s


@pytest.mark.parametrize(("rise_s", "snr_db", "limit_ms"), [(1e-6, 5, 5), (1e-6, 20, 2), (0.1, 20, 14), (0.3, 10, 80)])
def test_bursts_start_where_they_do(rise_s, snr_db, limit_ms):
    errors, covered = [], []
    for seed in (901, 902, 903):
        samples, truth = bursts(rise_s, snr_db, seed)
        found = find_bursts(samples, FS_HZ)
        assert len(found.onset_s) == len(truth)
        errors += list(np.abs(found.onset_s - truth))
        covered += list(np.abs(found.onset_s - truth) < 3 * found.sigma_s)
    assert np.median(errors) * 1e3 < limit_ms
    assert np.mean(covered) > 0.75


def test_quiet_has_no_bursts_and_weak_ones_are_still_found():
    quiet = emg_of(np.zeros(120_000), 0, seed=911)
    assert len(find_bursts(quiet, FS_HZ).onset_s) == 0
    samples, truth = bursts(0.05, 0, seed=912)
    found = find_bursts(samples, FS_HZ)
    assert len(found.onset_s) == len(truth)
    assert np.all(np.diff(found.onset_s) > 1.0)
    assert np.all(found.offset_s > found.onset_s)


def test_scale_and_rate_do_not_matter():
    samples, truth = bursts(0.1, 20, seed=921)
    np.testing.assert_allclose(
        find_bursts(samples * 1e-6, FS_HZ).onset_s, find_bursts(samples, FS_HZ).onset_s, atol=1e-6
    )
    for fs_hz in (250.0, 2000.0):
        samples, truth = bursts(0.1, 20, 922, fs_hz=fs_hz)
        found = find_bursts(samples, fs_hz)
        assert np.median(np.abs(found.onset_s - truth)) < 0.03


def test_lost_samples_and_no_samples():
    samples, truth = bursts(0.1, 20, seed=931)
    samples[:200] = np.nan
    samples[13_300:13_400] = np.nan
    assert len(find_bursts(samples, FS_HZ).onset_s) == len(truth)
    assert len(find_bursts(np.empty(0), FS_HZ).onset_s) == 0
    assert len(find_bursts(np.zeros(5000), FS_HZ).onset_s) == 0


@pytest.mark.parametrize(
    ("rise_s", "snr_db", "limit_ms"), [(0.1, 10, 25), (0.1, 20, 12), (0.1, 30, 10), (0.4, 10, 90), (0.4, 20, 45)]
)
def test_one_start_near_a_movement(rise_s, snr_db, limit_ms):
    errors, early, missed = [], 0, 0
    for seed in range(40):
        rng = np.random.default_rng(1000 + seed)
        start_s = 2.0 + rng.uniform(-0.15, 0.15)
        time_s = np.arange(4000) / FS_HZ
        found = onset_near(emg_of(np.clip((time_s - start_s) / rise_s, 0, 1), snr_db, 1000 + seed), FS_HZ, 2.0)
        if np.isnan(found.onset_s):
            missed += 1
            continue
        errors.append(found.onset_s - start_s)
        early += errors[-1] < -0.15
    assert np.median(np.abs(errors)) * 1e3 <= limit_ms
    assert missed == 0
    assert early <= 1


def test_tonic_activity_has_no_discrete_onset():
    time_s = np.arange(4000) / FS_HZ
    tonic = emg_of(np.full(4000, 1.0), 10, seed=5)
    assert onset_near(tonic, FS_HZ, 2.0).flag == NO_ONSET
    rising = emg_of(np.clip((time_s - 2.0) / 0.1, 0.1, 1), 20, seed=6)
    assert np.isfinite(onset_near(rising, FS_HZ, 2.0).onset_s)
    assert onset_near(rising, FS_HZ, 2.0, noise=0.2).flag == NO_ONSET
    assert onset_near(rising, FS_HZ, 0.5).flag == "too little signal"
    rising[1000:1500] = np.nan
    assert onset_near(rising, FS_HZ, 2.0).flag == "signal lost"


def load(realdata, name, stream="emg"):
    stored = np.load(realdata / f"{name}.npz")
    notes = json.loads((realdata / f"{name}.json").read_text("utf-8"))
    return stored[f"{stream}_data"], float(stored[f"{stream}_fs"]), notes


def test_real_dorsiflexions_with_a_heart_in_the_quiet_level(realdata):
    samples, fs_hz, notes = load(realdata, "dorsiflexion_56_bursts/part1_0_264s")
    found = find_bursts(BandPass(fs_hz)(samples[:, 0]), fs_hz, OnsetSettings(k_sd=6.0))
    peaks_s = np.array(notes["annotations"]["derived"]["burst_peak_s"])
    assert len(found.onset_s) == 26
    assert np.all((found.onset_s < peaks_s) & (peaks_s < found.offset_s))


def test_real_biceps_bursts(realdata):
    samples, fs_hz, notes = load(realdata, "biosignalsplux/emg_bursts")
    found = find_bursts(BandPass(fs_hz)(samples[:, 0]), fs_hz, OnsetSettings(k_sd=6.0))
    marked = notes["annotations"]["derived"]["bursts"]
    assert len(found.onset_s) == len(marked) == 9
    for start_s, burst in zip(found.onset_s, marked, strict=True):
        assert -1.1 < start_s - burst["start_s"] < 0.05


@pytest.mark.parametrize("person", ["ID_01", "ID_02", "ID_04", "ID_07"])
def test_contractions_that_began_before_the_recording_have_no_start(realdata, person):
    samples, fs_hz, _notes = load(realdata, f"elderly_isometric/{person}", "emg_test_VL")
    force, _fs_hz, _notes = load(realdata, f"elderly_isometric/{person}", "force")
    assert force[0, 0] > 0.02 * force[:, 0].max()  # the muscle is pulling when the first sample comes
    filtered = BandPass(fs_hz)(samples[:, 0])
    assert len(find_bursts(filtered, fs_hz).onset_s) == 0
    assert onset_near(filtered[int(fs_hz) :], fs_hz, 2.0).flag == NO_ONSET
