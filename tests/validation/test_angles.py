"""Angles of joints against the simulator's truth, which shares no code with them."""

import pytest

from emgmon.validation import angles

LIMIT_DEG = {"sagittal": 4.0, "frontal": 5.0, "transverse": 2.0}


@pytest.mark.slow
@pytest.mark.parametrize("movement", ["squat, knees in, feet out", "bridge"])
def test_angles_are_within_their_limits(movement, monkeypatch):
    monkeypatch.setattr(angles, "MOVEMENTS", {movement: angles.MOVEMENTS[movement]})
    found = angles.joint_angles(range(2), quick=True)
    errors = {item.conditions["angle"]: item for item in found if item.measure == "RMSE"}
    assert len(errors) == 11
    for name, item in errors.items():
        assert item.value <= LIMIT_DEG[item.conditions["plane"]], name
