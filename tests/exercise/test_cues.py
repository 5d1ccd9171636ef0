import math

import numpy as np
import pytest

from emgmon.exercise.cues import CueSettings, cue, leader
from emgmon.exercise.reference import reference_level
from emgmon.model import CueWord, Phase

NAN = math.nan


@pytest.mark.parametrize(
    ("change_h", "change_e", "change_sdi", "expected"),
    [
        (0.0, 0.0, 0.0, "G"),
        (-1.0, -1.0, -1.0, "G"),
        (0.3, 0.0, 0.15, "G"),
        (0.5, 0.1, 0.30, "H"),
        (0.1, 0.5, 0.30, "E"),
        (0.5, NAN, 0.50, "H"),
        (NAN, 0.5, 0.50, "E"),
        (NAN, NAN, NAN, ""),
    ],
)
def test_leader_honours_the_dead_band(change_h, change_e, change_sdi, expected):
    assert leader(change_h, change_e, change_sdi, CueSettings()) == expected


@pytest.mark.parametrize(
    ("phase", "who", "hold_s", "expected"),
    [
        (Phase.REST, "H", 0, CueWord.REST),
        (Phase.CON, "", 0, CueWord.LIFT),
        (Phase.CON, "H", 0, CueWord.MORE_GLUTE),
        (Phase.HOLD, "E", 1, CueWord.EASE_BACK),
        (Phase.HOLD, "G", 3.9, CueWord.HOLD),
        (Phase.HOLD, "G", 4.0, CueWord.LOWER),
        (Phase.ECC, "H", 0, CueWord.LOWER),
    ],
)
def test_one_word_says_what_to_do(phase, who, hold_s, expected):
    assert cue(phase, who, hold_s, (2.0, 4.0)) is expected


def test_every_cue_is_at_most_ten_letters():
    assert all(len(word.replace(" ", "")) <= 10 for word in CueWord)


def test_reference_is_the_best_half_second_less_noise():
    power = np.concatenate([np.full(100, 100.0), np.full(50, 2500.0), np.full(100, 400.0)])
    assert reference_level(power, 0.0) == pytest.approx(50.0)
    assert reference_level(power, 30.0) != reference_level(power, 0.0)


def test_reference_refuses_a_channel_that_did_not_contract():
    assert math.isnan(reference_level(np.full(300, 4.0), 2.0))
    assert math.isnan(reference_level(np.full(20, 400.0), 2.0))
    assert math.isnan(reference_level(np.full(300, np.nan), 2.0))
