"""What is decided of each window of a channel, in plain floats: contact, rest, mains, spectrum, and which are judged.

CPython runs these loops on lists, and numba compiles the same lines for arrays (`emgmon.dsp.verdict_kernel`): one text,
the same bits. What reads samples or spectra, or keeps numbers in order, comes from `emgmon.dsp.windows`; for numba the
functions at the end take their place. All stands in one file, with the names of places, because numba looks at no other
file to see whether what it has compiled before is out of date, and a stale loop writes beyond its arrays.
A table is a sequence of columns, one for each name below; `spec` and `state` are vectors of floats.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from emgmon.dsp.mains import FARTHEST_HZ, HARMONICS
from emgmon.dsp.windows import (
    at_full,
    counts_at,
    in_runs,
    keep,
    line_at,
    longest_gap,
    longest_same,
    means_of,
    median_left,
    middle_of_ten,
    step_of,
    tenth,
    tops_of,
)

Table = Any
Vector = Any

LOW, HIGH, STEP, SAME, SPREAD, MOVED, MIDDLE = range(7)
"""Columns of facts: see `emgmon.dsp.contact.Facts`."""
THERE, FILTERED, RMS, KNOWN, TOTAL, ALL_TOTAL, LOW_RMS, LOW_SHARE, LEVELS, TOLD = range(7, 17)
"""More of them: see `emgmon.dsp.seconds.Seconds`; from `TOLD` on three for each line of the mains."""

WORST, MASK, BEFORE, REST, CONTENT, FIRST, SECOND, THIRD, EVEN, LOUD_ROW = range(10)
LOWEST, HIGHEST, LEAST, CONSTANT = range(10, 14)
OUT = 14
"""Columns of what is found of windows.

The worst code as its worth, and whether to mask; RMS at rest before and after; whether there is a signal; the three
active windows before one that is judged with them (-1 where none is), and whether all four are steady, and loud; the
extremes and the least step up to there, and whether it is constant.
"""

NEAR_AT, NEAR_SIDE, NEAR_EXTREME, NEAR_WIDTH, NEAR_COUNT, NEAR_BESIDE, NEAR_ALL = range(7)
"""Columns of windows that come near an extreme, the lowest (side 0) or highest; `counts_at` fills the last three."""

STEADY, LOUD, MEDIAN, NORMAL, NEEDED = range(5)
"""Columns of active windows, of which the first three are those kept from before."""
KEPT = 3

RMS_CAME, RMS_ORDERED, LOW_CAME, LOW_ORDERED, LINES_CAME, LINES_ORDERED, LEFT = range(7)
"""Columns of the past."""
LEFT_N = 16

LOWEST_YET, HIGHEST_YET, STEP_YET, PILES = 0, 1, 2, 3
QUIETEST, N_RMS, N_LOW, N_LINES = range(9, 13)
N_LEFT, N_SEEN, DEPTH_50, DEPTH_60, RING_END, N_RELAXED, HUM_HZ, HUM_RMS, HUM_OVER = range(13, 22)
N_ROW, ROW, HELD, SINCE, CHANGE, N_JUDGED, N_EVEN = 22, 23, 26, 27, 28, 29, 30
STATE = 31
"""Places in the state; what lies from `N_LEFT` up to `N_ROW` is the mains'."""

FLAT, CLIP, LEAD, MAR, DROP, SITE, XTALK, NOISE, SNR, PLI, ECR, SHAPE, NORM, MDF = range(14)
CODES = 14
"""Codes in the order of worth. A worth is `CODES` times the level, less the code."""

