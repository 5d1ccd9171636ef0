"""The loops over the ticks of a set, in plain floats: excursions of sensors from rest, and the phases of a movement.

CPython runs them on lists, and numba compiles the same lines for arrays (`emgmon.dsp.motion_kernel`): one text, the
same bits. What the numbers mean and who sets them stands in
`emgmon.exercise.reps` and `emgmon.pipeline.following`. A spec is a vector of floats, and so is a state, which moves on
in place; what is not known is NaN.
"""

from __future__ import annotations

import math
from collections.abc import MutableSequence, Sequence
from typing import Any

from emgmon.model import Array

REST, OUT, HOLD, BACK = 0.0, 1.0, 2.0, 3.0
"""Phases of a movement."""

B0, B1, B2, A1, A2, SETTLED0, SETTLED1, TICK_S = range(8)
START_DPS, HOLD_DPS, START_LEVEL, HOLD_LEVEL, END_LEVEL, AWAY_LEVEL = range(8, 14)
START_S, HOLD_S, END_S, AWAY_S, MOST_S, SETTLE_S, GAP_S, LEAST_DEG = range(14, 22)
"""Where in the spec what stands: the low-pass and its settled state, and `RepSettings`."""

PHASE, Z0, Z1, LEVEL, BASE, RANGE, TOP, LOW = range(8)
BEGAN, RIPENS, SINCE, ENDED, FREE, SEEN, HELD_FROM, TORN = range(8, 16)
ANGLE, HELD, LEARNT, PHASE_STATE = 16, 17, 18, 19
"""Where in the state what stands, and how long it is: smoothed level, pose of rest, largest and smallest level of the
movement (deg); when it began, and began that which is to be looked at; since when a condition lasts, when a movement
ended, from when on the next may begin, when an angle was last seen, since when it is held (s); movements that a gap
tore. Then the follower's: mean excursion, length of the hold, 1 where the direction of moving is known for good."""

REST_AT, AXIS_AT, LARGEST_AT, SENSOR = 0, 3, 6, 7
"""Where in the seven numbers of each sensor what stands: directions of rest, axis of turning, largest excursion."""

SEES = 4
"""Numbers of each sensor at each tick: the direction of gravity, and 1 where it is still."""

FARTHER, AGREES = 1.5, 0.5
"""An excursion so many times the largest so far gives the direction of moving, if it departs from it by over 60 deg."""

DRIFT = 0.02
"""Part by which poses of rest follow at each tick."""

LEAST = 1e-12
"""A length that is smaller is taken for this, so that it can be divided by."""

DEGREES = 180.0 / math.pi
UNKNOWN = math.nan
Numbers = MutableSequence[float]


def table(times_s: list[float], rows: Array) -> tuple[Any, Any]:
    """Return times and rows (n, 4 * k) as the loop takes them."""
    return times_s, rows.tolist()


def numbers(vectors: list[list[float]]) -> list[Any]:
    """Return vectors as the loop takes them."""
    return vectors


def followed(
    times_s: Sequence[float], rows: Any, first: int, stop: int, spec: Sequence[float], state: Numbers, sensors: Numbers
) -> int:
    """Follow ticks up to one that no sensor sees, or at which a movement that ended may be looked at.

    Parameters
    ----------
    times_s : (n,)
    rows : (n, 4 * k)
        What k sensors see at each tick.
    first, stop : int
        Ticks that are followed at most.
    spec, state, sensors : see above

    Returns
    -------
    int
        The tick before which it stopped.
    """
    for k in range(first, stop):
        if times_s[k] >= state[ENDED] + spec[SETTLE_S]:
            return k
        angle_deg = excursion(rows[k], spec, state, sensors)
        if math.isnan(angle_deg):
            return k
        step(times_s[k], angle_deg, rows[k], spec, state, sensors)
    return stop


