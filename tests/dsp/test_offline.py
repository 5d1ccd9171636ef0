"""The zero-phase variants: against what they replace, and a published envelope."""

import numpy as np
import pytest

from emgmon.dsp.filters import BandPass
from emgmon.dsp.offline import (
    spectrum_interpolation,
    zero_phase_band_pass,
    zero_phase_envelope,
    zero_phase_linear_envelope,
)

FS = 1000.0


def muscle(n, seed):
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(n))
    frequency_hz = np.fft.rfftfreq(n, 1 / FS)
    samples = np.fft.irfft(spectrum * frequency_hz / (frequency_hz**2 + 70.0**2), n)
    return 50.0 * samples / samples.std()


def test_nothing_is_moved_in_time():
    time_s = np.arange(2000) / FS
    burst = np.sin(2 * np.pi * 80 * time_s) * np.exp(-((time_s - 1) ** 2) / (2 * 0.05**2))
    out = zero_phase_band_pass(burst, FS)
    assert (out**2 @ time_s) / (out @ out) == pytest.approx(1.0, abs=2e-4)
    envelope = zero_phase_envelope(out, FS)
    assert time_s[envelope.argmax()] == pytest.approx(1.0, abs=0.01)


def test_levels_agree_with_the_live_chain():
    samples = muscle(20_000, 0)
    live = BandPass(FS)(samples)
    assert np.sqrt(np.mean(zero_phase_band_pass(samples, FS) ** 2)) == pytest.approx(
        np.sqrt(np.nanmean(live**2)), rel=0.03
    )


def test_short_gaps_are_bridged_and_long_ones_stay():
    samples = muscle(5000, 1)
    samples[1000:1008] = np.nan
    samples[3000:3100] = np.nan
    out = zero_phase_band_pass(samples, FS)
    assert np.flatnonzero(np.isnan(out)).tolist() == [*range(1000, 1008), *range(3000, 3100)]
    envelope = zero_phase_envelope(out, FS)
    assert np.isfinite(envelope[:2990]).all()
    assert np.isnan(envelope[3045:3055]).all() or np.isfinite(envelope[3045:3055]).all()
    assert np.isnan(zero_phase_band_pass(np.full(100, np.nan), FS)).all()
    assert zero_phase_band_pass(np.empty(0), FS).shape == (0,)
    assert zero_phase_envelope(np.empty(0), FS).shape == (0,)


def test_envelope_is_the_rms_around_each_sample():
    samples = muscle(600, 2)
    envelope = zero_phase_envelope(samples, FS, window_s=0.1)
    assert envelope[300] == pytest.approx(np.sqrt(np.mean(samples[250:351] ** 2)))
    assert zero_phase_envelope(np.full(600, 3.0), FS) == pytest.approx(3.0)


@pytest.mark.parametrize("f0_hz", [50.0, 60.0, 50.5])
def test_hum_is_replaced_and_muscle_kept(f0_hz):
    clean = muscle(20_000, 3)
    dirty = clean + 40.0 * np.sin(2 * np.pi * f0_hz * np.arange(20_000) / FS)
    left = spectrum_interpolation(dirty, FS, f0_hz)
    assert left.std() == pytest.approx(clean.std(), rel=0.02)
    assert spectrum_interpolation(dirty[:500], FS, f0_hz) is not None


def test_real_walk_envelope_agrees_with_the_published_one(realdata):
    """Treadmill walk of A. Santuz: our envelope with their settings against the one in the same file, 13 muscles."""
    with np.load(realdata / "gait_santuz_walk" / "ID0012_TW_01.npz", allow_pickle=False) as found:
        raw, published = found["emg_data"].astype(float), found["filt_data"].astype(float)
        time_s, names = found["emg_t"], list(found["emg_names"])
    touchdown = [1.414, 2.448, 3.488, 4.515, 5.549, 6.596]
    lift_off = [2.074, 3.115, 4.141, 5.168, 6.216, 7.249]
    envelope = zero_phase_linear_envelope(raw, 1000.0)
    rows = [
        np.linspace(a, b, 100)
        for k in (1, 2, 3)
        for a, b in ((touchdown[k], lift_off[k]), (lift_off[k], touchdown[k + 1]))
    ]
    at_s = np.concatenate(rows)
    r = {}
    for k, name in enumerate(names):
        ours = np.interp(at_s, time_s, envelope[:, k])
        r[name] = float(np.corrcoef(ours, published[:, k])[0, 1])
    assert len(r) == 13
    assert min(r.values()) >= 0.999, r
