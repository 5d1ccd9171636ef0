"""The loops over samples that stand for themselves: whether a motion sensor rests, and its tilt by acceleration alone.

As in `emgmon.dsp.motion_loops`, which has the others.
"""

from __future__ import annotations

import math
from collections.abc import MutableSequence, Sequence
from itertools import chain
from typing import Any

import numpy as np

from emgmon.model import Array

LEAST, MOST = 1e-12, 1e12
"""A sample the sum of whose squares (g², dps²) lies outside is lost."""

LOST, MOVING, STILL, RESTING = -1.0, 0.0, 1.0, 2.0
"""What `rested` says."""

REST_STATE, TILT_STATE = 19, 12
LENGTH, LENGTHS = 0, 1
"""Where in states of `tilted` and `follow` the sum of the lengths of slow acceleration is, and how many they are."""

UNKNOWN = math.nan
COLUMNS = 11
LOST_ROW = (*[UNKNOWN] * 3, 0.0, *[UNKNOWN] * 7)

Columns = Sequence[Sequence[float]]
Numbers = MutableSequence[float]


def room(samples: Array) -> tuple[Columns, Numbers, Any, Any]:
    """Return six columns of samples (n, 3) or (n, 6), and what the loops fill in: codes, means and rows."""
    n, columns = len(samples), samples.T.tolist()
    return columns + [[0.0] * n] * (6 - len(columns)), [0.0] * n, [None] * n, [LOST_ROW] * n


def rows_of(rows: Any) -> Array:
    """Return filled rows as an array (n, 11)."""
    return np.fromiter(chain.from_iterable(rows), np.float64, COLUMNS * len(rows)).reshape(-1, COLUMNS)


def numbers(vectors: list[Any]) -> list[Any]:
    """Return vectors as the loops take them."""
    return [vector if isinstance(vector, list) else vector.tolist() for vector in vectors]


def rested(columns: Columns, spec: Sequence[float], state: Numbers, codes: Numbers, means: Any) -> None:  # noqa: C901, PLR0915 - flat
    """See for each sample whether it is there, and whether the sensor moves.

    Parameters
    ----------
    columns : six times (n,)
        Acceleration in g and angular velocity in dps.
    spec, state : of `Rest`
    codes : (n,)
        Is filled with `LOST`, `MOVING`, `STILL` or `RESTING`.
    means : (n, 3)
        Is filled with the mean angular velocity, dps, where the sensor is at rest.
    """
    b, a1, a2, need, acc2, rate2 = spec[0], spec[1], spec[2], spec[3], spec[4], spec[5]
    most2, creep2, step_s, still_s, rest_s, bridge = spec[6], spec[7], spec[8], spec[9], spec[10], spec[11]
    n, p0, p1, p2, p3, p4, p5 = state[0], state[1], state[2], state[3], state[4], state[5], state[6]
    q0, q1, q2, q3, q4, q5 = state[7], state[8], state[9], state[10], state[11], state[12]
    quiet_s, anchored, ux, uy, uz, lost = state[13], state[14], state[15], state[16], state[17], state[18]
    b1, k = 2.0 * b, -1
    for ax, ay, az, gx, gy, gz in zip(columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]):  # noqa: B905 - numba knows no `strict`
        k += 1
        x = ax * ax + ay * ay + az * az
        if not (x > 0.0 and LEAST < x + (gx * gx + gy * gy + gz * gz) < MOST):
            codes[k], quiet_s, lost = LOST, 0.0, lost + 1.0
            if lost > bridge:
                n = p0 = p1 = p2 = p3 = p4 = p5 = anchored = lost = 0.0
            continue
        lost = 0.0
        if n < need:
            n += 1.0
            p0, p1, p2 = p0 + ax, p1 + ay, p2 + az
            p3, p4, p5 = p3 + gx, p4 + gy, p5 + gz
            m0, m1, m2 = p0 / n, p1 / n, p2 / n
            m3, m4, m5 = p3 / n, p4 / n, p5 / n
            if n == need:
                x, y = 1.0 - b, b - a2
                p0, p1, p2, p3, p4, p5 = x * m0, x * m1, x * m2, x * m3, x * m4, x * m5
                q0, q1, q2, q3, q4, q5 = y * m0, y * m1, y * m2, y * m3, y * m4, y * m5
        else:
            m0, m1, m2 = p0 + b * ax, p1 + b * ay, p2 + b * az
            m3, m4, m5 = p3 + b * gx, p4 + b * gy, p5 + b * gz
            p0, p1, p2 = q0 + b1 * ax - a1 * m0, q1 + b1 * ay - a1 * m1, q2 + b1 * az - a1 * m2
            p3, p4, p5 = q3 + b1 * gx - a1 * m3, q4 + b1 * gy - a1 * m4, q5 + b1 * gz - a1 * m5
            q0, q1, q2 = b * ax - a2 * m0, b * ay - a2 * m1, b * az - a2 * m2
            q3, q4, q5 = b * gx - a2 * m3, b * gy - a2 * m4, b * gz - a2 * m5
        x, y, z = gx - m3, gy - m4, gz - m5
        calm = x * x + y * y + z * z < rate2 and m3 * m3 + m4 * m4 + m5 * m5 < most2
        if calm:
            x, y, z = ax - m0, ay - m1, az - m2
            calm = x * x + y * y + z * z < acc2
        if calm and anchored > 0.0:
            x, y, z = m0 - ux, m1 - uy, m2 - uz
            calm = x * x + y * y + z * z < creep2
        if not calm:
            codes[k] = anchored = quiet_s = 0.0
            continue
        if anchored == 0.0:
            anchored, ux, uy, uz = 1.0, m0, m1, m2
        quiet_s += step_s
        codes[k] = RESTING if quiet_s >= rest_s else STILL if quiet_s >= still_s else MOVING
        if quiet_s >= rest_s:
            means[k] = (m3, m4, m5)
    state[0], state[1], state[2], state[3], state[4], state[5], state[6] = n, p0, p1, p2, p3, p4, p5
    state[7], state[8], state[9], state[10], state[11], state[12] = q0, q1, q2, q3, q4, q5
    state[13], state[14], state[15], state[16], state[17], state[18] = quiet_s, anchored, ux, uy, uz, lost


