"""Both sources give the amplitude that was asked for, at every rate, and know their envelope."""

import numpy as np
import pytest
from scipy.signal import welch

from firmware_sim.emg import GENERATORS, Source, raw_emg

DRIVE_HZ = 500.0


def held(level, seconds=20.0, fs_hz=2000.0, **options):
    return raw_emg(np.full(int(seconds * DRIVE_HZ) + 1, level), DRIVE_HZ, fs_hz, **options)


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("level", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("fs_hz", [200.0, 1000.0, 2148.0])
def test_rms_is_the_envelope_at_any_rate(generator, level, fs_hz):
    made = held(level, fs_hz=fs_hz, generator=generator, seed=4)
    assert made.fs_hz == fs_hz
    assert made.samples_uv.size == made.envelope_uv.size == made.drive.size == int(20.0 * fs_hz) + 1
    tolerance = 0.06 if fs_hz == 200.0 else 0.04  # fewer samples to average over
    assert made.samples_uv.std() == pytest.approx(np.sqrt(np.mean(made.envelope_uv**2)), rel=tolerance)


@pytest.mark.parametrize("generator", GENERATORS)
def test_full_drive_is_the_mvic(generator):
    made = held(1.0, source=Source(mvic_uv=137.0), generator=generator)
    assert made.mvic_uv == 137.0
    assert made.envelope_uv.max() == pytest.approx(137.0, rel=1e-9)
    assert made.activation.max() == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_seed_repeats_and_another_does_not(generator):
    first, again, other = (held(0.5, 1.0, generator=generator, seed=seed) for seed in (1, 1, (1, 2)))
    assert np.array_equal(first.samples_uv, again.samples_uv)
    assert not np.array_equal(first.samples_uv, other.samples_uv)


def test_the_same_motor_units_on_another_day_keep_their_law():
    first, second = (held(0.4, pool_seed=9, seed=seed) for seed in (1, 2))
    other = held(0.4, pool_seed=10, seed=1)
    assert first.activation.mean() == pytest.approx(second.activation.mean(), rel=0.005)
    assert abs(other.activation.mean() / first.activation.mean() - 1.0) > 0.02
    assert not np.array_equal(first.samples_uv, second.samples_uv)


def test_shaped_noise_has_its_formula_s_spectrum_and_law():
    source = Source(mvic_uv=100.0, exponent=1.3, low_hz=40.0, high_hz=110.0, mdf_factor=1.1)
    made = held(0.5, 60.0, generator="shaped_noise", source=source)
    assert made.envelope_uv == pytest.approx(100.0 * 0.5**1.3)
    frequency_hz, power = welch(made.samples_uv, 2000.0, nperseg=500)
    low_hz, high_hz = 44.0, 121.0
    family = frequency_hz**2 / (frequency_hz**2 + low_hz**2) / (frequency_hz**2 + high_hz**2) ** 2
    band = (frequency_hz >= 30.0) & (frequency_hz <= 200.0)
    ratio = power[band] / family[band]
    assert ratio / ratio.mean() == pytest.approx(np.ones(band.sum()), abs=0.12)


@pytest.mark.parametrize(("level", "lowest", "highest"), [(0.01, 4.5, 7.5), (0.9, 2.8, 3.2)])
def test_shaped_noise_is_laplacian_at_low_effort_only(level, lowest, highest):
    samples_uv = held(level, 60.0, generator="shaped_noise").samples_uv
    assert lowest < np.mean(samples_uv**4) / np.mean(samples_uv**2) ** 2 < highest


def test_shaped_noise_tires_without_losing_amplitude():
    drive = np.full(30_001, 0.5)
    tiring = np.linspace(1.0, 0.8, drive.size)
    made = raw_emg(drive, DRIVE_HZ, 2000.0, generator="shaped_noise", tiring=tiring)
    medians = []
    for part in (made.samples_uv[:24_000], made.samples_uv[-24_000:]):
        frequency_hz, power = welch(part, 2000.0, nperseg=2000)
        medians.append(frequency_hz[np.searchsorted(np.cumsum(power), power.sum() / 2)])
        assert part.std() == pytest.approx(100.0, rel=0.05)
    assert medians[1] / medians[0] == pytest.approx(0.84, abs=0.04)


def test_the_two_sources_differ_where_an_estimator_could_lean_on_one_of_them():
    """Law and distribution: shaped noise is linear here, motor units are not."""
    noise, units = (held(0.2, 5.0, generator=generator, seed=2) for generator in GENERATORS)
    assert noise.activation.mean() == pytest.approx(0.2)
    assert units.activation.mean() > 0.24


def test_an_unknown_source_is_refused():
    with pytest.raises(ValueError, match="shaped_noise, motor_units, not pink"):
        held(0.5, 1.0, generator="pink")
