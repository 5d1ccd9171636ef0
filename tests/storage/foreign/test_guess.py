"""Names are guessed with the right sureness, proposals are maps, and questions are asked until they are answered."""

import numpy as np
import pytest

from emgmon.errors import ImportFailed
from emgmon.storage.foreign import Foreign, ForeignStream
from emgmon.storage.foreign.asking import asked_map
from emgmon.storage.foreign.guess import guess, guesses, proposal
from emgmon.storage.importing import read_map


def foreign(*names, unit="uV", fs_hz=1000.0):
    return Foreign((ForeignStream("", names, (unit,) * len(names), np.zeros((10, len(names))), fs_hz),))


@pytest.mark.parametrize(
    ("name", "muscle", "side", "sureness"),
    [
        ("LT GLUTEUS MAX.", "gluteus_maximus", "left", "sure"),
        ("Gluteus maximus (right)", "gluteus_maximus", "right", "sure"),
        ("GMax_L", "gluteus_maximus", "left", "sure"),
        ("RGlutMed", "gluteus_medius", "right", "sure"),
        ("bifemlh_r", "biceps_femoris", "right", "sure"),
        ("R BICEPS FEM.,uV", "biceps_femoris", "right", "sure"),
        ("EMG Semitendinoso", "semitendinosus", "", "likely"),
        ("Erector Spinae L", "erector_spinae", "left", "sure"),
        ("iliocost_l", "erector_spinae", "left", "sure"),
        ("R.RECTUS FEM.", "rectus_femoris", "right", "sure"),
        ("R.VMO", "vastus_medialis", "right", "sure"),
        ("RBF", "biceps_femoris", "right", "likely"),
        ("BF", "biceps_femoris", "", "likely"),
        ("VL", "vastus_lateralis", "", "likely"),
        ("Recto Femoral", "rectus_femoris", "", "likely"),
        ("med_gas_r", "gastrocnemius_medialis", "right", "sure"),
        ("GM", "", "", "unknown"),
        ("R-Ham", "", "right", "unknown"),
        ("EMG1", "", "", "unknown"),
        ("biceps", "", "", "unknown"),
        ("acc_x", "", "", "unknown"),
        ("", "", "", "unknown"),
    ],
)
def test_guess(name, muscle, side, sureness):
    found = guess(name)
    assert (found.muscle, found.side, found.sureness) == (muscle, side, sureness)


def test_a_place_that_two_channels_claim_is_unknown():
    found = guesses(foreign("iliocost_l", "longlumb_l", "GMax L"))
    assert [one.sureness for one in found.values()] == ["unknown", "unknown", "sure"]


def test_a_proposal_is_a_map_of_what_is_known():
    text = proposal(foreign("GMax L", "BF R", "EMG3", 'x"]\n[channels.y'), "a\nb.csv")
    mapping = read_map(text, "p")
    assert {name: str(one.placement) for name, one in mapping.channels.items()} == {
        "GMax L": "gluteus_maximus/left",
        "BF R": "biceps_femoris/right",
    }
    assert text.count("# sure:") == 1
    assert text.count("# likely:") == 1
    only_sure = proposal(foreign("GMax L", "BF R", "EMG3"), "x", only_sure=True)
    assert list(read_map(only_sure, "p").channels) == ["GMax L"]


def test_a_proposal_of_nothing_is_no_map_yet():
    with pytest.raises(ImportFailed, match="no \\[channels"):
        read_map(proposal(foreign("EMG1"), "x"), "p")


def answered(answers, *names, **more):
    left, said = iter(answers), []
    text = asked_map(foreign(*names, **more), lambda _question: next(left), said.append)
    assert next(left, None) is None
    return text, said


def test_answers_make_a_map():
    text, said = answered(["1", "2", "", "3", "1", "mV", ""], "A", "B", "C", unit="")
    assert said[0].strip().startswith("1")
    mapping = read_map(text, "a")
    assert {name: (str(one.placement), one.unit) for name, one in mapping.channels.items()} == {
        "A": ("gluteus_maximus/right", ""),
        "B": ("biceps_femoris/left", "mV"),
    }


def test_enter_leaves_a_channel_out_and_wrong_answers_are_asked_again():
    text, said = answered(["", "99", "soleus", "4", "left"], "A", "B")
    assert list(read_map(text, "a").channels) == ["B"]
    assert sum("or Enter" in line for line in said) == 2


def test_a_missing_rate_is_asked_for():
    text, _said = answered(["fast", "1000", "3", "1"], "A", fs_hz=None)
    assert read_map(text, "a").options.rate_hz == 1000
