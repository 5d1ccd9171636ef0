"""What the screen says of a set's signs, of the muscles beside them, and of standing."""

import math

import numpy as np
import pytest

from emgmon.exercise.catalogue import packaged
from emgmon.exercise.posture import Standing, tilt_change
from emgmon.exercise.screen import SCREEN, SEEN_FROM, screen
from emgmon.model import Placement, Reference, Rep, RepSummary, SetSummary, SignOfSet, Value

SQUAT = packaged()[SCREEN]
T1 = (Reference(Placement("gluteus_maximus", "left"), "T1", 200.0, "uv"),)


def a_set(signs, columns, references=()):
    """Five squats with these values: name of metric and place to one number each rep."""
    reps = []
    for number in range(5):
        values = tuple(
            Value(metric, "act", where, numbers[number], "ln") for (metric, where), numbers in columns.items()
        )
        rep = Rep(number + 1, 6.0 * number, 6.0 * number + 2, 6.0 * number + 2, 6.0 * number + 4, "ecc")
        reps.append(RepSummary(rep, values, (), valid=True, target="unknown"))
    return SetSummary(1, SCREEN, SQUAT.title, 0.0, 30.0, 5, None, tuple(reps), (), references, (), signs=signs)


def sign(name, level, needs=""):
    measured = 0 if needs else 5
    shown = 4 if level in {"amber", "red"} else 0
    return SignOfSet(name, name, "deg", level, math.nan if needs else 7.0, measured, shown, 0, needs)


def test_every_sign_of_the_squat_says_its_angle():
    assert set(SEEN_FROM) == set(SQUAT.signs)


def test_reps_limits_and_what_lacks():
    signs = (sign("knees_in", "not measured", "thighs and shanks"), sign("weight_shift", "amber"))
    knees, shift = screen(a_set(signs, {}), SQUAT, [Placement("sacrum", "midline")])
    assert (knees.level, knees.lacks, knees.partly, knees.changes) == (
        "not measured",
        ("thighs and shanks",),
        False,
        (),
    )
    assert (shift.reps, shift.measured, shift.limits) == (4, 5, (5.0, 8.0))
    assert shift.partly
    assert shift.lacks == ("thigh/left", "thigh/right", "thoracic_spine/midline")
    assert {change.word for change in shift.changes} == {"not measured"}


@pytest.mark.parametrize(
    ("last", "word", "expected"),
    [(0.5, "up", True), (0.3, "little change", False), (-0.5, "down", False)],
)
def test_a_muscle_beside_a_sign_is_a_change_against_the_first_two_squats(last, word, expected):
    done = a_set((sign("lumbar_arch", "red"),), {("log_ratio_e", "both"): [0.1, 0.1, *[0.1 + last] * 3]})
    (change,) = screen(done, SQUAT, ())[0].changes
    assert (change.word, change.expected, change.against) == (word, expected, "the first two reps")
    assert change.ln == pytest.approx(last)


def test_no_sign_no_muscle():
    done = a_set((sign("lumbar_arch", "none"),), {("log_ratio_e", "both"): [0, 0, 2, 2, 2]})
    assert screen(done, SQUAT, ())[0].changes == ()


def test_days_are_compared_only_where_references_permit():
    columns, before = {("log_ratio_e", "both"): [0.9] * 5}, {("log_ratio_e", "both"): [0.2] * 5}
    signs = (sign("lumbar_arch", "amber"),)
    (bare,) = screen(a_set(signs, columns), SQUAT, (), [a_set(signs, before)])[0].changes
    assert (bare.word, bare.against) == ("little change", "the first two reps")
    (told,) = screen(a_set(signs, columns, T1), SQUAT, (), [a_set(signs, before, T1)])[0].changes
    assert (told.word, told.against) == ("up", "the earlier recording")
    assert told.ln == pytest.approx(0.7)


def test_sides_need_references():
    columns = {("symmetry", "G"): [0.0, 0.0, 0.6, 0.6, 0.6]}
    signs = (sign("weight_shift", "amber"),)
    assert screen(a_set(signs, columns), SQUAT, ())[0].changes[0].against == "sides need references"
    assert screen(a_set(signs, columns, T1), SQUAT, ())[0].changes[0].expected


def test_biceps_femoris_is_held_against_semitendinosus():
    columns = {
        ("level", "biceps_femoris/left"): [1.0, 1.0, 2.0, 2.0, 2.0],
        ("level", "semitendinosus/left"): [1.0] * 5,
    }
    (change,) = screen(a_set((sign("feet_out", "amber"),), columns), SQUAT, ())[0].changes
    assert change.ln == pytest.approx(math.log(2))
    assert change.expected


def tipped(degrees):
    """The vertical in a sensor (x forward, y left, z up) on a pelvis that tips forward."""
    angle = math.radians(degrees)
    return np.array([-math.sin(angle), 0.0, math.cos(angle)])


LEFT = np.array([0.0, 1.0, 0.0])


@pytest.mark.parametrize("change", [-12.0, 0.0, 7.0])
def test_a_pelvis_that_tips_forward_is_positive(change):
    tilt = tilt_change(Standing(tipped(3.0 + change), LEFT), Standing(tipped(3.0), LEFT))
    assert tilt.change_deg == pytest.approx(change, abs=1e-9)
    assert "same spot" in tilt.how


def test_lying_on_the_back_makes_the_seat_of_the_sensor_irrelevant():
    tilt = tilt_change(Standing(tipped(40.0), LEFT, -96.0), Standing(tipped(0.0), -LEFT, -90.0))
    assert tilt.change_deg == pytest.approx(6.0)


def test_what_cannot_be_compared_says_why():
    turned = tilt_change(Standing(tipped(0.0), LEFT), Standing(tipped(0.0), -LEFT))
    assert math.isnan(turned.change_deg)
    assert "put on otherwise" in turned.how
    assert "bows" in tilt_change(Standing(tipped(0.0)), Standing(tipped(0.0), LEFT)).how
