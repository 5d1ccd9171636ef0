"""What is decided of each window of a channel, in plain floats: contact, rest, mains, spectrum, and which are judged.

CPython runs these loops on lists, and numba compiles the same lines for arrays (`emgmon.dsp.verdict_kernel`): one text,
the same bits. Hence columns and places have names (`emgmon.dsp.verdict_names`), and there is no object but floats. What
reads samples or spectra, or keeps numbers in order, comes from `emgmon.dsp.windows`; for numba the functions of
`emgmon.dsp.window_loops` take their place. Codes are compared by their worth, so the worst is the largest.
"""

from __future__ import annotations

from typing import Any

from emgmon.dsp.contact_verdicts import contact, reach
from emgmon.dsp.mains_verdicts import hum_level, listen, usual_line
from emgmon.dsp.row_verdicts import line_up, worst_of_row
from emgmon.dsp.verdict_names import (
    ACTIVE,
    ALL_TOTAL,
    BEFORE,
    CHANCE,
    CHANGE,
    CODES,
    CONSTANT,
    CONTENT,
    ECR,
    FILTERED,
    FIRST,
    HALF,
    HEART,
    HEART_RED,
    HELD,
    HIGHEST,
    HIGHEST_YET,
    HOLD,
    HUM_HZ,
    HUM_RMS,
    IS_RAW,
    KEPT,
    KNOWN,
    LEAD,
    LEAD_RATIO,
    LEAST,
    LEAST_MASKED,
    LOW_CAME,
    LOW_ORDERED,
    LOW_RMS,
    LOW_SHARE,
    LOWEST,
    LOWEST_YET,
    MAR,
    MASK,
    MOST_STILL,
    MOTION,
    MOTION_RED,
    MOVES,
    N_EVEN,
    N_JUDGED,
    N_LOW,
    N_RMS,
    N_ROW,
    NEEDED,
    PLI,
    QUIETEST,
    REST,
    REST_YET,
    RMS,
    RMS_CAME,
    RMS_ORDERED,
    SECOND,
    SHAPED,
    SINCE,
    SIZE,
    STEP_YET,
    THIRD,
    WORST,
    Table,
    Vector,
)
from emgmon.dsp.windows import tenth


def look(
    seen: Any,
    table: Table,
    state: Vector,
    spec: Vector,
    past: Table,
    rings: Any,
    near: Table,
    out: Table,
    active: Table,
    first: int,
    stop: int,
    noise: float,
    always: int,
    mains_scale: float,
    hops: int,
    cancelling: bool,
) -> int:
    """Look at windows `first` to `stop`, up to that in which the canceller is to be switched (`CHANGE`).

    Parameters
    ----------
    seen : what the functions of `emgmon.dsp.windows`, or those of `emgmon.dsp.window_loops`, take
    table, state, spec, past, near, out, active : columns and vectors of `emgmon.dsp.verdict_names`
        All but `table` and `spec` are changed.
    rings : power around lines, and complex spectra at them, of the last relaxed windows
    noise, always, mains_scale : float, int, float
        RMS of the relaxed channel, worth of the worst wherever there is a signal, and what hum is compared with.
    hops : int
        Quarter seconds up to the end of window 0, since the chain began.
    cancelling : bool
        Whether hum is taken out now.

    Returns
    -------
    int
        The window behind the last one that was looked at.
    """
    begin(state, spec, active, noise)
    reach(seen, table, state, spec, near, out, first, stop)
    k = first
    while k < stop and state[CHANGE] == 0.0:
        before = state[REST_YET]
        worst = contact(seen, table, state, spec, near, out, k, before)
        content = table[FILTERED][k] > spec[HALF] and out[CONSTANT][k] == 0.0
        if content:
            worst = max(worst, always)
            rest_with(table, state, spec, past, k, noise)
        out[BEFORE][k], out[REST][k], out[CONTENT][k] = before, state[REST_YET], 1.0 if content else 0.0
        out[FIRST][k] = out[SECOND][k] = out[THIRD][k] = -1.0
        active[NEEDED][KEPT + k] = 0.0
        if spec[IS_RAW] > 0.0 and table[KNOWN][k] > 0.0:
            line = listen(seen, table, state, spec, past, rings, k, hops + k, before, cancelling)
            if content:
                worst = max(worst, spectrum(table, state, spec, past, out, active, k, line, mains_scale, cancelling))
        out[WORST][k], out[MASK][k] = float(worst), 1.0 if worst >= LEAST_MASKED else 0.0
        k += 1
    state[LOWEST_YET], state[HIGHEST_YET], state[STEP_YET] = out[LOWEST][k - 1], out[HIGHEST][k - 1], out[LEAST][k - 1]
    return k


