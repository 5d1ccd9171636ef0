from emgmon.cli.keys import Keys
from emgmon.exercise.catalogue import packaged
from emgmon.runner.board import Board
from emgmon.runner.conduct import Conductor


def test_tension_after_a_set_is_asked_for_and_becomes_a_mark():
    said, board = [], Board()
    keys = Keys(board, list(packaged().values()), said.append)
    for key in "t4\n":
        keys.press(key)
    assert said[0].startswith("Tension in the hamstrings")
    word, text = board.told()
    assert (word, text) == ("tension", "4")
    assert Conductor(packaged(), "step_up").obey(9.0, word, text, ()) == [("tension", {"value": 4.0})]


def test_a_tension_that_is_none_is_not_kept():
    conductor = Conductor(packaged(), "step_up")
    for text in ("much", "11", "-1", ""):
        assert conductor.obey(9.0, "tension", text, ()) == []
    assert len(conductor.said) == 4
    assert "from 0 (none) to 10" in conductor.said[0]
