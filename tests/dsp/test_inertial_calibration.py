import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from emgmon.dsp.inertial_calibration import SegmentFrame, hinge_axis, sagittal_deg, stance

FS_HZ = 100.0


def bows(mounting, *, range_deg=60.0, twist_deg=0.0, wobble_deg=0.0, seed=0):
    """Five bows of 3 s about the axis to the left (y), seen by a sensor mounted with `mounting` (segment to sensor)."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(0, 15, 1 / FS_HZ)
    course = (1 - np.cos(2 * np.pi * time_s / 3)) / 2
    wobble = wobble_deg * np.sin(2 * np.pi * 6 * time_s)[:, None] * rng.normal(size=3)
    pose = Rotation.from_euler(
        "ZY", np.column_stack([twist_deg * np.sin(4 * np.pi * time_s / 3), range_deg * course]), True
    )
    pose = pose * Rotation.from_rotvec(wobble, degrees=True)
    rate = np.degrees((pose[:-1].inv() * pose[1:]).as_rotvec()) * FS_HZ
    up = pose.inv().apply([0.0, 0.0, 1.0])
    return mounting.apply(up), mounting.apply(np.vstack([rate, rate[-1:]])), mounting.apply([0.0, 0.0, 1.0])


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(20.0, 90.0), st.sampled_from([1, -1]))
def test_any_mounting_and_range_give_the_axis_and_its_sign(seed, range_deg, way):
    mounting = Rotation.random(random_state=seed)
    up, rate, vertical = bows(mounting, range_deg=way * range_deg)
    found = hinge_axis(up, rate, vertical, FS_HZ, way)
    assert found.reason == ""
    np.testing.assert_allclose(found.axis, mounting.apply([0.0, 1.0, 0.0]), atol=1e-6)
    assert found.range_deg == pytest.approx(range_deg, rel=0.02)
    assert found.explained > 0.999


def test_soft_tissue_does_not_draw_the_axis_aside():
    mounting, usual_off = Rotation.random(random_state=1), []
    for seed in range(5):
        up, rate, vertical = bows(mounting, wobble_deg=2.0, seed=seed)
        found = hinge_axis(up, rate, vertical, FS_HZ, 1)
        true = mounting.apply([0.0, 1.0, 0.0])
        usual_off.append(np.degrees(np.arccos(abs(np.linalg.eigh(rate.T @ rate)[1][:, 2] @ true))))
        assert np.degrees(np.arccos(found.axis @ true)) < 1.0
    assert max(usual_off) > 5.0  # first principal component of the raw angular velocity


@pytest.mark.parametrize(
    ("kwargs", "reason"), [({"range_deg": 10.0}, "moved"), ({"twist_deg": 30.0}, "turned about one level axis by only")]
)
def test_a_poor_movement_is_to_be_repeated(kwargs, reason):
    up, rate, vertical = bows(Rotation.identity(), **kwargs)
    assert reason in hinge_axis(up, rate, vertical, FS_HZ, 1).reason


def test_nothing_is_taken_from_nothing():
    none = np.full((500, 3), np.nan)
    assert hinge_axis(none, none, np.array([0.0, 0.0, 1.0]), FS_HZ, 1).reason == "too little signal"
    assert stance(none, FS_HZ).reason == "too little signal"


def test_a_stance_in_which_the_person_moved_is_refused():
    sway = np.radians(np.linspace(0.0, 8.0, 500))
    up = np.column_stack([np.sin(sway), 0 * sway, np.cos(sway)])
    assert "moved" in stance(up, FS_HZ).reason
    quiet = stance(up[:50].repeat(4, axis=0), FS_HZ)
    assert quiet.reason == ""
    assert quiet.sway_deg < 1.0


def test_signs_of_the_axes():
    frame = SegmentFrame(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0]))
    np.testing.assert_allclose(frame.forward, [1.0, 0.0, 0.0])
    for angle_deg in (-170.0, -90.0, 0.0, 30.0, 90.0):
        turned = Rotation.from_euler("y", angle_deg, degrees=True)  # the top goes forward
        up = turned.inv().apply([[0.0, 0.0, 1.0]])
        assert sagittal_deg(frame.seen(up))[0] == pytest.approx(angle_deg)


def test_a_slipped_sensor_keeps_its_axis():
    frame = SegmentFrame(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0]))
    slip = Rotation.from_euler("x", 20, degrees=True)
    moved = frame.moved(slip.apply(frame.up))
    np.testing.assert_allclose(moved.left, slip.apply([0.0, 1.0, 0.0]), atol=1e-12)
    assert SegmentFrame(frame.up).moved(moved.up).left is None
