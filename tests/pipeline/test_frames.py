"""When a glute is said to be on: not by noise alone, in any band that a sensor may have."""

import numpy as np
import pytest
import scipy

from emgmon.dsp.envelope import HOP_S
from emgmon.pipeline.frames import CUE_S, ON_NOISE

MINUTES = 10
FS_HZ = 1000


def crossings(band_hz: tuple[float, float], times: float) -> int:
    """How often RMS over the cue's window, noise subtracted, comes above so many times the noise."""
    rng = np.random.default_rng(7)
    sos = scipy.signal.butter(4, band_hz, "bandpass", fs=FS_HZ, output="sos")
    noise = scipy.signal.sosfilt(sos, rng.standard_normal(60 * MINUTES * FS_HZ))
    power = (noise**2 / noise.var()).reshape(-1, round(HOP_S * FS_HZ)).mean(axis=1)
    hops = int(CUE_S / HOP_S)  # the fewest that lie in the window
    above = np.convolve(power, np.ones(hops) / hops, "valid") - 1.0 > times**2
    return int((above[1:] & ~above[:-1]).sum())


@pytest.mark.parametrize("band_hz", [(20.0, 450.0), (40.0, 180.0), (20.0, 110.0)])
def test_noise_alone_is_no_glute(band_hz):
    assert crossings(band_hz, ON_NOISE) == 0


def test_a_lower_threshold_would_be_found_by_this():
    assert crossings((20.0, 110.0), 1.5) > 100