SPEC = (
    "half", "size", "longest", "full", "flat", "clear", "piled", "run", "raw", "chance", "clip", "clip_red",
    "step_rest", "step_share", "drop", "drop_red", "gap", "active", "loud", "moved", "steady", "lead", "motion",
    "motion_red", "mains", "mains_red", "most_still", "limit", "limit_of_rest", "shaped", "abrupt", "over",
    "plain_over", "windows", "least", "least_plain", "hole_windows", "lines_50", "lines", "fs_hz", "scale", "hold",
    "heart", "heart_red", "normal", "normal_red", "median_low", "median_high", "median_low_red", "median_high_red",
    "motion_db", "noise_db", "drop_db", "deformation",
)  # fmt: skip
"""Names of the numbers of a spec, by `emgmon.dsp.quality.QualityWatch`."""
(
    HALF, SIZE, LONGEST, FULL, FLAT_UV, CLEAR, PILED, RUN, IS_RAW, CHANCE, CLIPPED, CLIPPED_RED, STEP_REST,
    STEP_SHARE, LOST, LOST_RED, GAP, ACTIVE, LOUD_REST, MOVES, STEADILY, LEAD_RATIO, MOTION, MOTION_RED, MAINS,
    MAINS_RED, MOST_STILL, LIMIT, LIMIT_OF_REST, SHAPED, ABRUPT, OVER, PLAIN_OVER, WINDOWS, LEAST_N,
    LEAST_PLAIN, HOLE_WINDOWS, LINES_50, LINES, RATE, SCALE, HOLD, HEART, HEART_RED, NORMAL_LEAST,
    NORMAL_RED, MEDIAN_LOW, MEDIAN_HIGH, MEDIAN_LOW_RED, MEDIAN_HIGH_RED, MOTION_DB, NOISE_DB, DROP_DB,
    DEFORMATION,
) = range(len(SPEC))  # fmt: skip

RELAXED = 2.0
"""A second below this multiple of rest is relaxed."""
LATE = 25.0
"""Hum that comes later than rest is hum up to this multiple of rest; more is an electrode that came off."""
MANY = 9
"""Harmonics of the mains that are looked at beside muscle."""
MEDIAN_OF_TEN = 0.7456
"""Expected median of ten powers of noise, over their mean; the median does not see the other mains frequency."""


