"""Segments in space: angles by their definition, joints that hold together, places that stay."""

import numpy as np
import pytest

from firmware_sim.kinematics import (
    JOINT_ANGLES,
    ROLL,
    SEGMENTS,
    SHANK_M,
    SIDE,
    THIGH_M,
    TILT,
    TURN,
    Motion,
    side_deg,
    skeleton,
    tilt_deg,
)


def still(n=5, **attitudes):
    """A motion that stands but for the named angles: ``pelvis=(TILT, 30)``."""
    found = {segment: np.zeros((n, 4)) for segment in SEGMENTS}
    for segment, (axis, value_deg) in attitudes.items():
        found[segment][:, axis] = value_deg
    return Motion(found)


def test_upright_all_angles_are_zero():
    for name, angle in JOINT_ANGLES.items():
        for side in ("left", "right"):
            assert angle(still(), side) == pytest.approx(0.0), name


@pytest.mark.parametrize("value_deg", [-170.0, -90.0, -20.0, 5.0, 60.0, 140.0])
def test_tilt_forward_is_positive_and_safe_beyond_a_right_angle(value_deg):
    up = still(pelvis=(TILT, value_deg)).up("pelvis")
    assert tilt_deg(up) == pytest.approx(value_deg)
    assert side_deg(up) == pytest.approx(0.0, abs=1e-9)


def test_the_top_of_a_segment_moves_forward_and_its_left_side_up():
    bones = skeleton(still(pelvis=(TILT, 10.0), trunk=(SIDE, 10.0)))
    assert bones.rotation["pelvis"][0, 0, 2] > 0.1
    assert bones.rotation["trunk"][0, 2, 1] > 0.1


def test_signs_of_joint_angles():
    squat = still(thigh_left=(TILT, -80.0), shank_left=(TILT, 25.0))
    assert JOINT_ANGLES["hip_flexion"](squat, "left")[0] == pytest.approx(80.0)
    assert JOINT_ANGLES["knee_flexion"](squat, "left")[0] == pytest.approx(105.0)
    assert JOINT_ANGLES["lumbar_flexion"](still(pelvis=(TILT, 10.0)), "")[0] == pytest.approx(-10.0)
    assert JOINT_ANGLES["knee_in"](still(shank_left=(SIDE, 8.0)), "left")[0] == pytest.approx(8.0)
    assert JOINT_ANGLES["knee_in"](still(shank_right=(SIDE, -8.0)), "right")[0] == pytest.approx(8.0)
    assert JOINT_ANGLES["foot_turn_out"](still(foot_left=(TURN, 12.0)), "left")[0] == pytest.approx(12.0)
    assert JOINT_ANGLES["foot_turn_out"](still(foot_right=(TURN, -12.0)), "right")[0] == pytest.approx(12.0)


def test_a_knee_that_falls_in_is_nearer_to_the_middle():
    for side, inward in (("left", 8.0), ("right", -8.0)):
        bones = skeleton(still(**{f"shank_{side}": (SIDE, inward)}))
        knee = bones.origin_m[f"shank_{side}"][0]
        ankle = bones.origin_m[f"foot_{side}"][0]
        middle = (bones.origin_m["foot_left"][0] + bones.origin_m["foot_right"][0]) / 2
        assert abs(knee[1] - middle[1]) < abs(ankle[1] - middle[1])


def test_a_roll_about_the_long_axis_is_not_a_tilt_upright_but_sinks_the_left_side_when_supine():
    upright = still(pelvis=(ROLL, 20.0)).up("pelvis")
    assert tilt_deg(upright) == pytest.approx(0.0)
    lying = still(pelvis=(TILT, -90.0))
    lying.attitude_deg["pelvis"][:, ROLL] = 20.0
    assert side_deg(lying.up("pelvis")) == pytest.approx(-20.0)


@pytest.mark.parametrize("anchor", ["feet", "foot_left", "foot_right", "pelvis"])
def test_bones_keep_their_length_and_the_anchor_its_place(anchor):
    rng = np.random.default_rng(1)
    motion = Motion({segment: np.cumsum(rng.normal(0.0, 0.5, (400, 4)), axis=0) for segment in SEGMENTS}, anchor)
    bones = skeleton(motion)
    for side in ("left", "right"):
        for upper, lower, length_m in (("thigh", "shank", THIGH_M), ("shank", "foot", SHANK_M)):
            apart = bones.origin_m[f"{upper}_{side}"] - bones.origin_m[f"{lower}_{side}"]
            assert np.linalg.norm(apart, axis=1) == pytest.approx(length_m)
    fixed = (
        (bones.origin_m["foot_left"] + bones.origin_m["foot_right"]) / 2 if anchor == "feet" else bones.origin_m[anchor]
    )
    assert np.ptp(fixed, axis=0) == pytest.approx(0.0, abs=1e-12)


def test_nothing_jumps_when_the_anchor_changes():
    bow = np.linspace(0.0, 60.0, 1000)
    motion = still(1000)
    motion.attitude_deg["thigh_left"][:, TILT] = -bow
    changed = Motion(motion.attitude_deg, "foot_right", 0.5)
    place = skeleton(changed).origin_m["pelvis"]
    assert np.abs(np.diff(place, axis=0)).max() < 0.002
