"""The test before a recording: who answers where they should, who does not, and who sits on the other side."""

import numpy as np
import pytest

from emgmon.model import CueWord, Frame, Phase, Placement
from emgmon.runner.squeezing import EACH_S, READY_S, Squeezing

MUSCLES = ("gluteus_maximus", "biceps_femoris", "erector_spinae")
WORN = [Placement(muscle, side) for muscle in MUSCLES for side in ("left", "right")]
GL, GR, HL, HR, EL, ER = WORN
REST_UV, FULL_UV, SPILL = 3.0, 100.0, 0.12


def frame(t_s, level) -> Frame:
    nan = float("nan")
    return Frame(t_s, level, False, {}, nan, nan, nan, Phase.REST, 0.0, 0, CueWord.REST, "")


def done(sits=None, gain=None, spill=SPILL) -> Squeezing:
    """Do the whole test; `sits` tells on which muscle a sensor really is, `gain` how loud it is."""
    sits, gain = sits or {}, gain or {}
    test = Squeezing(10.0, WORN)
    for t_s in np.arange(10.0, 10.0 + READY_S + EACH_S * len(WORN), 0.02):
        stretch = test.at(float(t_s))
        asked = stretch.place
        level = {}
        for place in WORN:
            real = sits.get(place, place)
            part = 0.0 if asked is None else 1.0 if real == asked else spill
            level[place] = REST_UV + FULL_UV * gain.get(place, 1.0) * part
        test.take(frame(float(t_s), level))
    assert test.at(10.0 + READY_S + EACH_S * len(WORN)) is None
    return test


def test_sensors_that_sit_right_are_not_complained_of():
    assert done().findings() == ()


def test_gains_do_not_matter():
    assert done(gain={GL: 0.3, HL: 3.0, ER: 0.4}).findings() == ()


def test_who_tenses_both_sides_is_not_told_to_exchange_them():
    test = Squeezing(0.0, [GL, GR])
    for t_s in np.arange(0.0, READY_S + 2 * EACH_S, 0.02):
        tensed = t_s > READY_S
        test.take(frame(float(t_s), dict.fromkeys((GL, GR), 90.0 if tensed else 3.0)))
    assert test.findings() == ()


@pytest.mark.parametrize("pair", [(GL, GR), (HL, HR), (EL, ER)])
def test_left_and_right_are_found_exchanged(pair):
    left, right = pair
    (found,) = done(sits={left: right, right: left}).findings()
    assert found.swap == pair
    assert "answer for each other" in found.text


def test_two_muscles_of_one_side_are_found_exchanged():
    (found,) = done(sits={GL: HL, HL: GL}).findings()
    assert set(found.swap) == {GL, HL}
    assert "each other's muscle" in found.text


def test_a_sensor_that_hears_nothing_does_not_answer():
    (found,) = done(gain={HR: 0.01}).findings()
    assert found.places == (HR,)
    assert found.text.startswith("Right hamstrings: no answer")


def test_stretches_follow_each_other():
    test = Squeezing(5.0, WORN)
    assert [test.at(5.0 + t_s).number for t_s in (0.0, 2.9, 3.1, 5.9, 6.1)] == [0, 0, 1, 1, 2]
    assert test.at(5.0).place is None
    assert test.at(8.5).place == GL
    assert test.at(5.0 - 1.0).number == 0
