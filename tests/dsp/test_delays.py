"""Every step's delay is a number, and it is out of event times: what happens at a moment is told at that moment."""

import numpy as np
import pytest

from emgmon.dsp.envelope import HOP_S
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass, BandPassSettings
from emgmon.dsp.onset import onset_near
from emgmon.model import Placement, Stream, TimedBlock
from emgmon.pipeline.tracks import EmgTrack

GLUTE, BACK = Placement("gluteus_maximus", "left"), Placement("erector_spinae", "left")


def muscle(n, fs_hz, seed):
    rng = np.random.default_rng(seed)
    f_hz = np.fft.rfftfreq(n, 1 / fs_hz)
    shape = f_hz**2 / ((f_hz**2 + 60.0**2) * (f_hz**2 + 120.0**2)) * (f_hz < 480.0)
    samples = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * shape, n)
    return samples / samples.std(), rng


def track_of(samples, fs_hz, place, start_s=100.0):
    """A track fed in packets of 20 ms, whose first sample was taken at `start_s`."""
    stream, track = Stream("x", "emg", "uv", fs_hz, (place,)), EmgTrack(place, "uv", fs_hz)
    size = round(0.02 * fs_hz)
    for first in range(0, len(samples), size):
        block = TimedBlock(stream, samples[first : first + size, None], start_s + first / fs_hz, 1 / fs_hz)
        track.add(block, 0)
    return track


@pytest.mark.parametrize("settings", [BandPassSettings(), ERECTOR_SPINAE], ids=["other", "back"])
@pytest.mark.parametrize("fs_hz", [500.0, 1000.0, 2000.0])
def test_the_band_pass_lags_by_its_number(settings, fs_hz):
    time_s = np.arange(round(2 * fs_hz)) / fs_hz
    burst = np.sin(2 * np.pi * 120 * time_s) * np.exp(-((time_s - 1) ** 2) / (2 * 0.05**2))
    band_pass = BandPass(fs_hz, settings)
    out = np.nan_to_num(band_pass(burst))
    assert (out**2 @ time_s) / (out @ out) - 1.0 == pytest.approx(band_pass.delay_s, abs=2e-4)


@pytest.mark.parametrize("place", [GLUTE, BACK], ids=["glute", "back"])
@pytest.mark.parametrize("fs_hz", [1000.0, 2000.0])
def test_hops_stand_where_the_burst_was(place, fs_hz):
    """Centroid of the power of bursts of 0.3 s, from raw samples to hops, mean of 40."""
    errors = []
    for seed in range(40):
        samples, rng = muscle(round(3 * fs_hz), fs_hz, seed)
        time_s = np.arange(len(samples)) / fs_hz
        burst = 100.0 * samples * np.exp(-((time_s - 1.5) ** 2) / (2 * 0.1**2))
        hops = track_of(burst + 0.5 * rng.standard_normal(len(samples)), fs_hz, place).series
        inside = np.isfinite(hops.power)
        truth = (burst**2 @ time_s) / (burst @ burst)
        errors.append((hops.power[inside] @ hops.time_s[inside]) / hops.power[inside].sum() - 100.0 - truth)
    assert abs(np.mean(errors)) < 0.002


@pytest.mark.parametrize("place", [GLUTE, BACK], ids=["glute", "back"])
@pytest.mark.parametrize("fs_hz", [1000.0, 2000.0])
def test_a_sudden_start_is_told_when_it_was(place, fs_hz):
    """From raw samples to the onset, 30 dB, median of 40."""
    errors = []
    for seed in range(40):
        samples, rng = muscle(round(4 * fs_hz), fs_hz, seed)
        start_s = 2.0 + rng.uniform(-0.1, 0.1)
        time_s = np.arange(len(samples)) / fs_hz
        raw = 2.0 * rng.standard_normal(len(samples)) + 60.0 * samples * (time_s >= start_s)
        stretch = track_of(raw, fs_hz, place).stretch(100.0, 104.0)
        first_s = float(stretch.time_s[0])
        found = onset_near(stretch.samples[round(0.2 * fs_hz) :], fs_hz, 102.0 - first_s - 0.2)
        errors.append(found.onset_s + first_s + 0.2 - 100.0 - start_s)
    assert abs(np.median(errors)) < 0.002


def test_a_bar_lags_by_half_its_window_and_no_more():
    """Level of a constant effort that begins at once: half is reached half a window later."""
    samples, rng = muscle(6000, 1000.0, 1)
    raw = 2.0 * rng.standard_normal(6000) + 100.0 * samples * (np.arange(6000) >= 3000)
    track = track_of(raw, 1000.0, GLUTE)
    window_s = 0.125
    power = [track.level(t_s - window_s, t_s) ** 2 for t_s in np.arange(102.8, 105.0, HOP_S)]
    half = 0.5 * np.mean(power[-100:])
    first_s = 102.8 + HOP_S * int(np.flatnonzero(np.array(power) > half)[0])
    assert first_s - 103.0 == pytest.approx(window_s / 2, abs=0.02)
