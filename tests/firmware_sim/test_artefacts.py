"""Every artefact has the size and the place that its truth says, and touches nothing else."""

import numpy as np
import pytest
from scipy.signal import welch

from firmware_sim import artefacts

FS_HZ = 1000.0
SIZE = 60_000
CLEAN = 50.0 * np.random.default_rng(0).standard_normal(SIZE)
TIME_S = np.arange(SIZE) / FS_HZ


def moving(from_s=20.0, to_s=22.0):
    return ((from_s <= TIME_S) & (to_s > TIME_S)).astype(float)


def line_uv(samples_uv, frequency_hz, width_hz=0.5):
    """RMS within a narrow band."""
    found_hz, power = welch(samples_uv, FS_HZ, nperseg=8000, window="blackmanharris")
    near = np.abs(found_hz - frequency_hz) <= width_hz
    return np.sqrt(power[near].sum() * (found_hz[1] - found_hz[0]))


def every(kind):
    """One artefact of each kind at a usual size."""
    neighbour = np.where(moving() > 0, 100.0 * np.random.default_rng(1).standard_normal(SIZE), 0.0)
    return {
        "mains": lambda: artefacts.mains(CLEAN, FS_HZ, amplitude_uv=20.0, movement=moving()),
        "ecg": lambda: artefacts.ecg(CLEAN, FS_HZ, r_uv=60.0),
        "motion": lambda: artefacts.motion(CLEAN, FS_HZ, movement=moving(), rms_uv=100.0),
        "pops": lambda: artefacts.pops(CLEAN, FS_HZ, at_s=(10.0, 30.0)),
        "lift_off": lambda: artefacts.lift_off(CLEAN, FS_HZ, windows_s=((5.0, 7.0),)),
        "clipping": lambda: artefacts.clipping(CLEAN, limit_uv=100.0),
        "sweat": lambda: artefacts.sweat(CLEAN, FS_HZ, loss=0.3, over_s=60.0),
        "baseline_noise": lambda: artefacts.baseline_noise(CLEAN, FS_HZ, rms_uv=5.0),
        "crosstalk": lambda: artefacts.crosstalk(CLEAN, FS_HZ, neighbour_uv=neighbour, share=0.2),
    }[kind]()


KINDS = ("mains", "ecg", "motion", "pops", "lift_off", "clipping", "sweat", "baseline_noise", "crosstalk")


@pytest.mark.parametrize("kind", KINDS)
def test_outside_its_mask_an_artefact_is_small_and_inside_it_is_not(kind):
    before = CLEAN.copy()
    made = every(kind)
    assert np.array_equal(before, CLEAN)
    assert made.samples_uv.shape == made.mask.shape == CLEAN.shape
    change_uv = np.abs(made.samples_uv - CLEAN)
    assert change_uv[made.mask].max() > 5.0
    if not made.mask.all():
        outside = {"ecg": 0.5 * 60.0, "motion": 45.0, "sweat": 0.05 * np.abs(CLEAN).max(), "crosstalk": 40.0}
        assert change_uv[~made.mask].max() <= outside.get(kind, artefacts.NOTICEABLE_UV)


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_repeats(kind):
    assert np.array_equal(every(kind).samples_uv, every(kind).samples_uv)


def test_nothing_is_masked_where_nothing_is_added():
    assert not artefacts.mains(CLEAN, FS_HZ, amplitude_uv=0.0).mask.any()
    assert not artefacts.ecg(CLEAN, FS_HZ, r_uv=0.0).mask.any()
    assert not artefacts.motion(CLEAN, FS_HZ, movement=moving(), rms_uv=0.0).mask.any()
    assert not artefacts.baseline_noise(CLEAN, FS_HZ, rms_uv=0.0).mask.any()


@pytest.mark.parametrize("nominal_hz", [50.0, 60.0])
def test_mains_has_its_harmonics_and_wanders(nominal_hz):
    hum = artefacts.mains(np.zeros(SIZE), FS_HZ, amplitude_uv=30.0, nominal_hz=nominal_hz, seed=3).samples_uv
    for harmonic, height in {1: 1.0, 2: 0.3, 3: 0.4, 5: 0.15}.items():
        assert line_uv(hum, harmonic * nominal_hz, 2.5) == pytest.approx(30 * height / np.sqrt(2), rel=0.05)
    assert line_uv(hum, 4 * nominal_hz, 2.5) < 0.2
    centre = [np.argmax(welch(part, FS_HZ, nperseg=4000, nfft=64_000)[1]) * FS_HZ / 64_000 for part in np.split(hum, 6)]
    assert max(np.abs(np.array(centre) - nominal_hz)) <= 0.32
    assert np.ptp(centre) > 0.02


