"""The loops over motion samples and over ticks compiled by numba; `emgmon.dsp.compiled` hands this out.

They are those of `motion_loops`, `rest_loops` and `phase_loops`, line by line, so they give the same bits: no
fast-math. A compiled function calls compiled ones only, hence each is compiled together with those that it names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from emgmon.dsp import motion_loops, phase_loops, rest_loops
from emgmon.dsp.cached import compiled_with
from emgmon.dsp.motion_loops import TURN_STATE
from emgmon.dsp.phase_loops import LEAST_DEG, PHASE_STATE, SEES, SENSOR
from emgmon.dsp.rest_loops import COLUMNS, LOST_ROW, REST_STATE, TILT_STATE
from emgmon.model import Array

_smoothed, _clipped = compiled_with(motion_loops.smoothed), compiled_with(motion_loops.clipped)
_look = compiled_with(motion_loops.look, smoothed=_smoothed, clipped=_clipped)
rested = compiled_with(rest_loops.rested)
follow = compiled_with(motion_loops.follow, levelling=compiled_with(motion_loops.levelling), look=_look)
tilted = compiled_with(rest_loops.tilted)
_go, _lasts = compiled_with(phase_loops.go), compiled_with(phase_loops.lasts)
_near_rest = compiled_with(phase_loops.near_rest, go=_go, lasts=_lasts)
_go_on = compiled_with(phase_loops.go_on, go=_go, lasts=_lasts, near_rest=_near_rest)
_moved = compiled_with(phase_loops.moved, go=_go, lasts=_lasts, go_on=_go_on)
_step = compiled_with(phase_loops.step, drift=compiled_with(phase_loops.drift), moved=_moved)
followed = compiled_with(phase_loops.followed, excursion=compiled_with(phase_loops.excursion), step=_step)


def room(samples: Array) -> tuple[Array, Array, Array, Array]:
    """Return six columns of samples (n, 3) or (n, 6), and what the loops fill in: codes, means and rows."""
    n, width = samples.shape
    columns, rows = np.zeros((6, n)), np.empty((n, COLUMNS))
    columns[:width] = samples.T
    rows[:] = LOST_ROW
    return columns, np.empty(n), np.empty((n, 3)), rows


def rows_of(rows: Array) -> Array:
    """Return filled rows as an array (n, 11)."""
    return rows


def numbers(vectors: list[Any]) -> list[Array]:
    """Return vectors as the loops take them."""
    return [np.asarray(vector) for vector in vectors]


def table(times_s: list[float], rows: Array) -> tuple[Array, Array]:
    """Return times and rows (n, 4 * k) as the loop over ticks takes them."""
    return np.array(times_s), np.ascontiguousarray(rows)


def warm() -> None:
    """Call each loop once with little, so that all are compiled or read from numba's cache."""
    columns, codes, means, rows = room(np.ones((1, 6)))
    rested(columns, np.ones(12), np.ones(REST_STATE), codes, means)
    follow(columns, codes, means, np.ones(9), np.ones(TURN_STATE), np.ones(10), np.ones(10), np.ones((3, 11)), rows)
    tilted(columns, codes, np.ones(5), np.ones(TILT_STATE), rows)
    followed(np.ones(1), np.ones((1, SEES)), 0, 1, np.ones(LEAST_DEG + 1), np.ones(PHASE_STATE), np.ones(SENSOR))