def begin(state: Vector, spec: Vector, active: Table, noise: float) -> None:
    """Make the state ready for more windows."""
    state[CHANGE] = state[N_JUDGED] = state[N_EVEN] = 0.0
    state[REST_YET] = rest_of(state, spec, noise)
    for k in range(KEPT):
        active[NEEDED][k] = 0.0


def rest_of(state: Vector, spec: Vector, noise: float) -> float:
    """RMS at rest: that of the quietest tenth of late, at most 1.5 times the noise that was measured."""
    quiet: float = state[QUIETEST] / spec[CHANCE]
    return min(quiet, 1.5 * noise) if quiet == quiet and noise == noise else quiet  # noqa: PLR0124 NaN


def rest_with(table: Table, state: Vector, spec: Vector, past: Table, k: int, noise: float) -> None:
    """Take window k for the RMS at rest."""
    state[QUIETEST] = tenth(past[RMS_CAME], past[RMS_ORDERED], int(state[N_RMS]), table[RMS][k])
    state[N_RMS] += 1.0
    state[REST_YET] = rest_of(state, spec, noise)


def spectrum(
    table: Table,
    state: Vector,
    spec: Vector,
    past: Table,
    out: Table,
    active: Table,
    k: int,
    line: float,
    mains_scale: float,
    cancelling: bool,
) -> int:
    """Worth of the worst in the spectrum of window k, of which `line` is the mains: hum, loose electrode, motion."""
    worst, rest, rms = 0, out[REST][k], table[RMS][k]
    still = tenth(past[LOW_CAME], past[LOW_ORDERED], int(state[N_LOW]), table[LOW_RMS][k])
    state[N_LOW] += 1.0
    usual = usual_line(state, past, line)
    hum = state[HUM_RMS] if state[HUM_HZ] > 0.0 else 0.0
    if hum > 0.0 and mains_scale > 0.0:
        level = hum_level(state, spec, past, mains_scale, cancelling)
        worst = level * CODES - PLI if level else 0
    every = table[ALL_TOTAL][k]
    if every > 0.0 and line * line / every > 0.5 and line > spec[LEAD_RATIO] * max(usual, rest, hum):
        worst = max(worst, 2 * CODES - LEAD)
    if not rms > spec[ACTIVE] * rest:
        state[N_ROW] = 0.0
        return worst
    if table[LOW_RMS][k] > max(spec[ACTIVE] * rest, spec[MOVES] * min(still, spec[MOST_STILL] * rest)):
        square = table[LOW_RMS][k] * table[LOW_RMS][k]  # activity at the tapered edges of the window counts too
        moving = min(table[LOW_SHARE][k], square / (square + rms * rms))
        if moving > spec[MOTION_RED]:
            worst = max(worst, 2 * CODES - MAR)
        elif moving > spec[MOTION]:
            worst = max(worst, CODES - MAR)
    if table[FILTERED][k] == spec[SIZE] and spec[SHAPED] > 0.0:
        line_up(table, state, spec, out, active, k)
    return worst


def conclude(
    state: Vector, spec: Vector, out: Table, active: Table, shapes: Table, heart: Vector, first: int, stop: int
) -> None:
    """Put the worst code of windows into `out`, a better one only when it lasted.

    Parameters
    ----------
    shapes : four columns
        As `emgmon.dsp.shape.shapes_of`, of the rows that are loud.
    heart : (stop - first,)
        RMS of what beats with the heart over that of rest, NaN while nobody knows; empty where it is not looked for.
    """
    for k in range(first, stop):
        worst = int(out[WORST][k])
        if len(heart) > 0 and out[CONTENT][k] > 0.0 and heart[k - first] > spec[HEART]:
            worst = max(worst, (2 if heart[k - first] > spec[HEART_RED] else 1) * CODES - ECR)
        if out[FIRST][k] >= 0.0:
            worst = max(worst, worst_of_row(out, active, shapes, spec, k))
        level, held = (worst + CODES - 1) // CODES, int(state[HELD])
        state[SINCE] = 0.0 if level >= (held + CODES - 1) // CODES else state[SINCE] + 1.0
        if state[SINCE] == 0.0 or state[SINCE] >= spec[HOLD]:
            state[SINCE], state[HELD] = 0.0, float(worst)
        out[WORST][k] = state[HELD]