def test_mains_swings_with_movement_only():
    silent = np.zeros(SIZE)
    still, moved = (
        artefacts.mains(silent, FS_HZ, amplitude_uv=10.0, movement=movement, seed=2).samples_uv
        for movement in (None, moving())
    )
    rest = moving() == 0
    assert moved[rest] == pytest.approx(still[rest])
    assert 0.01 < np.abs(moved / 10 - still / 10)[~rest].max() < 1.0


def test_motion_is_slow_and_follows_the_movement():
    made = artefacts.motion(np.zeros(SIZE), FS_HZ, movement=moving(20.0, 40.0), rms_uv=80.0, seed=5)
    inside = made.samples_uv[20_000:40_000]
    assert inside.std() == pytest.approx(80.0, rel=0.25)
    frequency_hz, power = welch(inside, FS_HZ, nperseg=4000)
    assert power[frequency_hz > 16.0].sum() < 0.01 * power.sum()
    assert not made.samples_uv[:19_990].any()
    assert np.abs(made.samples_uv[41_500:]).max() < 1.0
    assert made.mask[20_000:40_000].all()
    assert 0.2 < made.mask[40_000:].sum() / FS_HZ < 0.4


def test_pops_are_steps_that_decay():
    made = artefacts.pops(np.zeros(SIZE), FS_HZ, at_s=(10.0, 25.0, 40.0), seed=1)
    assert made.events_s.tolist() == [10.0, 25.0, 40.0]
    for begin in (10_000, 25_000, 40_000):
        assert 195.0 < abs(made.samples_uv[begin]) <= 5010.0
        decay = np.argmax(np.abs(made.samples_uv[begin:]) < abs(made.samples_uv[begin]) / np.e) / FS_HZ
        assert 0.045 < decay < 0.505
        assert made.mask[begin]
    assert not made.mask[:10_000].any()


def test_lifted_electrode_sees_no_muscle_but_hum_and_noise():
    made = artefacts.lift_off(CLEAN, FS_HZ, windows_s=((5.0, 15.0),), mains_uv=10.0, noise_uv=20.0)
    off = made.samples_uv[5000:15_000]
    assert line_uv(off, 50.0) == pytest.approx(200.0 / np.sqrt(2), rel=0.05)
    assert off.std() == pytest.approx(np.hypot(200.0 / np.sqrt(2), 20.0), rel=0.05)
    assert abs(np.corrcoef(off, CLEAN[5000:15_000])[0, 1]) < 0.05
    assert np.array_equal(made.samples_uv[~made.mask], CLEAN[~made.mask])


def test_sweat_takes_gain_and_brings_noise():
    silent = artefacts.sweat(np.zeros(SIZE), FS_HZ, loss=0.2, noise_uv=6.0, over_s=60.0).samples_uv
    assert silent[-5000:].std() == pytest.approx(6.0 * 0.958, rel=0.05)
    kept = artefacts.sweat(CLEAN, FS_HZ, loss=0.2, over_s=60.0)
    assert kept.samples_uv[-1] == pytest.approx(0.8 * CLEAN[-1], rel=1e-3)
    assert np.argmax(kept.mask) / FS_HZ == pytest.approx(15.0, abs=0.01)


def test_baseline_noise_is_white_with_more_at_the_low_end():
    noise = artefacts.baseline_noise(np.zeros(SIZE), FS_HZ, rms_uv=4.0, pink_share=0.3).samples_uv
    assert noise.std() == pytest.approx(4.0, rel=0.03)
    frequency_hz, power = welch(noise, FS_HZ, nperseg=2000)
    for at_hz in (2, 4, 20, 300):  # white part over 500 Hz, pink part over the logarithm of 1 to 500 Hz
        expected = 16.0 * (0.7 / 500.0 + 0.3 / np.log(500.0) / at_hz)
        near = np.abs(frequency_hz - at_hz) <= max(0.5, 0.1 * at_hz)
        assert power[near].mean() == pytest.approx(expected, rel=0.3)


def test_crosstalk_is_late_blunt_and_as_large_as_asked():
    neighbour = np.random.default_rng(2).standard_normal(SIZE)
    tone = np.sin(2 * np.pi * 20.0 * TIME_S)
    over = artefacts.crosstalk(np.zeros(SIZE), FS_HZ, neighbour_uv=tone, share=0.25, delay_s=0.0).samples_uv
    assert over[5000:-5000].std() * np.sqrt(2) == pytest.approx(0.25 / np.hypot(1.0, 0.2), rel=0.01)
    late = artefacts.crosstalk(
        np.zeros(SIZE), FS_HZ, neighbour_uv=neighbour, share=0.2, delay_s=0.003, corner_hz=1e6
    ).samples_uv
    assert late[3:] == pytest.approx(0.2 * neighbour[:-3], abs=0.01)


def test_clipping_says_where():
    made = artefacts.clipping(CLEAN, limit_uv=100.0)
    assert np.abs(made.samples_uv).max() == 100.0
    assert made.mask.mean() == pytest.approx(0.0455, abs=0.01)
