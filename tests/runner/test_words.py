"""The page about a live session names every word of a script."""

import re
from pathlib import Path

import pytest

from emgmon.exercise.catalogue import packaged
from emgmon.model import Placement
from emgmon.pipeline.calibrating import PARTS
from emgmon.runner.conduct import Conductor
from emgmon.runner.outcomes import WEAK
from emgmon.runner.script import read_script
from emgmon.runner.squeezing import EACH_S, READY_S
from emgmon.runner.steps import Worn

TEXT = (Path(__file__).parents[2] / "docs" / "live.md").read_text("utf-8")


def words():
    worn = Worn([Placement("gluteus_maximus", "left")])
    conductor = Conductor(packaged(), "bridge_2leg")
    conductor.obey(0.0, "?", "", worn)
    return conductor.said[-1].partition("there are ")[2].rstrip(".").split(", ")


@pytest.mark.parametrize("word", words())
def test_each_word_is_in_the_table(word):
    assert re.search(rf"^\|.*`{word}[ `]", TEXT, re.MULTILINE)


def test_each_part_is_named():
    assert all(f"`{part}`" in TEXT for part in PARTS)


def test_the_example_can_be_read(tmp_path):
    path = tmp_path / "s.txt"
    path.write_text(TEXT.split("```")[1])
    assert len(read_script(path)) == 15


def test_lengths_are_those_of_the_program():
    assert f"{READY_S + 6 * EACH_S:.0f} s for six sensors" in TEXT
    assert f"weak below {WEAK:.0%}".replace("%", " %") in TEXT
