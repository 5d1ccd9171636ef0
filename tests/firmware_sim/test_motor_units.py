"""The pool behaves as its family does; its envelope is that of many runs."""

import numpy as np
import pytest
from scipy.signal import welch

from firmware_sim import amplifier, motor_units
from firmware_sim.emg import BAND_HZ, Source, raw_emg

DRIVE_HZ, FS_HZ = 500.0, 2000.0
# Relative amplitude of the pool that the scientific brief was computed with.
PUBLISHED = {0.05: 0.12, 0.1: 0.19, 0.2: 0.34, 0.3: 0.39, 0.4: 0.51, 0.6: 0.66, 1.0: 1.0}
POOLS = range(10)


def held(level, seconds=10.0, **options):
    return raw_emg(np.full(int(seconds * DRIVE_HZ) + 1, level), DRIVE_HZ, FS_HZ, **options)


def pool_of(seed):
    return motor_units.draw_pool(np.random.default_rng([seed, 22]))


def energy_of(pool, mdf_factor=1.0):
    frequency_hz = np.arange(1000.0)
    power = np.abs(amplifier.band_pass(*BAND_HZ)(frequency_hz, FS_HZ)) ** 2
    return motor_units.potential_energy(pool, frequency_hz, power, mdf_factor)


def spectrum(samples_uv):
    frequency_hz, power = welch(samples_uv, FS_HZ, nperseg=2000)
    return frequency_hz, power / power.sum()


def median_frequency_hz(samples_uv):
    frequency_hz, power = spectrum(samples_uv)
    return frequency_hz[np.searchsorted(np.cumsum(power), 0.5)]


@pytest.fixture(scope="module")
def amplitudes():
    """Relative amplitude of 40 pools at the published drives, shape (pools, drives)."""
    drives = np.array(list(PUBLISHED))
    rows = []
    for seed in range(40):
        pool = pool_of(seed)
        square = motor_units.mean_square(pool, drives, energy_of(pool))
        rows.append(np.sqrt(square / square[-1]))
    return np.array(rows)


def test_pools_stay_within_the_ranges_of_the_family():
    for seed in POOLS:
        pool = pool_of(seed)
        assert 120 <= pool.threshold.size <= 250
        assert np.all(np.diff(pool.threshold) > 0)
        assert 0.70 <= pool.threshold[-1] <= 0.85
        assert pool.threshold[-1] / pool.threshold[0] <= 100.0
        assert pool.interval_cv.min() >= 0.15
        assert pool.interval_cv.max() <= 0.25
        assert 0.01 <= pool.common_cv <= 0.03


def test_amplitude_law_is_that_of_the_published_pool_on_average(amplitudes):
    """Within 0.05 of full amplitude; single pools scatter by about 0.04."""
    assert amplitudes.mean(axis=0) == pytest.approx(list(PUBLISHED.values()), abs=0.05)


def test_amplitude_law_is_concave(amplitudes):
    """More amplitude than drive everywhere below the maximum, and less per drive the higher the drive."""
    drives = np.array(list(PUBLISHED))
    mean = amplitudes.mean(axis=0)
    assert np.all(mean[:-1] > drives[:-1] + 0.03)
    assert np.all(np.diff(mean / drives) < 0)


@pytest.mark.slow
def test_spectrum_is_that_of_the_published_pool_on_average():
    """Median frequency 85 to 98 Hz; 1 % of the power below 20 Hz, 2 to 4 % below 30 Hz, 40 to 48 % above 100 Hz."""
    powers = []
    for seed in POOLS:
        frequency_hz, power = spectrum(held(0.4, seed=seed).samples_uv)
        powers.append(power)
        assert 80.0 < frequency_hz[np.searchsorted(np.cumsum(power), 0.5)] < 110.0
    power = np.mean(powers, axis=0)
    assert 85.0 < frequency_hz[np.searchsorted(np.cumsum(power), 0.5)] < 98.0
    assert 0.004 < power[frequency_hz < 20].sum() < 0.015
    assert 0.02 < power[frequency_hz < 30].sum() < 0.04
    assert 0.40 < power[frequency_hz > 100].sum() < 0.48


@pytest.mark.slow
def test_few_units_are_peaky_and_many_are_nearly_gaussian():
    """Kurtosis about 5 just above the first thresholds, about 3 at full drive."""

    def kurtosis(level):
        found = []
        for seed in POOLS:
            samples_uv = held(level, seed=seed).samples_uv
            found.append(np.mean(samples_uv**4) / np.mean(samples_uv**2) ** 2)
        return np.median(found)

    assert 3.7 < kurtosis(0.04) < 6.0
    assert 3.0 < kurtosis(1.0) < 3.3


