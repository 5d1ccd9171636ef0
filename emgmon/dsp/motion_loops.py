"""The loops of `emgmon.dsp.orientation` over samples, in plain floats.

CPython runs them on lists, and numba compiles the same lines for arrays (`emgmon.dsp.motion_kernel`): one text, the
same bits. They are flat on purpose, as a helper called or a tuple made for each product would cost more than the
product.
A spec is a vector of floats, and so is a state, which moves on in place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from emgmon.dsp.rest_loops import (
    RESTING,
    STILL,
    Columns,
    Numbers,
    numbers,
    rested,
    room,
    rows_of,
    tilted,
)

__all__ = ["follow", "look", "numbers", "rested", "room", "rows_of", "tilted"]

TURN_STATE = 26

LOOKS = 9
"""Where in the state of `look` their number is: behind three biases and the covariances xx, xy, xz, yy, yz, zz."""

RADIANS, DEGREES = math.pi / 180.0, 180.0 / math.pi
Vector = tuple[float, float, float]


def follow(  # noqa: C901, PLR0912, PLR0915 - flat
    columns: Columns,
    codes: Sequence[float],
    means: Any,
    spec: Sequence[float],
    state: Numbers,
    bias_spec: Sequence[float],
    bias: Numbers,
    slow: Any,
    out: Any,
) -> int:
    """Follow gravity by accelerometer and gyroscope.

    Parameters
    ----------
    columns, codes, means : as `rested` has them
    spec, state : of `orientation.Gravity`
    bias_spec, bias, slow : of `look`
    out : (n, 11)
        Rows of samples that are not lost are filled in.

    Returns
    -------
    int
        Index of the sample with which the accelerometer's scale became known, or -1.
    """
    b, a1, a2, need, step_s = spec[0], spec[1], spec[2], spec[3], spec[4]
    bridge, settled, enough, every = spec[5], spec[6], spec[7], spec[8]
    length, lengths, begun, lost, since, n, seen = (
        state[0], state[1], state[2], state[3], state[4], state[5], state[6],
    )  # fmt: skip
    w, x, y, z, lw, lx, ly, lz = (
        state[7], state[8], state[9], state[10], state[11], state[12], state[13], state[14],
    )  # fmt: skip
    p0, p1, p2, q0, q1, q2 = state[15], state[16], state[17], state[18], state[19], state[20]
    rx, ry, rz, fixed_x, fixed_y = state[21], state[22], state[23], state[24], state[25]
    bx, by, bz = bias[0], bias[1], bias[2]
    half_s, found, k = 0.5 * step_s, -1, -1
    for ax, ay, az, gx, gy, gz, code in zip(  # noqa: B905 - numba knows no `strict`
        columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], codes
    ):
        k += 1
        if code >= 0.0:
            rx, ry, rz, lost = gx - bx, gy - by, gz - bz, 0.0
        else:
            lost += 1.0
            if lost > bridge:
                begun = lost = since = seen = fixed_x = fixed_y = bias[LOOKS] = 0.0
        if begun > 0.0:
            size = math.sqrt(rx * rx + ry * ry + rz * rz)
            half = half_s * size * RADIANS
            c, part = math.cos(half), math.sin(half) / size if size > 1e-9 else 0.0
            u, v, t = rx * part, ry * part, rz * part
            w, x, y, z = (
                w * c - x * u - y * v - z * t,
                w * u + x * c + y * t - z * v,
                w * v - x * t + y * c + z * u,
                w * t + x * v - y * u + z * c,
            )
        elif code >= 0.0:
            begun, w, x, y, z, n, lz = 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
            p0 = p1 = p2 = 0.0
            lw, lx, ly = levelling(ax, ay, az)
        if code < 0.0:
            continue
        u, v, t = 2.0 * (y * az - z * ay), 2.0 * (z * ax - x * az), 2.0 * (x * ay - y * ax)
        ex, ey, ez = ax + w * u + y * t - z * v, ay + w * v + z * u - x * t, az + w * t + x * v - y * u
        if n < need:
            n += 1.0
            p0, p1, p2 = p0 + ex, p1 + ey, p2 + ez
            ex, ey, ez = p0 / n, p1 / n, p2 / n
            if n == need:
                p0, p1, p2 = (1.0 - b) * ex, (1.0 - b) * ey, (1.0 - b) * ez
                q0, q1, q2 = (b - a2) * ex, (b - a2) * ey, (b - a2) * ez
        else:
            u, v, t = b * ex, b * ey, b * ez
            ex, ey, ez = u + p0, v + p1, t + p2
            p0, p1, p2 = 2.0 * u - a1 * ex + q0, 2.0 * v - a1 * ey + q1, 2.0 * t - a1 * ez + q2
            q0, q1, q2 = u - a2 * ex, v - a2 * ey, t - a2 * ez
        if lengths < enough:
            since += 1.0
            if since > settled:
                length, lengths = length + math.sqrt(ex * ex + ey * ey + ez * ez), lengths + 1.0
                found = k if lengths >= enough else -1
        u, v, t = 2.0 * (ly * ez - lz * ey), 2.0 * (lz * ex - lx * ez), 2.0 * (lx * ey - ly * ex)
        c, u, v = levelling(ex + lw * u + ly * t - lz * v, ey + lw * v + lz * u - lx * t, ez + lw * t + lx * v - ly * u)
        lw, lx, ly, lz = (
            c * lw - u * lx - v * ly,
            c * lx + u * lw + v * lz,
            c * ly - u * lz + v * lw,
            c * lz + u * ly - v * lx,
        )
        fixed_x, fixed_y, seen = fixed_x + 2.0 * u, fixed_y + 2.0 * v, seen + 1.0
        c, u, v, t = (
            lw * w - lx * x - ly * y - lz * z,
            lw * x + lx * w + ly * z - lz * y,
            lw * y - lx * z + ly * w + lz * x,
            lw * z + lx * y - ly * x + lz * w,
        )
        if seen >= every:
            look((c, u, v, t), (fixed_x, fixed_y), code, means[k], bias_spec, bias, slow)
            bx, by, bz = bias[0], bias[1], bias[2]
            fixed_x = fixed_y = seen = 0.0
            size = 1.0 / math.sqrt(w * w + x * x + y * y + z * z)
            w, x, y, z = w * size, x * size, y * size, z * size
        out[k] = (
            2.0 * (u * t - c * v), 2.0 * (v * t + c * u), 1.0 - 2.0 * (u * u + v * v),
            1.0 if code >= STILL else 0.0, rx, ry, rz, c, u, v, t,
        )  # fmt: skip
    state[0], state[1], state[2], state[3], state[4], state[5], state[6] = (
        length, lengths, begun, lost, since, n, seen,
    )  # fmt: skip
    state[7], state[8], state[9], state[10], state[11], state[12], state[13], state[14] = w, x, y, z, lw, lx, ly, lz
    state[15], state[16], state[17], state[18], state[19], state[20] = p0, p1, p2, q0, q1, q2
    state[21], state[22], state[23], state[24], state[25] = rx, ry, rz, fixed_x, fixed_y
    return found


def look(
    turn: tuple[float, float, float, float],
    fixed: tuple[float, float],
    code: float,
    rest: Any,
    spec: Sequence[float],
    bias: Numbers,
    slow: Any,
) -> None:
    """Learn a gyroscope's bias from one sample's orientation: a Kalman filter for three numbers.

    Parameters
    ----------
    turn : quaternion
        From the sensor's axes to level ones.
    fixed : two floats
        What was taken out of it about the two level axes since the last look, rad.
    code : float
        At `RESTING`, `rest` (3,) is the mean angular velocity, dps: all of it is bias.
    spec, bias, slow : from `gyro_bias.BiasSettings`
        The state begins with the bias, dps.
    """
    w, x, y, z = turn
    walk, bx, by, bz = spec[5], bias[0], bias[1], bias[2]
    a, b, c = 1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)
    d, e, f = 2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)
    g, h, i = 2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)
    smoothed((a, b, c, d, e, f, g, h, i, a * bx + b * by + c * bz, d * bx + e * by + f * bz), spec, bias, slow)
    if code == RESTING:
        x, y, z = rest[0] - bx, rest[1] - by, rest[2] - bz
        seen = ((1.0, 0.0, 0.0, x, spec[6]), (0.0, 1.0, 0.0, y, spec[6]), (0.0, 0.0, 1.0, z, spec[6]))
    else:
        low = slow[2]
        a, b, c, d, e, f = low[0], low[1], low[2], low[3], low[4], low[5]
        g, h, i, x, y = low[6], low[7], low[8], low[9], low[10]
        x = clipped(x - fixed[0] * DEGREES / spec[4] - (a * bx + b * by + c * bz), spec[9])
        y = clipped(y - fixed[1] * DEGREES / spec[4] - (d * bx + e * by + f * bz), spec[9])
        z = clipped(-(g * bx + h * by + i * bz), spec[9])
        seen = ((a, b, c, x, spec[7]), (d, e, f, y, spec[7]), (g, h, i, z, spec[8]))
    xx, xy, xz = bias[3] + walk, bias[4], bias[5]
    yy, yz, zz = bias[6] + walk, bias[7], bias[8] + walk
    dx = dy = dz = 0.0
    for a, b, c, error, noise in seen:  # one number after the other: their errors have nothing in common
        x, y, z = xx * a + xy * b + xz * c, xy * a + yy * b + yz * c, xz * a + yz * b + zz * c
        size = 1.0 / (a * x + b * y + c * z + noise)
        u, v, w = x * size, y * size, z * size
        left = error - (a * dx + b * dy + c * dz)
        dx, dy, dz = dx + u * left, dy + v * left, dz + w * left
        xx, xy, xz, yy, yz, zz = xx - u * x, xy - u * y, xz - u * z, yy - v * y, yz - v * z, zz - w * z
    if math.isfinite(dx + dy + dz):
        bias[0], bias[1], bias[2] = bx + dx, by + dy, bz + dz
        bias[3], bias[4], bias[5], bias[6], bias[7], bias[8] = xx, xy, xz, yy, yz, zz


def smoothed(now: tuple[float, ...], spec: Sequence[float], bias: Numbers, slow: Any) -> None:
    """Low-pass eleven numbers: the rows of a matrix, and two more."""
    b, a1, a2, need, n, k = spec[0], spec[1], spec[2], spec[3], bias[LOOKS], -1
    first, second, low = slow[0], slow[1], slow[2]
    if n >= need:
        for value in now:
            k += 1
            x = b * value
            y = x + first[k]
            first[k], second[k], low[k] = 2.0 * x - a1 * y + second[k], x - a2 * y, y
        return
    bias[LOOKS] = n = n + 1.0
    for value in now:
        k += 1
        total = first[k] + value if n > 1.0 else value
        mean = total / n
        first[k], low[k] = total, mean
        if n == need:
            first[k], second[k] = (1.0 - b) * mean, (b - a2) * mean


def clipped(x: float, most: float) -> float:
    """Return a number within ±`most`; NaN stays."""
    if x < -most:
        return -most
    if x > most:
        return most
    return x


def levelling(x: float, y: float, z: float) -> Vector:
    """Shortest turn that brings a vector to the vertical: w, x, y of a quaternion; (1, 0, 0) for one of no length."""
    length = math.sqrt(x * x + y * y + z * z)
    if length < 1e-12:
        return 1.0, 0.0, 0.0
    half = 0.5 + 0.5 * z / length
    half = math.sqrt(half) if half > 0.0 else 0.0
    if half < 1e-6:
        return 0.0, 1.0, 0.0
    part = 0.5 / (half * length)
    return half, y * part, -x * part
