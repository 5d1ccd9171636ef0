import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.exercise.angles import ANGLES, FOOT, MAX_OUT_DEG, PELVIS, SHANK, THIGH, AngleSet, Pose, wrapped

NOW = np.array([0.0])


def leaning(forward_deg=0.0, left_up_deg=0.0, turn_deg=0.0):
    """A segment that is tilted forward, and whose left side is raised."""
    a, b = np.radians(forward_deg), np.radians(left_up_deg)
    seen = np.array([[-np.sin(a) * np.cos(b), np.sin(b), np.cos(a) * np.cos(b)]])
    return Pose(seen, np.array([turn_deg]), np.array([1.0, 0.0, 0.0]), supine_deg=-90.0)


def angles(**poses):
    named = {"pelvis": PELVIS, "thigh": THIGH, "shank": SHANK, "foot": FOOT}
    found = {named[name]: pose for name, pose in poses.items()}
    return AngleSet(NOW, lambda sites, _side: found.get(sites, "No motion sensor where it is needed."))


def test_a_squat_has_positive_hips_and_knees():
    squat = angles(pelvis=leaning(30.0), thigh=leaning(-70.0), shank=leaning(25.0))
    assert squat.now("hip_flexion", "left") == pytest.approx(100.0)
    assert squat.now("knee_flexion", "right") == pytest.approx(95.0)
    assert squat.now("pelvic_tilt") == pytest.approx(30.0)
    assert squat.now("pelvis_from_supine") == pytest.approx(120.0)


def test_knees_that_cave_in_are_positive_on_both_sides():
    # Right knee inward: the thigh's top leans to the right of it, the shank's to the left.
    assert angles(thigh=leaning(-60, 5), shank=leaning(20, -4)).now("knee_in", "right") == pytest.approx(9.0)
    assert angles(thigh=leaning(-60, -5), shank=leaning(20, 4)).now("knee_in", "left") == pytest.approx(9.0)


def test_toes_outward_are_positive_on_both_sides():
    assert angles(foot=leaning(turn_deg=7.0)).now("foot_turn_out", "left") == pytest.approx(7.0)
    assert angles(foot=leaning(turn_deg=-7.0)).now("foot_turn_out", "right") == pytest.approx(7.0)


@given(st.floats(-180.0, 180.0), st.floats(-85.0, 85.0))
def test_outside_of_its_range_a_sagittal_angle_is_refused_and_says_why(forward_deg, left_up_deg):
    found = angles(pelvis=leaning(forward_deg, left_up_deg))
    value = found.now("pelvic_tilt")
    if abs(left_up_deg) < MAX_OUT_DEG - 1e-6:
        assert wrapped(np.array(value - forward_deg)) == pytest.approx(0.0, abs=1e-6) or abs(value - forward_deg) > 359
        assert found.reason("pelvic_tilt") == ""
    elif abs(left_up_deg) > MAX_OUT_DEG + 1e-6:
        assert np.isnan(value)
        assert "20°" in found.reason("pelvic_tilt")
    assert found.now("obliquity") == pytest.approx(left_up_deg, abs=1e-4)


def test_a_thigh_that_lies_shows_its_roll():
    opened = np.radians(25.0)
    lying = Pose(np.array([[np.cos(opened), -np.sin(opened), 0.0]]), NOW, np.array([1.0, 0.0, 0.0]))
    assert angles(thigh=lying).now("thigh_roll", "left") == pytest.approx(25.0)
    assert angles(thigh=lying).now("thigh_roll", "right") == pytest.approx(-25.0)
    assert np.isnan(angles(thigh=leaning()).now("thigh_roll", "left"))


def test_what_is_not_worn_has_a_reason_and_no_number():
    bare = angles()
    for name, kind in ANGLES.items():
        for side in kind.sides:
            assert not bare.has(name, side)
            assert bare.reason(name, side) == "No motion sensor where it is needed."
            assert np.isnan(bare.get(name, side)).all()


@pytest.mark.parametrize(("name", "side"), [("elbow", "left"), ("pelvic_tilt", "left"), ("knee_in", "midline")])
def test_an_unknown_angle_names_the_known_ones(name, side):
    with pytest.raises(ValueError, match="there are pelvic_tilt"):
        angles().get(name, side)
