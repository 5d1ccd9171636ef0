"""What the raw values of a window say of the electrode: lost samples, constant, cut off, thrown to another offset.

A part of `emgmon.dsp.verdict_loops`, where it is told how these functions are run.
"""

from __future__ import annotations

import math
from typing import Any

from emgmon.dsp.verdict_names import (
    ABRUPT,
    CLEAR,
    CLIP,
    CLIPPED,
    CLIPPED_RED,
    CODES,
    CONSTANT,
    DROP,
    FLAT,
    FLAT_UV,
    FULL,
    GAP,
    HALF,
    HIGH,
    HIGHEST,
    HIGHEST_YET,
    IS_RAW,
    LEAD,
    LEAST,
    LONGEST,
    LOST,
    LOST_RED,
    LOW,
    LOWEST,
    LOWEST_YET,
    MIDDLE,
    MOVED,
    N_NEAR,
    NEAR_ALL,
    NEAR_AT,
    NEAR_BESIDE,
    NEAR_COUNT,
    NEAR_EXTREME,
    NEAR_SIDE,
    NEAR_WIDTH,
    NEXT_NEAR,
    PILED,
    PILES,
    RUN,
    SAME,
    SIZE,
    SPREAD,
    STEP,
    STEP_REST,
    STEP_SHARE,
    STEP_YET,
    THERE,
    Table,
    Vector,
)
from emgmon.dsp.windows import at_full, counts_at, in_runs, longest_gap, longest_same, step_of


def reach(seen: Any, table: Table, state: Vector, spec: Vector, near: Table, out: Table, first: int, stop: int) -> None:
    """Tell the extremes so far, what is constant, and count in windows that come near an extreme (`N_NEAR`)."""
    low, high, step, n_near = state[LOWEST_YET], state[HIGHEST_YET], state[STEP_YET], 0
    for k in range(first, stop):
        constant = False
        if table[THERE][k] > spec[HALF]:
            least, most, middle = table[LOW][k], table[HIGH][k], table[MIDDLE][k]
            low, high, step = min(low, least), max(high, most), min(step, table[STEP][k])
            width, clear = 4.0 * step, spec[CLEAR] * step
            constant = table[SPREAD][k] <= max(0.5 * step if step < math.inf else 0.0, spec[FLAT_UV])
            if not constant and table[SAME][k] >= spec[LONGEST] and most - least > clear:
                constant = longest_same(seen, k) >= spec[LONGEST]
            if not constant and spec[IS_RAW] > 0.0:
                for side in range(2):
                    extreme = high if side else low
                    nearer, farther, away = abs(extreme - least), abs(extreme - most), abs(extreme - middle)
                    if nearer > farther:
                        nearer, farther = farther, nearer
                    if (nearer <= 0.1 * farther or nearer <= width) and farther > clear and away > clear:
                        near[NEAR_AT][n_near], near[NEAR_SIDE][n_near] = float(k), float(side)
                        near[NEAR_EXTREME][n_near], near[NEAR_WIDTH][n_near] = extreme, max(0.1 * away, width)
                        n_near += 1
        out[LOWEST][k], out[HIGHEST][k], out[LEAST][k] = low, high, step
        out[CONSTANT][k] = 1.0 if constant else 0.0
    state[N_NEAR], state[NEXT_NEAR] = float(n_near), 0.0
    counts_at(seen, near, n_near)


def contact(
    seen: Any, table: Table, state: Vector, spec: Vector, near: Table, out: Table, k: int, before: float
) -> int:
    """Worth of the worst in the raw values of window k; `before` is the RMS at rest until then."""
    there, constant, worst = table[THERE][k], out[CONSTANT][k] > 0.0, 0
    if there < spec[SIZE]:
        lost = 1.0 - there / spec[SIZE]
        if lost > spec[LOST_RED] or longest_gap(seen, k) > spec[GAP]:
            worst = 2 * CODES - DROP
        elif lost > spec[LOST]:
            worst = CODES - DROP
    if constant:
        worst = max(worst, 2 * CODES - FLAT)
    clipped = cut_off(seen, table, state, spec, near, k, constant) / max(there, 1.0)
    if clipped > spec[CLIPPED_RED]:
        worst = max(worst, 2 * CODES - CLIP)
    elif clipped > spec[CLIPPED]:
        worst = max(worst, CODES - CLIP)
    if not constant and thrown(seen, table, spec, out, k, spec[STEP_REST] * before):
        worst = max(worst, 2 * CODES - LEAD)
    return worst


def cut_off(seen: Any, table: Table, state: Vector, spec: Vector, near: Table, k: int, constant: bool) -> float:
    """Count samples of window k at full scale, or in runs and piles at an extreme; windows come one after the other."""
    count = piled = 0.0
    if table[THERE][k] > spec[HALF] and not constant and max(table[HIGH][k], -table[LOW][k]) >= spec[FULL]:
        count = at_full(seen, k, spec[FULL])
    j = int(state[NEXT_NEAR])
    while j < state[N_NEAR] and near[NEAR_AT][j] == k:
        extreme, every = near[NEAR_EXTREME][j], near[NEAR_ALL][j]
        pile = PILES + 3 * int(near[NEAR_SIDE][j])
        if extreme != state[pile]:
            state[pile], state[pile + 1], state[pile + 2] = extreme, 0.0, 0.0
        state[pile + 1] += near[NEAR_COUNT][j]
        state[pile + 2] += near[NEAR_BESIDE][j]
        if state[pile + 1] >= max(spec[PILED], state[pile + 2]):
            piled += every
        elif every >= spec[RUN] and table[SAME][k] > 0.0:
            piled += in_runs(seen, k, extreme, int(spec[RUN]))
        j += 1
    state[NEXT_NEAR] = float(j)
    return max(count, piled)


def thrown(seen: Any, table: Table, spec: Vector, out: Table, k: int, least: float) -> bool:
    """Whether the offset of window k made a step of more than `least` and of a share of all that was seen."""
    if not (least > 0.0 and table[MOVED][k] > least and table[THERE][k] > spec[HALF]):
        return False
    if not table[HIGH][k] - table[LOW][k] > least:
        return False
    step = step_of(seen, k, int(spec[ABRUPT]))
    return bool(step > least and step / (out[HIGHEST][k] - out[LOWEST][k]) > spec[STEP_SHARE])
