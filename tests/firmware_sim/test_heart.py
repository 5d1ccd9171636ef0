"""Simulated beats against what is known of hearts, and against recorded ones."""

import numpy as np
import pytest
from scipy import signal

from firmware_sim import artefacts

FS_HZ = 1000.0


def beats_of(samples):
    """Sample numbers of R waves, found without knowing them."""
    shown = np.abs(signal.sosfiltfilt(signal.butter(2, [5, 30], "band", fs=FS_HZ, output="sos"), samples))
    return signal.find_peaks(shown, height=0.6 * np.percentile(shown, 99), distance=int(0.33 * FS_HZ))[0]


def qrs_of(samples):
    """Width of the R wave at half its height in ms, and the share of it left by a 30 Hz high-pass."""
    beats = [beat for beat in beats_of(samples) if 300 < beat < samples.size - 300]
    template = np.median([samples[beat - 300 : beat + 300] for beat in beats], axis=0)
    template -= np.median(template)
    top = np.argmax(np.abs(template))
    template /= template[top]
    below = np.flatnonzero(template < 0.5)
    width_ms = below[below > top][0] - below[below < top][-1] - 1
    high = signal.butter(4, 30, "high", fs=FS_HZ, output="sos")
    left = signal.sosfilt(high, np.pad(template * signal.windows.tukey(600, 0.2), 500))
    return width_ms, np.abs(left).max()


@pytest.mark.parametrize("rate_bpm", [60.0, 95.0, 150.0])
def test_beats_come_at_their_rate_with_4_percent_variability(rate_bpm):
    made = artefacts.ecg(np.zeros(300_000), FS_HZ, r_uv=50.0, heart_rate_bpm=rate_bpm, seed=1)
    intervals_s = np.diff(made.events_s)
    assert 60.0 / intervals_s.mean() == pytest.approx(rate_bpm, rel=0.02)
    assert intervals_s.std() / intervals_s.mean() == pytest.approx(0.04, abs=0.008)


def test_beats_are_where_the_truth_says():
    made = artefacts.ecg(np.zeros(60_000), FS_HZ, r_uv=50.0, seed=2)
    found_s = beats_of(made.samples_uv) / FS_HZ
    inside = made.events_s[(made.events_s > 0.5) & (made.events_s < 59.0)]
    nearest = np.abs(found_s[:, None] - inside).min(axis=0)
    assert nearest.max() < 0.01
    assert all(made.mask[(inside * FS_HZ).astype(int)])


def test_r_wave_is_as_high_as_asked_and_breathes():
    peaks = []
    for seed in range(12):
        made = artefacts.ecg(np.zeros(60_000), FS_HZ, r_uv=80.0, seed=seed)
        heights = np.abs(made.samples_uv)[(made.events_s[1:-1] * FS_HZ).round().astype(int)]
        assert 0.90 < heights.min() / 80.0 < heights.max() / 80.0 < 1.10
        peaks.append(np.sign(made.samples_uv[round(made.events_s[3] * FS_HZ)]))
    assert set(peaks) == {-1.0, 1.0}


def test_one_heart_for_several_electrodes():
    left, right = (artefacts.ecg(np.zeros(30_000), FS_HZ, r_uv=50.0, seed=seed, beat_seed=7) for seed in (1, 2))
    assert np.array_equal(left.events_s, right.events_s)
    assert not np.array_equal(left.samples_uv, right.samples_uv)


def test_simulated_qrs_is_as_sharp_as_recorded_ones():
    for seed in range(12):
        width_ms, left = qrs_of(artefacts.ecg(np.zeros(60_000), FS_HZ, r_uv=1.0, seed=seed).samples_uv)
        assert 16 <= width_ms <= 26
        assert 0.12 < left < 0.25


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("trunk_ecg_pectoralis/part1_0_19s.npz", "emg_data"),
        ("biosppy/ecg.npz", "ecg_data"),
        ("biosignalsplux/ecg_20s_lead2.npz", "ecg_data"),
    ],
)
def test_recorded_qrs_is_within_the_same_limits(realdata, path, key):
    """The limits of the test above are those of three recordings, at the trunk and at the limbs."""
    samples = np.load(realdata / path)[key][:, 0].astype(float)
    width_ms, left = qrs_of(samples)
    assert 16 <= width_ms <= 26
    assert 0.12 < left < 0.25