def tilted(columns: Columns, codes: Sequence[float], spec: Sequence[float], state: Numbers, out: Any) -> int:
    """Follow gravity by an accelerometer alone; parameters and result as of `motion_loops.follow`."""
    b, a1, a2, dps, enough = spec[0], spec[1], spec[2], spec[3], spec[4]
    length, lengths, begun, vx, vy, vz = state[0], state[1], state[2], state[3], state[4], state[5]
    p0, p1, p2, q0, q1, q2 = state[6], state[7], state[8], state[9], state[10], state[11]
    b1, found, k = 2.0 * b, -1, -1
    for ax, ay, az, code in zip(columns[0], columns[1], columns[2], codes):  # noqa: B905 - numba knows no `strict`
        k += 1
        if code < 0.0:
            begun = 0.0
            continue
        if begun > 0.0:
            x, y, z = p0 + b * ax, p1 + b * ay, p2 + b * az
            p0, p1, p2 = q0 + b1 * ax - a1 * x, q1 + b1 * ay - a1 * y, q2 + b1 * az - a1 * z
            q0, q1, q2 = b * ax - a2 * x, b * ay - a2 * y, b * az - a2 * z
        else:
            x, y, z = ax, ay, az
            p0, p1, p2 = (1.0 - b) * x, (1.0 - b) * y, (1.0 - b) * z
            q0, q1, q2 = (b - a2) * x, (b - a2) * y, (b - a2) * z
        size = math.sqrt(x * x + y * y + z * z)
        if code >= STILL and lengths < enough:
            length, lengths = length + size, lengths + 1.0
            found = k if lengths >= enough else -1
        if size > 0.0:
            x, y, z = x / size, y / size, z / size
        if begun == 0.0:
            begun, vx, vy, vz = 1.0, x, y, z
        out[k] = (
            x, y, z, 1.0 if code >= STILL else 0.0,
            dps * (vy * z - vz * y), dps * (vz * x - vx * z), dps * (vx * y - vy * x),
            UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
        )  # fmt: skip
        vx, vy, vz = x, y, z
    state[0], state[1], state[2], state[3], state[4], state[5] = length, lengths, begun, vx, vy, vz
    state[6], state[7], state[8], state[9], state[10], state[11] = p0, p1, p2, q0, q1, q2
    return found
