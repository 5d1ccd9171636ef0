import copy
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.dsp.orientation import RATE, STILL, TURN, UP, Gravity, Tilt
from emgmon.dsp.rest_loops import COLUMNS

FS_HZ = 100.0


def lift(bias_dps=(0.0, 0.0, 0.0), jerk_g=0.0, seed=0):
    """A sensor at rest for 5 s, turned by 30 deg about x in 1 s, held 3 s, turned back; 100 Hz."""
    time_s = np.arange(0, 13, 0.01)
    angle = 30 * np.interp(time_s, [0, 5, 6, 9, 10, 13], [0, 0, 1, 1, 0, 0])
    rate = np.gradient(angle, 0.01)
    turn = np.radians(angle)
    rng = np.random.default_rng(seed)
    acc = np.column_stack([np.zeros_like(turn), np.sin(turn), np.cos(turn)]) + rng.normal(0, 0.005, (len(turn), 3))
    acc[:, 1] += jerk_g * np.interp(time_s, [5, 5.01, 5.49, 5.51, 5.99, 6], [0, 1, 1, -1, -1, 0])  # starts and stops
    gyro = np.column_stack([rate, 0 * rate, 0 * rate]) + np.array(bias_dps) + rng.normal(0, 0.1, (len(turn), 3))
    return angle, np.column_stack([acc, gyro])


def inclination_deg(up):
    return np.degrees(np.arctan2(up[:, 1], up[:, 2]))


@pytest.mark.parametrize(("bias", "jerk_g"), [((0, 0, 0), 0.0), ((1.5, -1.0, 0.5), 0.0), ((1.0, 0, 0), 0.15)])
def test_inclination_follows_within_one_degree(bias, jerk_g):
    angle, samples = lift(bias, jerk_g)
    ours = inclination_deg(Gravity(FS_HZ)(samples)[:, UP])
    assert np.abs(ours - angle)[300:].max() < 1.0


@pytest.mark.parametrize("bias", [(0.0, 0.0, 0.0), (1.5, -1.0, 0.5), (6.0, 6.0, -4.0)])
def test_bias_is_learnt_at_rest(bias):
    _angle, samples = lift(bias)
    step = Gravity(FS_HZ)
    step(samples[:500])
    assert step.bias_dps == pytest.approx(bias, abs=0.1)


