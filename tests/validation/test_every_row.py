"""Each row of the table, with one seed: it gives numbers and does not break."""

import math
from dataclasses import replace

import pytest

from emgmon.validation import ROWS
from emgmon.validation.running import run_row


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_runs_quickly_and_does_not_break(row):
    result = run_row(replace(row, n_quick=1), quick=True)
    assert result.why == ("" if row.measure else row.conditions)
    assert bool(result.judged) == (row.measure is not None)
    assert not math.isnan(result.cpu_s)
