"""Rows of four active windows, which are judged together: their spectra and how normal their values are.

A part of `emgmon.dsp.verdict_loops`, where it is told how these functions are run.
"""

from __future__ import annotations

import math

from emgmon.dsp.verdict_names import (
    CODES,
    DEFORMATION,
    DROP_DB,
    EVEN,
    FIRST,
    KEPT,
    LEVELS,
    LOUD,
    LOUD_REST,
    LOUD_ROW,
    MDF,
    MEDIAN,
    MEDIAN_HIGH,
    MEDIAN_HIGH_RED,
    MEDIAN_LOW,
    MEDIAN_LOW_RED,
    MOTION_DB,
    N_EVEN,
    N_JUDGED,
    N_ROW,
    NEEDED,
    NOISE_DB,
    NORM,
    NORMAL,
    NORMAL_LEAST,
    NORMAL_RED,
    REST,
    RMS,
    ROW,
    SECOND,
    SHAPE,
    STEADILY,
    STEADY,
    THIRD,
    Table,
    Vector,
)


def line_up(table: Table, state: Vector, spec: Vector, out: Table, active: Table, k: int) -> None:
    """Take window k into the row of active ones; where three stand in it already, all four are judged."""
    a, b, c, d = table[LEVELS][k], table[LEVELS][k + 1], table[LEVELS][k + 2], table[LEVELS][k + 3]
    new, steady, loud, needed = KEPT + k, active[STEADY], active[LOUD], active[NEEDED]
    steady[new] = 1.0 if max(a, b, c, d) <= spec[STEADILY] * min(a, b, c, d) else 0.0
    loud[new] = 1.0 if table[RMS][k] > spec[LOUD_REST] * out[REST][k] else 0.0
    active[MEDIAN][new] = active[NORMAL][new] = math.nan
    oldest, older, old = int(state[ROW]), int(state[ROW + 1]), int(state[ROW + 2])
    if state[N_ROW] == KEPT:
        state[N_JUDGED] += 1.0
        out[FIRST][k], out[SECOND][k], out[THIRD][k] = float(oldest), float(older), float(old)
        even = steady[oldest] * steady[older] * steady[old] * steady[new]
        out[EVEN][k] = even
        state[N_EVEN] += even
        out[LOUD_ROW][k] = loud[oldest] * loud[older] * loud[old] * loud[new]
        for at in (oldest, older, old, new):
            if needed[at] <= even:
                needed[at] = 1.0 + even
    state[ROW], state[ROW + 1], state[ROW + 2] = float(older), float(old), float(new)
    state[N_ROW] = min(state[N_ROW] + 1.0, float(KEPT))


def worst_of_row(out: Table, active: Table, shapes: Table, spec: Vector, k: int) -> int:
    """Worth of the worst in the row that ends with window k: median frequency, normality, shape of the mean."""
    worst, medians, normals = 0, active[MEDIAN], active[NORMAL]
    a, b, c, d = int(out[FIRST][k]), int(out[SECOND][k]), int(out[THIRD][k]), KEPT + k
    one, two, three, four = medians[a], medians[b], medians[c], medians[d]
    median_hz = max(min(max(one, two), max(three, four)), min(one, two), min(three, four))
    if median_hz < spec[MEDIAN_LOW_RED] or median_hz > spec[MEDIAN_HIGH_RED]:
        worst = 2 * CODES - MDF
    elif median_hz < spec[MEDIAN_LOW] or median_hz > spec[MEDIAN_HIGH]:
        worst = CODES - MDF
    if out[EVEN][k] > 0.0:
        one, two, three, four = normals[a], normals[b], normals[c], normals[d]
        least = max(one, two, three, four) if one + two + three + four < math.inf else math.nan
        if least < spec[NORMAL_RED]:
            worst = max(worst, 2 * CODES - NORM)
        elif least < spec[NORMAL_LEAST]:
            worst = max(worst, CODES - NORM)
    if out[LOUD_ROW][k] > 0.0:
        bad = 1 if shapes[0][k] < spec[MOTION_DB] else 0
        bad += 1 if shapes[1][k] < spec[NOISE_DB] else 0
        bad += 1 if shapes[2][k] < spec[DROP_DB] else 0
        bad = min(bad + (1 if shapes[3][k] > spec[DEFORMATION] else 0), 2)
        worst = max(worst, bad * CODES - SHAPE) if bad else worst
    return worst
