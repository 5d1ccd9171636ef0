"""Signs of a rep whose angles are drawn by hand."""

import math

import numpy as np
import pytest

from emgmon.exercise.signs import RepMotion, level_of, signs_of, signs_of_set
from emgmon.model import Rep, SignOfRep

TIME_S = np.arange(0, 4, 0.02)
BUMP = np.sin(np.pi * TIME_S / 4.0)
REP = Rep(1, 0.0, 1.8, 2.2, 4.0, first="ecc")
LIMITS = (5.0, 10.0)


class Drawn:
    def __init__(self, **courses):
        self.courses = courses

    def get(self, name, side="midline"):
        course = self.courses.get(name if side == "midline" else f"{name}_{side}")
        return np.full(len(TIME_S), math.nan) if course is None else course

    def reason(self, name, side="midline"):
        return "" if np.isfinite(self.get(name, side)).any() else "not worn"


def one(name, limits=LIMITS, **courses):
    excursion = {("", ""): 80.0 * BUMP}
    (sign,) = signs_of(RepMotion(REP, TIME_S, Drawn(**courses), excursion), {name: limits})
    return sign


@pytest.mark.parametrize(
    ("name", "courses", "value"),
    [
        ("lumbar_arch", {"lumbar_flexion": 3.0 - 12.0 * BUMP}, 12.0),
        ("lumbar_flexion", {"lumbar_flexion": 3.0 + 15.0 * BUMP}, 15.0),
        ("knees_in", {"knee_in_left": 2.0 + 7.0 * BUMP, "knee_in_right": -BUMP}, 7.0),
        ("feet_out", {"foot_turn_out_right": 6.0 * BUMP}, 6.0),
        ("forward_lean", {"trunk_lean": 40.0 * BUMP, "shank_inclination_left": 28.0 * BUMP}, 12.0),
        ("forward_lean", {"trunk_lean": 50.0 * BUMP, "shank_inclination_left": 45.0 * BUMP}, 25.0),
        ("weight_shift", {"obliquity": -9.0 * BUMP}, 9.0),
        ("pelvic_drop", {"obliquity": -6.0 * BUMP}, 6.0),
    ],
)
def test_a_sign_is_the_change_since_the_start(name, courses, value):
    assert one(name, **courses).value == pytest.approx(value, abs=0.2)


def test_what_is_not_worn_is_not_measured():
    assert one("lumbar_arch").level == "not measured"
    assert [level_of(v, LIMITS) for v in (4.9, 5.0, 9.9, 10.0)] == ["none", "amber", "amber", "red"]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [("rrrnn", "red"), ("rraan", "amber"), ("aannn", "none"), ("aa", "not measured"), ("aaannnnnnn", "none")],
)
def test_three_of_five_reps_make_a_sign(levels, expected):
    words = {"r": ("red", 12.0), "a": ("amber", 6.0), "n": ("none", 1.0)}
    reps = [[SignOfRep("lumbar_arch", words[c][1], "deg", words[c][0])] for c in levels]
    (sign,) = signs_of_set(reps, {"lumbar_arch": LIMITS})
    assert sign.level == expected
    assert bool(sign.needs) == (expected == "not measured")


def held(name, least=1, unrest=None, out=None, **courses):
    """Measure one sign in a hold from 0.2 to 3.8 s, and say it of a set of that hold alone."""
    rep = Rep(1, 0.2, 0.2, 3.8, 3.8)
    excursion = {} if out is None else {("", ""): out}
    none = np.empty(0)
    motion = RepMotion(rep, TIME_S, Drawn(**courses), excursion, {}, none if unrest is None else unrest, held=True)
    signs = signs_of(motion, {name: LIMITS})
    return signs[0], signs_of_set([signs], {name: LIMITS}, least)[0]


def test_a_hold_is_measured_against_the_stance():
    """It begins in its pose: the change since its start would be none."""
    sign, of_set = held("lumbar_arch", lumbar_flexion=np.full(len(TIME_S), -12.0))
    assert (sign.value, of_set.level) == (pytest.approx(12.0), "red")
    assert held("lumbar_arch", least=3, lumbar_flexion=np.full(len(TIME_S), -12.0))[1].level == "not measured"
    assert held("pelvic_drop")[1].level == "not measured"


def test_signs_of_a_hold():
    line = TIME_S / 4.0
    assert held("hold_sag", out=30.0 - 10.0 * line)[0].value == pytest.approx(7.0, abs=0.1)
    assert held("hold_sag", out=30.0 + 10.0 * line)[0].value == 0.0
    assert held("hold_sag", out=30.0 + np.sin(40.0 * line))[0].value < 0.6
    assert held("sway", unrest=np.abs(6.0 * np.sin(40.0 * line)))[0].value == pytest.approx(6.0 / math.sqrt(2), abs=0.2)
    assert math.isnan(held("sway")[0].value)
    both = {"hip_flexion_left": 20.0 * BUMP, "hip_flexion_right": 12.0 * BUMP}
    assert held("hips_up", **both)[0].value == pytest.approx(12.0, abs=0.1)
