"""The loops of `emgmon.dsp.verdict_loops` compiled by numba; `emgmon.dsp.compiled` hands this out.

They are the same lines, so they give the same bits; what reads windows is a loop in the place of NumPy's functions. A
compiled function calls compiled ones only, hence each is compiled together with those that it names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from emgmon.dsp import verdict_loops as loops
from emgmon.dsp.cached import compiled_with

ASKED = (
    "longest_same", "longest_gap", "at_full", "counts_at", "in_runs", "step_of", "line_at", "keep", "means_of",
    "tops_of", "middle_of_ten", "median_left", "tenth",
)  # fmt: skip
"""What `emgmon.dsp.windows` has for CPython."""


def _compiled(function: Any, **named: Any) -> Any:
    return compiled_with(function, error_model="numpy", **named)


_asked = {name: _compiled(getattr(loops, f"{name}_looped")) for name in ASKED}
_prominent = _compiled(loops.prominent)
_named = _asked | {
    "reach": _compiled(loops.reach, **_asked),
    "hums": _compiled(loops.hums, prominent=_prominent, **_asked),
    "note": _compiled(loops.note, **_asked),
    "find": _compiled(loops.find, refined_hz=_compiled(loops.refined_hz), **_asked),
}
look = _compiled(loops.look, **_named)
conclude = _compiled(loops.conclude)


def warm() -> None:
    """Call each loop once with little, so that all are compiled or read from numba's cache."""
    raw, power, near = np.zeros(32), np.zeros((1, 17)), np.zeros((1, 0, 17))
    seen = raw, 32, 1.0, power, power, near, np.zeros((1, 12))
    state, spec, out, active = (
        np.zeros(loops.STATE),
        np.ones(len(loops.SPEC)),
        np.zeros((loops.OUT, 1)),
        np.zeros((5, 4)),
    )
    spec[loops.LINES] = spec[loops.LINES_50] = 0.0
    rings = np.zeros((64, 0, 17)), np.zeros((64, 13))
    tables = np.zeros((loops.TOLD, 4)), state, spec, np.zeros((7, 16)), rings, np.zeros((7, 2)), out, active
    look(seen, *tables, 0, 1, 1.0, 0, 1.0, 1, False)
    conclude(state, spec, out, active, np.zeros((4, 1)), np.zeros(1), 0, 1)
