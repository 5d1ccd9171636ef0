"""The level that means 100 %, what each kind permits, and the tasks by which one is taken."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import packaged
from emgmon.exercise.reference import PERMITS, REFUSED, TRIAL_KINDS, common_kind, reference_level
from emgmon.exercise.reference_tasks import packaged_tasks, parse_tasks, tasks_for
from emgmon.model import GROUPS, MUSCLES

DOCUMENT = Path(__file__).parents[2] / "docs" / "normalisation.md"


@pytest.mark.parametrize(
    ("kinds", "common"),
    [
        ([], "T4"),
        ([["T1"], ["T1", "T2"]], "T1"),
        ([["T1", "T2"], ["T2"]], "T2"),
        ([["T1"], ["T2"]], "T4"),
        ([["T1"], []], "T4"),
    ],
)
def test_the_best_kind_that_all_have_and_no_mixture(kinds, common):
    assert common_kind(kinds) == common


@given(st.lists(st.sets(st.sampled_from(TRIAL_KINDS)), max_size=6))
def test_a_common_kind_is_one_that_each_channel_has(kinds):
    kind = common_kind(kinds)
    assert kind == "T4" or all(kind in known for known in kinds)
    assert kind != "T4" or not kinds or not any(all(k in known for known in kinds) for k in TRIAL_KINDS)


def test_the_level_is_the_best_half_second_with_the_noise_taken_out():
    power = np.full(300, 4.0)
    power[100:150] = 100.0**2 + 4.0
    assert reference_level(power, 2.0) == pytest.approx(100.0)
    power[100:125] = 4.0
    assert reference_level(power, 2.0) == pytest.approx(100.0 / math.sqrt(2.0))


@pytest.mark.parametrize("power", [np.empty(0), np.full(49, 100.0), np.full(200, np.nan), np.full(200, 4.0)])
def test_no_level_from_too_little_signal_or_from_noise(power):
    assert math.isnan(reference_level(power, 2.0))


@given(
    st.lists(st.floats(0.0, 1e9) | st.just(math.nan), max_size=120),
    st.floats(0.0, 1e3) | st.just(math.nan),
    st.sampled_from([0.25, 4.0, 1024.0]),
)
def test_a_gain_scales_the_level_and_nothing_else(power, noise, gain):
    one = reference_level(np.array(power), noise)
    other = reference_level(np.array(power) * gain**2, noise * gain)
    assert other == pytest.approx(one * gain, rel=1e-9, nan_ok=True)


def test_every_compared_muscle_has_a_task_of_each_kind():
    for name, muscle in MUSCLES.items():
        if muscle.group in (*GROUPS, "D"):
            assert tasks_for("T1", name), name
            assert tasks_for("T2", name), name
    for name in ("gluteus_maximus", "biceps_femoris", "semitendinosus", "erector_spinae"):
        assert len(tasks_for("T1", name)) >= 2, f"{name}: the larger of two positions counts"


def test_no_reference_task_is_an_exercise_and_each_says_when_to_stop():
    assert not packaged_tasks().keys() & packaged().keys()
    for task in packaged_tasks().values():
        assert "bridge" not in (task.id + task.title + task.instruction).lower()
        assert "Stop" in task.safety
        assert task.source
        assert len({MUSCLES[muscle].group for muscle in task.muscles}) == 1, "one muscle group for each task"


TASK = """
[x]
kind = "T2"
title = "X"
muscles = ["biceps_femoris"]
instruction = "Do."
load = "none"
hold_s = 5.0
trials = 3
rest_s = 15.0
safety = "Stop."
source = "Nobody."
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "T2"', 'kind = "T3"', "kind = 'T3'; allowed is T1 or T2"),
        ('["biceps_femoris"]', '["biceps"]', "muscles = ('biceps',)"),
        ('["biceps_femoris"]', "[]", "muscles = ()"),
        ("trials = 3", "trials = 9", "trials = 9; allowed is 1 to 5"),
        ("hold_s = 5.0", 'hold_s = "long"', "hold_s = 'long'"),
        ('source = "Nobody."', 'source = " "', "source = ' '"),
        ('source = "Nobody."', 'source = "N"\nload_kg = [2.0, 1.0]', "load_kg = (2.0, 1.0)"),
        ('source = "Nobody."', 'source = "N"\ncolour = "red"', "unknown key 'colour'"),
        ('safety = "Stop."\n', "", "safety"),
        ("[x]", "[x", "not valid TOML"),
    ],
)
def test_what_does_not_fit_is_named(old, new, words):
    assert parse_tasks(TASK, "t.toml")["x"].hold_s == 5.0
    with pytest.raises(CatalogueError) as caught:
        parse_tasks(TASK.replace(old, new), "t.toml")
    assert words in str(caught.value)
    assert "t.toml" in str(caught.value)


def test_the_document_lists_what_the_program_permits():
    rows = {cells[0]: cells for line in DOCUMENT.read_text("utf-8").splitlines() if (cells := _cells(line))}
    columns = ("levels", "norms", "sides", "days", "session")
    for kind, permit in PERMITS.items():
        said = [cell.startswith("yes") for cell in rows[kind][2:7]]
        assert said == [getattr(permit, name) for name in columns], kind
    assert all(cell == "refused" for cell in rows["T3"][2:7])
    assert set(REFUSED) == {"T3"}


def test_the_document_lists_every_task():
    text = DOCUMENT.read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(packaged_tasks())
    for task in packaged_tasks().values():
        assert f"| `{task.id}` | {task.kind} | {task.title} |" in text


def _cells(line):
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return cells if re.fullmatch(r"T\d", cells[0]) else None
