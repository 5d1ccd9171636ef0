"""The rows that take longest, in a module of their own so that they run beside the others."""

import math

import pytest

from emgmon.validation import ROWS
from emgmon.validation.running import run_row

LONG = ("cohort", "false-alarms-8-weeks", "trend", "reps-programme", "phases-programme", "holds")


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_a_long_row_runs_and_does_not_break(name):
    (row,) = [row for row in ROWS if row.id == name]
    result = run_row(row, quick=True)
    assert result.why == ("" if row.measure else row.conditions)
    assert result.judged
    assert not math.isnan(result.cpu_s)