def wobble(bias_dps, seed=0):
    """A sensor that never rests: 60 s of slow sines about all axes, integrated from its own angular velocity."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(0, 60, 1 / FS_HZ)
    rate = np.column_stack(
        [40 * np.sin(2 * np.pi * f * time_s + p) for f, p in ((0.31, 0.0), (0.23, 1.0), (0.17, 2.0))]
    )
    up, ups = np.array([0.0, 0.0, 1.0]), []
    for w in np.radians(rate):
        turn = np.linalg.norm(w) / FS_HZ
        axis = w / np.linalg.norm(w)
        up = up * np.cos(turn) - np.cross(axis, up) * np.sin(turn) + axis * (axis @ up) * (1 - np.cos(turn))
        ups.append(up)
    true = np.array(ups)
    acc = true + rng.normal(0, 0.01, true.shape)
    return true, np.column_stack([acc, rate + bias_dps + rng.normal(0, 0.1, rate.shape)])


def test_bias_is_learnt_without_any_rest():
    true, samples = wobble((1.0, -0.7, 0.5))
    step = Gravity(FS_HZ)
    out = step(samples)
    assert not out[:, STILL].any()
    assert step.bias_dps == pytest.approx((1.0, -0.7, 0.5), abs=0.25)
    error = np.degrees(np.arccos(np.clip((out[:, UP] * true).sum(axis=1), -1, 1)))
    assert error[3000:].max() < 1.5


def test_turning_about_the_vertical_is_followed_for_seconds():
    _angle, samples = lift((0.5, 0.5, 0.5))
    samples[600:700, 3:] += 20.0 * np.array([0.0, 0.5, np.sqrt(0.75)])  # 20 deg to the left while tilted by 30 deg
    out = Gravity(FS_HZ)(samples)
    w, x, y, z = out[:, TURN].T
    heading = np.degrees(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
    up = out[:, UP]
    np.testing.assert_allclose(up[:, 0], 2 * (x * z - w * y), atol=1e-9)
    np.testing.assert_allclose(up[:, 1], 2 * (y * z + w * x), atol=1e-9)
    np.testing.assert_allclose(up[:, 2], 1 - 2 * (x * x + y * y), atol=1e-9)
    assert np.ptp(heading[300:590]) < 0.5
    assert heading[700] - heading[590] == pytest.approx(20.0, abs=2.0)


def test_still_is_seen_only_at_rest():
    _angle, samples = lift()
    still = Gravity(FS_HZ)(samples)[:, STILL]
    assert still[100:490].all()
    assert not still[510:600].any()


@pytest.mark.parametrize("slow_dps", [1.5, 3.0, 8.0])
def test_a_slow_lift_is_no_rest(slow_dps):
    time_s = np.arange(0, 20, 1 / FS_HZ)
    turn = np.radians(slow_dps * np.clip(time_s - 5, 0, 10))
    acc = np.column_stack([0 * turn, np.sin(turn), np.cos(turn)])
    gyro = np.column_stack([np.where((time_s > 5) & (time_s < 15), slow_dps, 0.0), 0 * turn, 0 * turn])
    step = Gravity(FS_HZ)
    out = step(np.column_stack([acc, gyro]))
    assert np.abs(np.array(step.bias_dps)).max() < 0.2
    assert np.abs(inclination_deg(out[:, UP]) - np.degrees(turn)).max() < 1.5


def test_a_short_gap_is_bridged_and_a_long_one_starts_anew():
    angle, samples = lift((1.0, 0.0, 0.0))
    samples[550:558] = np.nan  # in the middle of the lift
    samples[950:1010] = np.nan  # in the lowering
    out = Gravity(FS_HZ)(samples)
    assert np.isnan(out[550:558, UP]).all()
    assert not out[550:558, STILL].any()
    errors = np.abs(inclination_deg(out[:, UP]) - angle)
    assert errors[558:950].max() < 1.0
    assert np.nanmax(errors[1010:]) < 1.0


@pytest.mark.parametrize("kind", [Gravity, Tilt])
def test_a_restart_is_a_new_step_that_knows_the_bias_and_the_scale(kind):
    samples = lift((1.0, -0.5, 0.2))[1][:, : 6 if kind is Gravity else 3]
    step, fresh = kind(FS_HZ), kind(FS_HZ)
    step(samples)
    known = copy.copy(step.scale)
    step.restart()
    assert step.scale == known
    again, first = step(samples[:900]), fresh(samples[:900])
    np.testing.assert_array_equal(again[:, STILL], first[:, STILL])
    np.testing.assert_allclose(again[:, UP], first[:, UP], atol=0.02)
    if kind is Gravity:
        assert step.bias_dps == pytest.approx((1.0, -0.5, 0.2), abs=0.1)
        np.testing.assert_array_equal(again[0, UP], first[0, UP])
    else:
        np.testing.assert_array_equal(again, first)


def test_scale_of_the_accelerometer_is_found_in_motion_and_changes_no_angle():
    _true, samples = wobble((0.0, 0.0, 0.0))
    scaled = samples * [1.2, 1.2, 1.2, 1.0, 1.0, 1.0]
    right, wrong = Gravity(FS_HZ), Gravity(FS_HZ)
    np.testing.assert_allclose(right(samples)[:, UP], wrong(scaled)[:, UP], atol=2e-3)
    assert right.scale.g == pytest.approx(1.0, abs=0.02)
    assert wrong.scale.g == pytest.approx(1.2, abs=0.02)
    assert wrong.scale.known_at == right.scale.known_at > 20 * FS_HZ


def test_accelerometer_alone_gives_inclination_and_nothing_else():
    angle, samples = lift()
    step = Tilt(FS_HZ)
    out = step(samples[:, :3])
    late = round(step.delay_s * FS_HZ)
    assert np.abs(inclination_deg(out[late:, UP]) - angle[:-late])[50:].max() < 3.0
    assert np.isnan(out[:, TURN]).all()
    assert np.median(out[530:590, RATE], axis=0) == pytest.approx((30.0, 0.0, 0.0), abs=5.0)
    assert step.scale.g == pytest.approx(1.0, abs=0.01)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 1300), max_size=6), st.sampled_from([Gravity, Tilt]))
def test_chunking(cuts, kind):
    _angle, samples = lift()
    samples[400:420] = np.nan
    samples[700:705] = np.nan
    samples = samples if kind is Gravity else samples[:, :3]
    whole, step = kind(FS_HZ)(samples), kind(FS_HZ)
    edges = [0, *sorted(cuts), len(samples)]
    pieces = np.concatenate([step(samples[a:b]) for a, b in pairwise(edges)])
    np.testing.assert_array_equal(whole, pieces)


@given(st.lists(st.floats(width=32), min_size=6, max_size=6), st.sampled_from([Gravity, Tilt]))
def test_totality_any_floats(row, kind):
    row = row if kind is Gravity else row[:3]
    out = kind(FS_HZ)(np.array([row, row], float))
    assert out.shape == (2, COLUMNS)
    assert np.isnan(out[:, UP]).all() or np.allclose(np.linalg.norm(out[:, UP], axis=1), 1.0)


def test_inclination_is_that_of_optical_markers(realdata):
    trial = np.load(realdata / "imu_broad" / "07_undisturbed_fast_rotation_B.npz")
    begin = int(np.flatnonzero(trial["movement_data"][:, 0])[0]) - 1500
    part = slice(begin, begin + 10_000)
    imu, (w, x, y, z) = trial["imu_data"][part, :6].astype(float), trial["opt_data"][part, :4].astype(float).T
    true = np.column_stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)])
    up = Gravity(float(trial["imu_fs"]))(imu * [*[1 / 9.80665] * 3, *[180 / np.pi] * 3])[:, UP]
    error = np.degrees(np.arccos(np.clip((up * true).sum(axis=1), -1, 1)))
    error = error[(trial["movement_data"][part, 0] == 1) & np.isfinite(error)]
    assert np.sqrt(np.mean(error**2)) < 1.5


@pytest.mark.parametrize(("stream", "percent"), [("torso", 11), ("toes_l", 22), ("pelvis", 2), ("tibia_l", 0)])
def test_two_accelerometers_of_real_walking_read_too_much(realdata, stream, percent):
    trial = np.load(realdata / "imu_gait_xsens" / "Sub05_CSBaseline.npz")
    step = Gravity(float(trial[f"{stream}_fs"]))
    step(trial[f"{stream}_data"][:3000, :6].astype(float) * [*[1 / 9.80665] * 3, *[180 / np.pi] * 3])
    assert 100 * (step.scale.g - 1) == pytest.approx(percent, abs=2)
