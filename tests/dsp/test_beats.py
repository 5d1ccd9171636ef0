"""R waves of real ECG, at the rate of the source and at that of a chest strap."""

import numpy as np
import pytest
from scipy import signal

from emgmon.dsp.beats import RPeaks


def ecg(realdata, name):
    with np.load(realdata / f"{name}.npz") as file:
        return file["ecg_data"][:, 0].astype(np.float64), float(file["ecg_fs"])


def true_peaks(samples, fs_hz):
    """R waves by a plain search offline: the tops of the rectified slope's neighbourhood."""
    sos = signal.butter(2, (8, 20), "bandpass", fs=fs_hz, output="sos")
    energy = signal.sosfiltfilt(sos, samples) ** 2
    near, _ = signal.find_peaks(energy, height=0.3 * np.percentile(energy, 99.5), distance=round(0.4 * fs_hz))
    centred = np.abs(samples - np.median(samples))
    reach = round(0.04 * fs_hz)
    return np.array([at - reach + int(centred[max(at - reach, 0) : at + reach].argmax()) for at in near]) / fs_hz


@pytest.mark.parametrize("name", ["biosppy/ecg", "biosignalsplux/ecg_20s_lead2"])
@pytest.mark.parametrize("rate", [None, 130.0])
def test_beats_of_real_ecg_are_found_within_20_ms(realdata, name, rate):
    samples, fs_hz = ecg(realdata, name)
    truth_s = true_peaks(samples, fs_hz)
    if rate:
        time_s = np.arange(0, len(samples) / fs_hz, 1 / rate)
        low = signal.sosfiltfilt(signal.butter(4, 50, fs=fs_hz, output="sos"), samples)
        samples, fs_hz = np.interp(time_s, np.arange(len(low)) / fs_hz, low), rate
    found_s = np.array(RPeaks(fs_hz)(samples)) / fs_hz
    inside = truth_s[(truth_s > 2.3) & (truth_s < len(samples) / fs_hz - 0.3)]
    assert len(inside) > 10
    errors = np.array([np.abs(found_s - at).min() for at in inside])
    assert errors.max() < 0.020  # the canceller aligns each beat within 40 ms itself
    assert np.median(errors) < 0.009
    assert len(found_s) - len(inside) <= 1


def test_lost_samples_and_a_new_start_are_survived(realdata):
    samples, fs_hz = ecg(realdata, "biosignalsplux/ecg_20s_lead2")
    whole = RPeaks(fs_hz)(samples)
    samples[8000:8020] = np.nan
    assert len(RPeaks(fs_hz)(samples)) >= len(whole) - 1
    peaks = RPeaks(fs_hz)
    peaks(samples[:9000])
    peaks.restart()
    again = peaks(samples[9000:])
    assert again
    assert all(0 <= at < len(samples) - 9000 for at in again)


def test_nothing_beats_in_noise_or_silence():
    rng = np.random.default_rng(0)
    assert len(RPeaks(130.0)(rng.standard_normal(130 * 60))) < 30
    assert RPeaks(130.0)(np.zeros(2000)) == []
    assert RPeaks(130.0)(np.full(2000, np.nan)) == []
    assert RPeaks(130.0)(np.empty(0)) == []