@pytest.mark.parametrize("level", [0.1, 0.4, 0.9])
def test_envelope_is_the_root_mean_square_of_many_runs(level):
    """Sum of rate times energy against 60 s of firing, which are good to about 1 %."""
    pool = pool_of(3)
    expected = np.sqrt(motor_units.mean_square(pool, np.array([level]), energy_of(pool))[0])
    times_s, units = motor_units.spikes(pool, np.full(30_001, level), DRIVE_HZ, np.random.default_rng(8))
    one = np.ones(times_s.size)
    raw = motor_units.superpose(times_s, units, pool, 120_000, FS_HZ, (one, one))
    shown = amplifier.filtered(raw, FS_HZ, amplifier.band_pass(*BAND_HZ))
    assert shown[2000:].std() == pytest.approx(expected, rel=0.03)


def test_envelope_follows_a_changing_drive_in_many_runs():
    """200 ramps of 0.4 s and falls of 0.2 s, moment by moment; each 50 ms of all of them are good to about 3 %."""
    one = np.interp(np.arange(500) / DRIVE_HZ, [0.2, 0.6, 0.7, 0.9], [0.0, 0.6, 0.6, 0.0])
    made = raw_emg(np.append(np.tile(one, 200), 0.0), DRIVE_HZ, FS_HZ, seed=1)
    found, expected = (
        np.sqrt(np.mean(part[:-1].reshape(200, 20, 100) ** 2, axis=(0, 2)))
        for part in (made.samples_uv, made.envelope_uv)
    )
    active = expected > 0.1 * made.mvic_uv
    assert active.sum() > 10
    assert found[active] == pytest.approx(expected[active], rel=0.1)
    assert np.mean(found[active] / expected[active]) == pytest.approx(1.0, abs=0.02)
    assert found[1:3].max() < 0.001 * made.mvic_uv


def test_drive_keeps_its_slow_unsteadiness_and_no_more():
    pool = pool_of(0)
    drive = motor_units.realised_drive(pool, np.full(30_001, 0.5), DRIVE_HZ, np.random.default_rng(1))
    assert drive.std() / 0.5 == pytest.approx(pool.common_cv, rel=0.01)
    spectrum = np.abs(np.fft.rfft(drive - drive.mean()))
    assert spectrum[np.fft.rfftfreq(drive.size, 1 / DRIVE_HZ) > 2.51].max() < 1e-9 * spectrum.max()


def test_intervals_have_the_rate_and_the_irregularity_asked_for():
    pool = pool_of(2)
    times_s, units = motor_units.spikes(pool, np.full(30_001, 0.5), DRIVE_HZ, np.random.default_rng(4))
    for unit in (0, 50, 90):
        intervals_s = np.diff(times_s[units == unit])
        assert 1.0 / intervals_s.mean() == pytest.approx(pool.rate_hz(unit, np.array([0.5]))[0], rel=0.03)
        assert intervals_s.std() / intervals_s.mean() == pytest.approx(pool.interval_cv[unit], rel=0.2)
    assert units.max() == np.flatnonzero(pool.threshold <= 0.5)[-1]


def test_silence_without_drive_and_before_the_first_threshold():
    assert not np.any(held(0.0, 1.0).samples_uv)
    assert not np.any(held(0.003, 1.0).envelope_uv)


@pytest.mark.parametrize("factor", [0.85, 1.1])
def test_fatigue_shifts_the_spectrum_and_leaves_the_amplitude(factor):
    plain, shifted = (held(0.5, 20.0, source=Source(mdf_factor=part), seed=5).samples_uv for part in (1.0, factor))
    assert median_frequency_hz(shifted) / median_frequency_hz(plain) == pytest.approx(factor, abs=0.03)
    assert shifted.std() == pytest.approx(plain.std(), rel=0.02)


def test_fatigue_over_time_is_there_at_the_end_and_not_at_the_beginning():
    drive = np.full(15_001, 0.5)
    made = raw_emg(drive, DRIVE_HZ, FS_HZ, seed=6, tiring=np.linspace(1.0, 0.8, drive.size))
    first, last = made.samples_uv[:12_000], made.samples_uv[-12_000:]
    assert median_frequency_hz(last) / median_frequency_hz(first) == pytest.approx(0.84, abs=0.04)
    assert last.std() == pytest.approx(first.std(), rel=0.05)