def look(  # noqa: C901, PLR0912, PLR0915 - flat
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
    seen : what the functions of `emgmon.dsp.windows` or those of `emgmon.dsp.window_loops` take
    table, state, spec, past, near, out, active : columns and vectors as above
        All but `table` and `spec` are changed.
    rings : power around lines, and complex spectra at them, of the last relaxed windows
    noise, always, mains_scale : float, int, float
        RMS of the relaxed channel, worth of the worst that holds wherever there is a signal, and what hum
        is compared with.
    hops : int
        Quarter seconds up to the end of window 0, since the chain began.
    cancelling : bool
        Whether hum is taken out now.

    Returns
    -------
    int
        The window behind the last one that was looked at.
    """
    n_near, j, done = reach(seen, table, state, spec, near, out, first, stop), 0, stop
    counts_at(seen, near, n_near)
    raw, half, size, clip, clip_red = spec[IS_RAW] > 0.0, spec[HALF], spec[SIZE], spec[CLIPPED], spec[CLIPPED_RED]
    members = out[FIRST], out[SECOND], out[THIRD]
    quiet = state[QUIETEST] / spec[CHANCE]
    rest = min(quiet, 1.5 * noise) if quiet == quiet and noise == noise else quiet  # noqa: PLR0124 NaN
    row_n, oldest, older, old = int(state[N_ROW]), int(state[ROW]), int(state[ROW + 1]), int(state[ROW + 2])
    state[CHANGE] = state[N_JUDGED] = state[N_EVEN] = 0.0
    for k in range(KEPT):
        active[NEEDED][k] = 0.0
    its_there, its_low, its_high, its_same, its_moved = table[THERE], table[LOW], table[HIGH], table[SAME], table[MOVED]
    its_filtered, its_rms, its_known, its_all_total, its_total = (
        table[FILTERED],
        table[RMS],
        table[KNOWN],
        table[ALL_TOTAL],
        table[TOTAL],
    )
    its_low_rms, its_low_share, its_levels = table[LOW_RMS], table[LOW_SHARE], table[LEVELS]
    out_constant, out_highest, out_lowest, out_before, out_rest = (
        out[CONSTANT],
        out[HIGHEST],
        out[LOWEST],
        out[BEFORE],
        out[REST],
    )
    out_content, out_even, out_loud_row, out_worst, out_mask = (
        out[CONTENT],
        out[EVEN],
        out[LOUD_ROW],
        out[WORST],
        out[MASK],
    )
    out_least = out[LEAST]
    act_needed, act_steady, act_loud, act_median, act_normal = (
        active[NEEDED],
        active[STEADY],
        active[LOUD],
        active[MEDIAN],
        active[NORMAL],
    )
    near_at, near_side, near_extreme, near_count, near_beside = (
        near[NEAR_AT],
        near[NEAR_SIDE],
        near[NEAR_EXTREME],
        near[NEAR_COUNT],
        near[NEAR_BESIDE],
    )
    near_all = near[NEAR_ALL]
    for k in range(first, stop):
        there, before, worst, mask, constant = its_there[k], rest, 0, 0.0, out_constant[k] > 0.0
        low, high, count, piled = its_low[k], its_high[k], 0.0, 0.0
        if there > half and not constant and max(high, -low) >= spec[FULL]:
            count = at_full(seen, k, spec[FULL])
        while j < n_near and near_at[j] == k:
            pile = PILES + 3 * int(near_side[j])
            if near_extreme[j] != state[pile]:
                state[pile], state[pile + 1], state[pile + 2] = near_extreme[j], 0.0, 0.0
            state[pile + 1] += near_count[j]
            state[pile + 2] += near_beside[j]
            if state[pile + 1] >= max(spec[PILED], state[pile + 2]):
                piled += near_all[j]
            elif near_all[j] >= spec[RUN] and its_same[k] > 0.0:
                piled += in_runs(seen, k, near_extreme[j], int(spec[RUN]))
            j += 1
        clipped = max(count, piled) / max(there, 1.0)
        if there < size:
            lost = 1.0 - there / size
            if lost > spec[LOST_RED] or longest_gap(seen, k) > spec[GAP]:
                worst = 2 * CODES - DROP
            elif lost > spec[LOST]:
                worst = CODES - DROP
        if constant:
            worst, mask = max(worst, 2 * CODES - FLAT), 1.0
        if clipped > clip_red:
            worst, mask = max(worst, 2 * CODES - CLIP), 1.0
        elif clipped > clip:
            worst = max(worst, CODES - CLIP)
        least_step = spec[STEP_REST] * before
        if not constant and least_step > 0.0 and its_moved[k] > least_step and there > half and high - low > least_step:
            step = step_of(seen, k, int(spec[ABRUPT]))
            if step > least_step and step / (out_highest[k] - out_lowest[k]) > spec[STEP_SHARE]:
                worst, mask = max(worst, 2 * CODES - LEAD), 1.0
        content = its_filtered[k] > half and not constant
        if content:
            state[QUIETEST] = tenth(past[RMS_CAME], past[RMS_ORDERED], int(state[N_RMS]), its_rms[k])
            state[N_RMS] += 1.0
            quiet = state[QUIETEST] / spec[CHANCE]
            rest = min(quiet, 1.5 * noise) if quiet == quiet and noise == noise else quiet  # noqa: PLR0124 NaN
            worst = max(worst, always)
        out_before[k], out_rest[k], out_content[k] = before, rest, 1.0 if content else 0.0
        members[0][k] = members[1][k] = members[2][k] = -1.0
        act_needed[KEPT + k] = 0.0
        known = raw and its_known[k] > 0.0
        line = share = hum_rms = left_rms = 0.0
        if known:
            if state[HUM_HZ] > 0.0:
                line = line_at(seen, k, state[HUM_HZ], HARMONICS, False)
            else:
                line = max(line_at(seen, k, 50.0, HARMONICS, False), line_at(seen, k, 60.0, HARMONICS, False))
            if its_all_total[k] > 0.0:
                share = line * line / its_all_total[k]
            relaxed = not math.sqrt(its_total[k]) > RELAXED * before
            note(seen, table, state, spec, rings, k, relaxed or hums(seen, table, state, spec, k, line, before))
            if (hops + k) % 4 == 0:
                find(state, spec, rings)
                limit = spec[LIMIT] if spec[LIMIT] > 0.0 else spec[LIMIT_OF_REST] * before
                if not state[HUM_HZ] > 0.0 or state[HUM_RMS] < 0.5 * limit:
                    state[CHANGE] = 1.0 if cancelling else 0.0
                elif not cancelling and state[HUM_RMS] > limit:
                    state[CHANGE], state[N_LEFT] = 1.0, 0.0
            if state[HUM_HZ] > 0.0:
                if relaxed:
                    left = line_at(seen, k, state[HUM_HZ], HARMONICS, True)
                    past[LEFT][int(state[N_LEFT]) % LEFT_N] = left
                    state[N_LEFT] += 1.0
                hum_rms = left_rms = state[HUM_RMS]
                if cancelling and state[N_LEFT] > 0.0 and state[CHANGE] == 0.0:
                    left_rms = median_left(past[LEFT], min(int(state[N_LEFT]), LEFT_N))
        if known and content:
            low_rms, rms = its_low_rms[k], its_rms[k]
            still = tenth(past[LOW_CAME], past[LOW_ORDERED], int(state[N_LOW]), low_rms)
            state[N_LOW] += 1.0
            lines_n = min(int(state[N_LINES]), len(past[LINES_CAME]))
            usual, at = math.inf, lines_n // 2
            if lines_n > 0:
                usual = past[LINES_ORDERED][at]
                if lines_n % 2 == 0:
                    usual = (past[LINES_ORDERED][at - 1] + usual) / 2.0
            tenth(past[LINES_CAME], past[LINES_ORDERED], int(state[N_LINES]), line)
            state[N_LINES] += 1.0
            if hum_rms > 0.0 and mains_scale > 0.0:
                seen_level = 1 if hum_rms / mains_scale > spec[MAINS] else 0
                level = (
                    2 if left_rms / mains_scale > spec[MAINS_RED] else 1 if left_rms / mains_scale > spec[MAINS] else 0
                )
                level = max(level, seen_level)
                worst = max(worst, level * CODES - PLI) if level else worst
            if share > 0.5 and line > spec[LEAD_RATIO] * max(usual, rest, hum_rms):
                worst, mask = max(worst, 2 * CODES - LEAD), 1.0
            if not rms > spec[ACTIVE] * rest:
                row_n = 0
            else:
                if low_rms > max(spec[ACTIVE] * rest, spec[MOVES] * min(still, spec[MOST_STILL] * rest)):
                    square = low_rms * low_rms  # activity at the tapered edges of the window counts too
                    moving = min(its_low_share[k], square / (square + rms * rms))
                    if moving > spec[MOTION_RED]:
                        worst, mask = max(worst, 2 * CODES - MAR), 1.0
                    elif moving > spec[MOTION]:
                        worst = max(worst, CODES - MAR)
                if its_filtered[k] == size and spec[SHAPED] > 0.0:
                    a, b, c, d = its_levels[k], its_levels[k + 1], its_levels[k + 2], its_levels[k + 3]
                    new = KEPT + k
                    act_steady[new] = 1.0 if max(a, b, c, d) <= spec[STEADILY] * min(a, b, c, d) else 0.0
                    act_loud[new] = 1.0 if rms > spec[LOUD_REST] * rest else 0.0
                    act_median[new] = act_normal[new] = math.nan
                    if row_n == KEPT:
                        state[N_JUDGED] += 1.0
                        members[0][k], members[1][k], members[2][k] = float(oldest), float(older), float(old)
                        even = act_steady[oldest] * act_steady[older] * act_steady[old] * act_steady[new]
                        out_even[k] = even
                        state[N_EVEN] += even
                        out_loud_row[k] = act_loud[oldest] * act_loud[older] * act_loud[old] * act_loud[new]
                        for at in (oldest, older, old, new):
                            if act_needed[at] <= even:
                                act_needed[at] = 1.0 + even
                    oldest, older, old, row_n = older, old, new, min(row_n + 1, KEPT)
        out_worst[k], out_mask[k] = float(worst), mask
        if state[CHANGE] > 0.0:
            done = k + 1
            break
    state[LOWEST_YET], state[HIGHEST_YET], state[STEP_YET] = (
        out_lowest[done - 1],
        out_highest[done - 1],
        out_least[done - 1],
    )
    state[N_ROW], state[ROW], state[ROW + 1], state[ROW + 2] = float(row_n), float(oldest), float(older), float(old)
    return done


def reach(seen: Any, table: Table, state: Vector, spec: Vector, near: Table, out: Table, first: int, stop: int) -> int:
    """Tell the extremes so far, what is constant, and which windows come near an extreme; returns how many do."""
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
    return n_near


def hums(seen: Any, table: Table, state: Vector, spec: Vector, k: int, line: float, rest: float) -> bool:
    """Whether what exceeds rest in window k is hum."""
    if not line < LATE * rest:
        return False
    if state[HUM_HZ] > 0.0:
        most = line_at(seen, k, state[HUM_HZ], MANY, True)
    else:
        most = max(line_at(seen, k, 50.0, MANY, True), line_at(seen, k, 60.0, MANY, True))
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


def conclude(  # noqa: C901 - flat
    state: Vector, spec: Vector, out: Table, active: Table, shapes: Table, heart: Vector, first: int, stop: int
) -> None:
    """Put the worst code of windows and whether to mask them into `out`, a better one only when it lasted.

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
            a, b, c, d = int(out[FIRST][k]), int(out[SECOND][k]), int(out[THIRD][k]), KEPT + k
            one, two, three, four = active[MEDIAN][a], active[MEDIAN][b], active[MEDIAN][c], active[MEDIAN][d]
            median_hz = max(min(max(one, two), max(three, four)), min(one, two), min(three, four))
            if median_hz < spec[MEDIAN_LOW_RED] or median_hz > spec[MEDIAN_HIGH_RED]:
                worst = max(worst, 2 * CODES - MDF)
            elif median_hz < spec[MEDIAN_LOW] or median_hz > spec[MEDIAN_HIGH]:
                worst = max(worst, CODES - MDF)
            if out[EVEN][k] > 0.0:
                one, two, three, four = active[NORMAL][a], active[NORMAL][b], active[NORMAL][c], active[NORMAL][d]
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
        level, held = (worst + CODES - 1) // CODES, int(state[HELD])
        state[SINCE] = 0.0 if level >= (held + CODES - 1) // CODES else state[SINCE] + 1.0
        if state[SINCE] == 0.0 or state[SINCE] >= spec[HOLD]:
            state[SINCE], state[HELD] = 0.0, float(worst)
        out[WORST][k] = state[HELD]


def longest_same_looped(seen: Any, k: int) -> int:
    """`longest_same` for numba, as the functions below: `seen` is what `emgmon.dsp.verdict_kernel` hands in."""
    raw, size = seen[0], seen[1]
    longest = run = 0
    last = math.nan
    for j in range(k * (size // 4), k * (size // 4) + size):
        x = raw[j]
        if x != x:  # noqa: PLR0124 NaN
            continue
        run = run + 1 if x == last else 0
        longest, last = max(longest, run), x
    return longest


def longest_gap_looped(seen: Any, k: int) -> int:
    """See `emgmon.dsp.windows.longest_gap`."""
    raw, size = seen[0], seen[1]
    longest = run = 0
    for j in range(k * (size // 4), k * (size // 4) + size):
        run = run + 1 if raw[j] != raw[j] else 0
        longest = max(longest, run)
    return longest


def at_full_looped(seen: Any, k: int, full: float) -> float:
    """See `emgmon.dsp.windows.at_full`."""
    raw, size, count = seen[0], seen[1], 0.0
    for j in range(k * (size // 4), k * (size // 4) + size):
        if abs(raw[j]) >= full:
            count += 1.0
    return count


def counts_at_looped(seen: Any, near: Table, n: int) -> None:
    """See `emgmon.dsp.windows.counts_at`."""
    raw, size = seen[0], seen[1]
    hop = size // 4
    for row in range(n):
        begin, extreme, width = int(near[NEAR_AT][row]) * hop, near[NEAR_EXTREME][row], near[NEAR_WIDTH][row]
        count = beside = every = 0
        for j in range(begin, begin + size - hop):
            every += 1 if raw[j] == extreme else 0
        for j in range(begin + size - hop, begin + size):
            count += 1 if raw[j] == extreme else 0
            beside += 1 if abs(raw[j] - extreme) <= width else 0
        near[NEAR_COUNT][row], near[NEAR_BESIDE][row] = float(count), float(beside - count)
        near[NEAR_ALL][row] = float(every + count)


def in_runs_looped(seen: Any, k: int, value: float, least: int) -> float:
    """See `emgmon.dsp.windows.in_runs`."""
    raw, size = seen[0], seen[1]
    total = run = 0
    for j in range(k * (size // 4), k * (size // 4) + size):
        x = raw[j]
        if x == value:
            run += 1
        elif x == x:  # noqa: PLR0124 NaN
            total += run if run >= least else 0
            run = 0
    total += run if run >= least else 0
    return float(total)


def step_of_looped(seen: Any, k: int, apart: int) -> float:
    """See `emgmon.dsp.windows.step_of`."""
    raw, size = seen[0], seen[1]
    hop = size // 4
    begin, middles = k * hop, np.zeros(2)
    for side in range(2):
        at = begin + 3 * hop * side
        ordered = np.sort(raw[at : at + hop])  # NaN behind
        n = 0
        while n < hop and ordered[n] == ordered[n]:
            n += 1
        if n * 2 < hop:
            return 0.0
        half = n // 2
        middles[side] = ordered[half] if n % 2 else (ordered[half - 1] + ordered[half]) / 2.0
    step: float = abs(middles[1] - middles[0])
    for j in range(begin, begin + size - apart):
        if step > 0.0 and abs(raw[j + apart] - raw[j]) >= 0.5 * step:
            return step
    return 0.0


def line_at_looped(seen: Any, k: int, f0_hz: float, harmonics: int, cleaned: bool) -> float:
    """See `emgmon.dsp.windows.line_at`."""
    row, bin_hz, total = seen[3][k] if cleaned else seen[4][k], seen[2], 0.0
    for harmonic in range(1, harmonics + 1):
        at = round(harmonic * f0_hz / bin_hz)
        if at + 9 <= 0.9 * len(row):
            below = row[at - 8] + row[at - 7] + row[at - 6] + row[at - 5] + row[at - 4]
            above = row[at + 4] + row[at + 5] + row[at + 6] + row[at + 7] + row[at + 8]
            five = row[at - 2] + row[at - 1] + row[at] + row[at + 1] + row[at + 2]
            total += max(five - 5.0 * (0.1 * (below + above)), 0.0)
    rms: float = math.sqrt(total)
    return rms


def keep_looped(seen: Any, k: int, rings: Any, end: int, windows: int, number: float) -> int:
    """See `emgmon.dsp.windows.keep`."""
    near, tops = rings
    if end == len(near):
        near[:windows], tops[:windows] = near[-windows:], tops[-windows:]
        end = windows
    near[end], tops[end, :12], tops[end, 12] = seen[5][k], seen[6][k], number
    return end + 1


def means_of_looped(rings: Any, first: int, stop: int) -> Any:
    """See `emgmon.dsp.windows.means_of`."""
    means = rings[0][first].copy()
    for k in range(first + 1, stop):
        means += rings[0][k]
    return means / (stop - first)


def tops_of_looped(rings: Any, first: int, stop: int) -> Any:
    """See `emgmon.dsp.windows.tops_of`."""
    return rings[1][first:stop]


def middle_of_ten_looped(row: Vector) -> float:
    """See `emgmon.dsp.windows.middle_of_ten`."""
    ordered = np.empty(10)
    for k in range(10):
        value, at = row[k] if k < 5 else row[k + 7], k
        while at > 0 and ordered[at - 1] > value:
            ordered[at] = ordered[at - 1]
            at -= 1
        ordered[at] = value
    middle: float = (ordered[4] + ordered[5]) / 2.0
    return middle


def median_left_looped(values: Vector, n: int) -> float:
    """See `emgmon.dsp.windows.median_left`."""
    ordered = np.sort(values[:n])
    middle: float = ordered[n // 2] if n % 2 else (ordered[n // 2 - 1] + ordered[n // 2]) / 2.0
    return middle


def tenth_looped(came: Vector, ordered: Vector, count: int, value: float) -> float:
    """See `emgmon.dsp.windows.tenth`."""
    n, at = len(came), len(came) - 1
    if count >= n:
        low, old = 0, came[count % n]
        while low < at:
            half = (low + at) // 2
            if ordered[half] < old:
                low = half + 1
            else:
                at = half
    came[count % n] = value
    while at > 0 and ordered[at - 1] > value:
        ordered[at] = ordered[at - 1]
        at -= 1
    while at < n - 1 and ordered[at + 1] < value:
        ordered[at] = ordered[at + 1]
        at += 1
    ordered[at] = value
    found: float = ordered[min(count + 1, n) // 10]
    return found