def excursion(row: Sequence[float], spec: Sequence[float], state: Numbers, sensors: Numbers) -> float:
    """Mean of the signed excursions of the sensors that are there, deg; NaN where none is.

    An excursion is negative against the direction of the first that was large; without a jump near rest.
    """
    total = n = 0.0
    at = -SENSOR
    for k in range(0, len(row), SEES):
        at += SENSOR
        ux, uy, uz = row[k], row[k + 1], row[k + 2]
        rx, ry, rz = sensors[at], sensors[at + 1], sensors[at + 2]
        x, y, z = ry * uz - rz * uy, rz * ux - rx * uz, rx * uy - ry * ux
        sine = math.sqrt(x * x + y * y + z * z)
        angle_deg = DEGREES * math.atan2(sine, ux * rx + uy * ry + uz * rz)
        if math.isnan(angle_deg):
            continue
        ax, ay, az = sensors[at + AXIS_AT], sensors[at + AXIS_AT + 1], sensors[at + AXIS_AT + 2]
        known = not math.isnan(ax)
        large = angle_deg >= 0.5 * spec[LEAST_DEG] and angle_deg >= FARTHER * sensors[at + LARGEST_AT]
        if large and not (known and state[LEARNT] > 0.0):
            length = math.sqrt(ax * ax + ay * ay + az * az)
            if not (known and x * ax + y * ay + z * az >= AGREES * (sine * length)):  # the first may have been a jolt
                ax, ay, az, known = x, y, z, True
                sensors[at + AXIS_AT], sensors[at + AXIS_AT + 1], sensors[at + AXIS_AT + 2] = x, y, z
            sensors[at + LARGEST_AT] = angle_deg
        n += 1.0
        if not known:
            total += angle_deg
            continue
        size = sine * math.sqrt(ax * ax + ay * ay + az * az)
        along = (x * ax + y * ay + z * az) / (max(LEAST, size)) * (1.0 + 4.0 * angle_deg * angle_deg)
        total += angle_deg if along >= 1.0 else -angle_deg if along <= -1.0 else angle_deg * along
    return total / n if n > 0.0 else UNKNOWN


def step(
    t_s: float, angle_deg: float, row: Sequence[float], spec: Sequence[float], state: Numbers, sensors: Numbers
) -> None:
    """Move on by one tick at which the excursion is this, NaN where none is seen."""
    state[ANGLE] = angle_deg
    if state[PHASE] == REST and angle_deg < 0.5 * spec[LEAST_DEG]:
        drift(row, sensors)
    moved(t_s, angle_deg, spec, state)
    if state[PHASE] == HOLD and not math.isnan(state[HELD_FROM]):
        state[HELD] = t_s - state[HELD_FROM]
    elif state[PHASE] == OUT:
        state[HELD] = 0.0


def drift(row: Sequence[float], sensors: Numbers) -> None:
    """Let the poses of rest follow slowly while their sensors are still."""
    at = -SENSOR
    for k in range(0, len(row), SEES):
        at += SENSOR
        if row[k + 3] > 0.0 and not math.isnan(row[k] + sensors[at]):
            rx, ry, rz = sensors[at], sensors[at + 1], sensors[at + 2]
            x, y, z = rx + DRIFT * (row[k] - rx), ry + DRIFT * (row[k + 1] - ry), rz + DRIFT * (row[k + 2] - rz)
            length = math.sqrt(x * x + y * y + z * z)
            if length == 0.0:
                length = 1.0
            sensors[at], sensors[at + 1], sensors[at + 2] = x / length, y / length, z / length


