"""Hum of the mains in windows: which of them count for it, its frequency and level, when the canceller is switched.

A part of `emgmon.dsp.verdict_loops`, where it is told how these functions are run.
"""

from __future__ import annotations

import math
from typing import Any

from emgmon.dsp.mains import FARTHEST_HZ, HARMONICS
from emgmon.dsp.verdict_names import (
    CHANGE,
    DEPTH_50,
    HOLE_WINDOWS,
    HUM_HZ,
    HUM_OVER,
    HUM_RMS,
    LEAST_N,
    LEAST_PLAIN,
    LEFT,
    LEFT_N,
    LIMIT,
    LIMIT_OF_REST,
    LINES,
    LINES_50,
    LINES_CAME,
    LINES_ORDERED,
    MAINS,
    MAINS_RED,
    N_LEFT,
    N_LINES,
    N_RELAXED,
    N_SEEN,
    OVER,
    PLAIN_OVER,
    RATE,
    RING_END,
    SCALE,
    SIZE,
    TOLD,
    TOTAL,
    WINDOWS,
    Table,
    Vector,
)
from emgmon.dsp.windows import keep, line_at, means_of, median_left, middle_of_ten, tenth, tops_of

RELAXED = 2.0
"""A second below this multiple of rest is relaxed."""
LATE = 25.0
"""Hum that comes later than rest is hum up to this multiple of rest; more is an electrode that came off."""
MANY = 9
"""Harmonics of the mains that are looked at beside muscle."""
MEDIAN_OF_TEN = 0.7456
"""Expected median of ten powers of noise, over their mean; the median does not see the other mains frequency."""


def listen(
    seen: Any,
    table: Table,
    state: Vector,
    spec: Vector,
    past: Table,
    rings: Any,
    k: int,
    hop: int,
    before: float,
    cancelling: bool,
) -> float:
    """Take window k for the mains, look for hum once a second, and return the RMS of the mains with all muscle in it.

    `hop` counts quarter seconds since the chain began; `before` is the RMS at rest until then.
    """
    line = line_of(seen, state, k, HARMONICS, False)
    relaxed = not math.sqrt(table[TOTAL][k]) > RELAXED * before
    note(seen, table, state, spec, rings, k, relaxed or hums(seen, table, state, spec, k, line, before))
    if hop % 4 == 0:
        find(state, spec, rings)
        switch(state, spec, before, cancelling)
    if relaxed and state[HUM_HZ] > 0.0:
        past[LEFT][int(state[N_LEFT]) % LEFT_N] = line_at(seen, k, state[HUM_HZ], HARMONICS, True)
        state[N_LEFT] += 1.0
    return line


def line_of(seen: Any, state: Vector, k: int, harmonics: int, cleaned: bool) -> float:
    """RMS of the hum that is known in window k, or of the larger of both mains."""
    if state[HUM_HZ] > 0.0:
        return line_at(seen, k, state[HUM_HZ], harmonics, cleaned)
    return max(line_at(seen, k, 50.0, harmonics, cleaned), line_at(seen, k, 60.0, harmonics, cleaned))


def switch(state: Vector, spec: Vector, before: float, cancelling: bool) -> None:
    """Tell whether the canceller is to be switched (`CHANGE`): on at a limit, off below half of it."""
    limit = spec[LIMIT] if spec[LIMIT] > 0.0 else spec[LIMIT_OF_REST] * before
    if not state[HUM_HZ] > 0.0 or state[HUM_RMS] < 0.5 * limit:
        state[CHANGE] = 1.0 if cancelling else 0.0
    elif not cancelling and state[HUM_RMS] > limit:
        state[CHANGE], state[N_LEFT] = 1.0, 0.0


def hum_level(state: Vector, spec: Vector, past: Table, scale: float, cancelling: bool) -> int:
    """How bad the hum is: red counts what the canceller leaves of it, amber what there is without it as well."""
    hum = left = state[HUM_RMS]
    if cancelling and state[N_LEFT] > 0.0 and state[CHANGE] == 0.0:
        left = median_left(past[LEFT], min(int(state[N_LEFT]), LEFT_N))
    level = 2 if left / scale > spec[MAINS_RED] else 1 if left / scale > spec[MAINS] else 0
    return max(level, 1 if hum / scale > spec[MAINS] else 0)


