"""Names of what the decisions on a window read and write: columns of tables, places in vectors, codes.

A table is a sequence of columns; `spec` and `state` are vectors of floats. Lists in CPython, arrays for numba.
"""

from __future__ import annotations

from typing import Any

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
N_ROW, ROW, HELD, SINCE = 22, 23, 26, 27
CHANGE, N_JUDGED, N_EVEN, N_NEAR, NEXT_NEAR, REST_YET = range(28, 34)
STATE = 34
"""Places in the state; two piles have three each, and what lies from `N_LEFT` up to `N_ROW` is the mains'.

`ROW` are three: where the last active windows stand, of which there are `N_ROW`. From `CHANGE` on is what begins anew
with each run of windows: whether the canceller is to be switched, rows that are judged, those that are steady, windows
near an extreme, the next of them to be looked at, and RMS at rest up to here.
"""

FLAT, CLIP, LEAD, MAR, DROP, SITE, XTALK, NOISE, SNR, PLI, ECR, SHAPE, NORM, MDF = range(14)
CODES = 14
"""Codes in the order of worth. A worth is `CODES` times the level, less the code."""
LEAST_MASKED = 2 * CODES - MAR
"""A window of this worth or more is not muscle: `emgmon.dsp.quality.MASKING`."""

SPEC = (
    "half", "size", "longest", "full", "flat", "clear", "piled", "run", "raw", "chance", "clip", "clip_red",
    "step_rest", "step_share", "drop", "drop_red", "gap", "active", "loud", "moved", "steady", "lead", "motion",
    "motion_red", "mains", "mains_red", "most_still", "limit", "limit_of_rest", "shaped", "abrupt", "over",
    "plain_over", "windows", "least", "least_plain", "hole_windows", "lines_50", "lines", "fs_hz", "scale", "hold",
    "heart", "heart_red", "normal", "normal_red", "median_low", "median_high", "median_low_red", "median_high_red",
    "motion_db", "noise_db", "drop_db", "deformation",
)  # fmt: skip
"""Names of the numbers of a spec, by `emgmon.dsp.quality_settings.spec_of`."""
(
    HALF, SIZE, LONGEST, FULL, FLAT_UV, CLEAR, PILED, RUN, IS_RAW, CHANCE, CLIPPED, CLIPPED_RED, STEP_REST,
    STEP_SHARE, LOST, LOST_RED, GAP, ACTIVE, LOUD_REST, MOVES, STEADILY, LEAD_RATIO, MOTION, MOTION_RED, MAINS,
    MAINS_RED, MOST_STILL, LIMIT, LIMIT_OF_REST, SHAPED, ABRUPT, OVER, PLAIN_OVER, WINDOWS, LEAST_N,
    LEAST_PLAIN, HOLE_WINDOWS, LINES_50, LINES, RATE, SCALE, HOLD, HEART, HEART_RED, NORMAL_LEAST,
    NORMAL_RED, MEDIAN_LOW, MEDIAN_HIGH, MEDIAN_LOW_RED, MEDIAN_HIGH_RED, MOTION_DB, NOISE_DB, DROP_DB,
    DEFORMATION,
) = range(len(SPEC))  # fmt: skip