def moved(t_s: float, angle_deg: float, spec: Sequence[float], state: Numbers) -> None:
    """Move the phase on by one tick at which the angle is this; NaN is a tick without a sample."""
    if not math.isfinite(angle_deg):
        if t_s - state[SEEN] > spec[GAP_S]:  # forget the movement that a gap tore; the pose of rest is kept
            if state[PHASE] != REST:
                state[TORN] += 1.0
                go(REST, state)
            state[Z0] = UNKNOWN
        return
    state[SEEN] = t_s
    if math.isnan(state[Z0]):
        state[Z0], state[Z1], state[LEVEL] = spec[SETTLED0] * angle_deg, spec[SETTLED1] * angle_deg, angle_deg
        if math.isnan(state[BASE]):
            state[BASE] = angle_deg
    level = spec[B0] * angle_deg + state[Z0]
    state[Z0] = spec[B1] * angle_deg - spec[A1] * level + state[Z1]
    state[Z1] = spec[B2] * angle_deg - spec[A2] * level
    speed_dps = (level - state[LEVEL]) / spec[TICK_S]
    state[LEVEL] = level
    if state[PHASE] != REST:
        go_on(t_s, level, speed_dps, spec, state)
        return
    height = level - state[BASE]
    if abs(speed_dps) < spec[START_DPS]:
        state[BASE] = state[BASE] + DRIFT * (level - state[BASE])
    moving = speed_dps > spec[START_DPS] and t_s > state[FREE]
    if lasts(moving, t_s, spec[START_S], state) and height >= spec[START_LEVEL] * state[RANGE]:
        go(OUT, state)
        state[BEGAN], state[TOP], state[LOW] = t_s, level, level


def go_on(t_s: float, level: float, speed_dps: float, spec: Sequence[float], state: Numbers) -> None:
    """Move the phase of a movement that has begun."""
    if level > state[TOP]:
        state[TOP] = state[LOW] = level
    height, phase = level - state[BASE], state[PHASE]
    reach = max(state[RANGE], state[TOP] - state[BASE])
    high = height >= spec[HOLD_LEVEL] * reach
    lowering, slow = speed_dps < -spec[START_DPS], abs(speed_dps) < spec[HOLD_DPS]
    if t_s - state[BEGAN] > spec[MOST_S]:
        state[BASE] = level
        go(REST, state)
    elif height <= spec[AWAY_LEVEL] * reach:
        near_rest(t_s, level, height <= spec[END_LEVEL] * reach, speed_dps, spec, state)
    elif phase == OUT and lowering and high:
        go(BACK, state)
    elif phase == OUT and lasts(slow and high, t_s, spec[HOLD_S], state):
        state[HELD_FROM] = t_s - spec[HOLD_S]
        go(HOLD, state)
    elif phase == HOLD and lasts(lowering, t_s, spec[START_S], state):
        go(BACK, state)
    elif phase == BACK and lasts(high and slow, t_s, spec[HOLD_S], state):
        go(HOLD, state)  # it was only a dip


def near_rest(
    t_s: float,
    level: float,
    low: bool,
    speed_dps: float,
    spec: Sequence[float],
    state: Numbers,
) -> None:
    """Move the phase near the pose of rest: a rep ends when the person rests there, or moves out again."""
    fell = state[PHASE] == BACK or level - state[BASE] < 0.5 * (state[TOP] - state[BASE])
    state[LOW] = min(state[LOW], level)
    if fell and speed_dps > spec[START_DPS] and level - state[LOW] >= spec[START_LEVEL] * state[RANGE]:
        state[ENDED], state[RIPENS], state[BASE] = t_s, state[BEGAN], state[LOW]
        go(OUT, state)
        state[BEGAN], state[TOP], state[LOW] = t_s, level, level
    elif lasts(abs(speed_dps) < spec[START_DPS] and (low or fell), t_s, spec[END_S] if low else spec[AWAY_S], state):
        state[ENDED], state[RIPENS] = t_s, state[BEGAN]
        state[FREE] = t_s + spec[SETTLE_S]
        go(REST, state)


def lasts(condition: bool, t_s: float, length_s: float, state: Numbers) -> bool:
    """Whether a condition has held for so long."""
    if not condition:
        state[SINCE] = UNKNOWN
        return False
    if math.isnan(state[SINCE]):
        state[SINCE] = t_s
    return t_s - state[SINCE] >= length_s - 1e-6


def go(phase: float, state: Numbers) -> None:
    """Enter a phase."""
    if phase == OUT:
        state[HELD_FROM] = UNKNOWN
    elif phase == HOLD and math.isnan(state[HELD_FROM]):
        state[HELD_FROM] = state[SINCE]
    state[PHASE], state[SINCE] = phase, UNKNOWN