def usual_line(state: Vector, past: Table, line: float) -> float:
    """Median RMS of the mains in the windows before this one, infinite when there are none; takes this one."""
    n, usual = min(int(state[N_LINES]), len(past[LINES_CAME])), math.inf
    if n > 0:
        usual = past[LINES_ORDERED][n // 2]
        if n % 2 == 0:
            usual = (past[LINES_ORDERED][n // 2 - 1] + usual) / 2.0
    tenth(past[LINES_CAME], past[LINES_ORDERED], int(state[N_LINES]), line)
    state[N_LINES] += 1.0
    return usual


def hums(seen: Any, table: Table, state: Vector, spec: Vector, k: int, line: float, rest: float) -> bool:
    """Whether what exceeds rest in window k is hum."""
    if not line < LATE * rest:
        return False
    most = line_of(seen, state, k, MANY, True)
    if math.sqrt(max(table[TOTAL][k] - most * most, 0.0)) < RELAXED * rest:
        return True
    over, _comb = prominent(table, k, int(spec[LINES_50]), int(spec[LINES]))
    return bool(over > spec[PLAIN_OVER])


def prominent(told: Table, k: int, n_50: int, n_lines: int) -> tuple[float, int]:
    """Power of the more prominent comb over that beside it in row k of what is told of lines, and which it is."""
    most, best = 0.0, 0
    for comb in range(2):
        begin, end = (n_50, n_lines) if comb else (0, n_50)
        power = floor = 0.0
        for number in range(begin + 1, end + 1):
            at = TOLD + 3 * (number if number < end else begin)
            power += told[at][k]
            floor += told[at + 1][k]
        if floor > 0.0 and power / floor > most:
            most, best = power / floor, comb
    return most, best


def note(seen: Any, table: Table, state: Vector, spec: Vector, rings: Any, k: int, relaxed: bool) -> None:
    """Take window k for the mains; `relaxed` tells whether it counts for hum."""
    state[N_SEEN] += 1.0
    n, n_50, n_lines = min(state[N_SEEN], spec[HOLE_WINDOWS]), int(spec[LINES_50]), int(spec[LINES])
    for comb in range(2):
        begin, end = (n_50, n_lines) if comb else (0, n_50)
        at, depth = TOLD + 3 * begin, 1.0
        if begin < end and table[at + 1][k] > 0.0:
            depth = min(table[at + 2][k] / (table[at + 1][k] / MEDIAN_OF_TEN), 100.0)
        state[DEPTH_50 + comb] += (depth - state[DEPTH_50 + comb]) / n
    if relaxed:
        state[RING_END] = float(keep(seen, k, rings, int(state[RING_END]), int(spec[WINDOWS]), state[N_SEEN]))
        state[N_RELAXED] = min(state[N_RELAXED] + 1.0, spec[WINDOWS])


def find(state: Vector, spec: Vector, rings: Any) -> None:
    """Look for hum in the relaxed windows of late: its frequency (NaN when there is none), RMS and prominence."""
    n, end, n_50, n_lines = int(state[N_RELAXED]), int(state[RING_END]), int(spec[LINES_50]), int(spec[LINES])
    state[HUM_HZ] = math.nan
    if n < spec[LEAST_PLAIN]:
        return
    means = means_of(rings, end - n, end)
    most, best = 0.0, 0
    for comb in range(2):
        begin, stop = (n_50, n_lines) if comb else (0, n_50)
        power = floor = 0.0
        for number in range(begin + 1, stop + 1):
            row = means[number if number < stop else begin]
            power += (row[7] + row[8] + row[9]) / 3.0
            floor += middle_of_ten(row)
        if floor > 0.0 and power / floor > most:
            most, best = power / floor, comb
    if most <= 0.0 or most < (spec[OVER] if n >= spec[LEAST_N] else spec[PLAIN_OVER]):
        return
    f0_hz = refined_hz(tops_of(rings, end - n, end), n, best, spec[SIZE] / 4.0 / spec[RATE])
    if abs(f0_hz - (60.0 if best else 50.0)) > FARTHEST_HZ:
        return
    power, (begin, stop) = 0.0, (n_50, n_lines) if best else (0, n_50)
    for number in range(begin + 1, stop + 1):
        row = means[number if number < stop else begin]
        beside = middle_of_ten(row)
        if (row[7] + row[8] + row[9]) / 3.0 > 2.0 * beside:
            power += max(row[6] + row[7] + row[8] + row[9] + row[10] - 5.0 * beside, 0.0)
    state[HUM_HZ], state[HUM_RMS], state[HUM_OVER] = f0_hz, math.sqrt(power * spec[SCALE]), most


def refined_hz(tops: Table, n: int, comb: int, hop_s: float) -> float:
    """Frequency from the advance of the phase between n windows, first near ones, then ever farther ones.

    Each row of `tops` has real and imaginary parts of three bins at 50 and three at 60 Hz, and the window's number.
    """
    f0_hz = 60.0 if comb else 50.0
    for lag in (1, 4, 12):
        re, im, later, pairs = 0.0, 0.0, 0, 0
        for k in range(n):
            row, want = tops[k], tops[k][12] + lag
            while later < n and tops[later][12] < want:
                later += 1
            if later == n or tops[later][12] != want:
                continue
            other, pairs = tops[later], pairs + 1
            for at in range(6 * comb, 6 * comb + 6, 2):
                re += row[at] * other[at] + row[at + 1] * other[at + 1]
                im += row[at] * other[at + 1] - row[at + 1] * other[at]
        if pairs == 0:
            return f0_hz
        step_s = lag * hop_s
        cycles = math.atan2(im, re) / (2.0 * math.pi)
        f0_hz = (cycles + round(f0_hz * step_s - cycles)) / step_s
    return f0_hz
