"""Spectra and likeness of curves on human recordings that others made."""

import json

import numpy as np
import pytest
from scipy import signal

from emgmon.metrics.consistency import likeness
from emgmon.metrics.spectrum import mean_hz, median_hz, spectrum
from emgmon.model import Curve, Placement, Rep, RepSummary

BAND = signal.butter(2, (20.0, 450.0), "bandpass", fs=2000.0, output="sos")


def channels(realdata):
    """Each channel of the isometric tests of elderly persons: name, samples, and its quality as told beside it."""
    for path in sorted((realdata / "elderly_isometric").glob("*.npz")):
        told = json.loads(path.with_suffix(".json").read_text("utf-8"))
        with np.load(path) as data:
            for test, muscles in told["quality"].items():
                names = data[f"emg_test_{test}_names"].tolist()
                assert data[f"emg_test_{test}_fs"] == 2000.0
                for muscle, quality in muscles.items():
                    samples = data[f"emg_test_{test}_data"][:, names.index(muscle)]
                    yield f"{path.stem} {test} {muscle}", samples - samples.mean(), quality


def test_spectra_of_contractions_lie_where_muscle_lies(realdata):
    """Channels with amplitude (25 uV) and little outside the band are muscle; the others here are mostly noise."""
    found = {
        name: spectrum(signal.sosfilt(BAND, samples), 2000.0)
        for name, samples, quality in channels(realdata)
        if quality["rms"] > 25.0 and quality["power_frac_20_400"] > 0.97
    }
    assert len(found) >= 15
    medians = {name: median_hz(one) for name, one in found.items()}
    assert all(45.0 < median < 160.0 for median in medians.values()), medians
    assert np.mean([mean_hz(one) > medians[name] for name, one in found.items()]) > 0.9


def test_the_median_frequency_is_that_told_beside_the_recordings(realdata):
    """Those figures come from other code, over the whole band and in other pieces."""
    compared = 0
    for name, samples, quality in channels(realdata):
        if quality["power_frac_20_400"] > 0.98:
            compared += 1
            ours = median_hz(spectrum(samples, 2000.0))
            assert ours == pytest.approx(quality["median_freq_hz"], rel=0.05, abs=2.0), name
    assert compared >= 20


def test_strides_are_more_alike_than_stretches_of_the_same_length_taken_anywhere(realdata):
    path = realdata / "run_santuz" / "P0001_01.npz"
    strides = json.loads(path.with_suffix(".json").read_text("utf-8"))["annotations"]["strides"]
    with np.load(path) as data:
        samples = data["emg_data"][:, data["emg_names"].tolist().index("MA")]
    filtered = signal.sosfiltfilt(signal.butter(4, (30.0, 450.0), "bandpass", fs=1000.0, output="sos"), samples)
    level = np.sqrt(np.convolve(filtered**2, np.ones(125) / 125, "same"))[::20]
    starts_s = np.array([stride["touchdown_s"] for stride in strides[1:-2]])

    def alike(begin_s):
        reps = []
        for k, start_s in enumerate(begin_s, 1):
            first = int(start_s / 0.02) - 15
            curve = Curve(Placement("gluteus_maximus", "right"), first * 0.02, 0.02, tuple(level[first : first + 67]))
            rep = Rep(k, start_s, start_s, start_s, start_s + 0.74)
            reps.append(RepSummary(rep, (), (curve,), True, "unknown"))
        (found,) = likeness(reps)
        return found.mean

    rng = np.random.default_rng(6)
    assert alike(starts_s) > 0.3
    assert alike(np.sort(rng.uniform(1.0, 28.0, len(starts_s)))) < 0.5 * alike(starts_s)
