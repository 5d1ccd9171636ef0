"""The loops of `emgmon.dsp.verdict_loops` compiled by numba; `emgmon.dsp.compiled` hands this out.

They are the same lines, so they give the same bits; what reads windows is a loop in the place of NumPy's functions. A
compiled function calls compiled ones only, hence each is compiled together with those that it names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from emgmon.dsp import contact_verdicts, mains_verdicts, row_verdicts, verdict_loops, window_loops
from emgmon.dsp import verdict_names as names
from emgmon.dsp.cached import compiled_with

ASKED = (
    "longest_same", "longest_gap", "at_full", "counts_at", "in_runs", "step_of", "line_at", "keep", "means_of",
    "tops_of", "middle_of_ten", "median_left", "tenth",
)  # fmt: skip
"""What `emgmon.dsp.windows` has for CPython."""

MADE = (
    window_loops.copy_to, *(getattr(window_loops, name) for name in ASKED),
    contact_verdicts.reach, contact_verdicts.cut_off, contact_verdicts.thrown, contact_verdicts.contact,
    mains_verdicts.prominent, mains_verdicts.line_of, mains_verdicts.hums, mains_verdicts.note,
    mains_verdicts.refined_hz, mains_verdicts.find, mains_verdicts.switch, mains_verdicts.listen,
    mains_verdicts.hum_level, mains_verdicts.usual_line,
    row_verdicts.line_up, row_verdicts.worst_of_row,
    verdict_loops.rest_of, verdict_loops.rest_with, verdict_loops.begin, verdict_loops.spectrum,
    verdict_loops.look, verdict_loops.conclude,
)  # fmt: skip
"""In this order each finds those that it calls."""


_named: dict[str, Any] = {}
for _function in MADE:
    _named[_function.__name__] = compiled_with(_function, error_model="numpy", **_named)
look, conclude = _named["look"], _named["conclude"]


def warm() -> None:
    """Call each loop once with little, so that all are compiled or read from numba's cache."""
    raw, power, near = np.zeros(32), np.zeros((1, 17)), np.zeros((1, 0, 17))
    seen = raw, 32, 1.0, power, power, near, np.zeros((1, 12))
    state, spec, out = np.zeros(names.STATE), np.ones(len(names.SPEC)), np.zeros((names.OUT, 1))
    active = np.zeros((5, 4))
    spec[names.LINES] = spec[names.LINES_50] = 0.0
    rings = np.zeros((64, 0, 17)), np.zeros((64, 13))
    tables = np.zeros((names.TOLD, 4)), state, spec, np.zeros((7, 16)), rings, np.zeros((7, 2)), out, active
    look(seen, *tables, 0, 1, 1.0, 0, 1.0, 1, False)
    conclude(state, spec, out, active, np.zeros((4, 1)), np.zeros(1), 0, 1)
