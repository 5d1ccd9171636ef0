"""What the mains canceller learns at the end of a block: one text for CPython and, compiled, for numba.

`state` is flat: the angular frequency (rad/sample), the Kalman filter's phase, covariance and rate, then for each line
real and imaginary part of its phasor, its variance, and the noise beside it.
"""

from __future__ import annotations

import math
from collections.abc import MutableSequence, Sequence

from emgmon.dsp.mains import FARTHEST_HZ
from emgmon.model import Array

LOST_RAD2 = 3.3
"""Variance of a phase of which nothing is known."""
HEAD, EACH = 4, 4
"""Numbers of the state before the lines, and for each."""


def learn(state: MutableSequence[float] | Array, sums: Sequence[float] | Array, known: Sequence[float] | Array) -> None:
    """Move by what was left in a block, then turn all phases to the beginning of the next one.

    Parameters
    ----------
    state : sequence
        It is changed.
    sums : sequence
        Of each line six numbers: what is left times cosine and sine of the line, and those times waves
        one cycle in a block beside it (cosine by cosine, sine by sine, and crosswise); empty where some is lost.
    known : sequence
        Length of a block in seconds and in samples, rate, expected change of frequency (rad/s in a second) and of a
        line's variance in a block, least noise, least and largest frequency (rad/sample).
    """
    block_s, block, _fs_hz, wander, grown = known[0], known[1], known[2], known[3], known[4]
    n_lines, omega = (len(state) - HEAD) // EACH, state[0]
    for line in range(n_lines):
        state[HEAD + EACH * line + 2] += grown
    widened = wander * wander * block_s
    state[1] += block_s * (2.0 * state[2] + block_s * state[3]) + widened * block_s * block_s / 3.0
    state[2] += block_s * state[3] + widened * block_s / 2.0
    state[3] += widened
    if state[1] > LOST_RAD2:
        state[2] *= math.sqrt(LOST_RAD2 / state[1])
        state[1] = LOST_RAD2
    most = (2.0 * math.pi * FARTHEST_HZ) ** 2
    if state[3] > most:
        state[2] *= math.sqrt(most / state[3])
        state[3] = most
    if len(sums):
        move(state, sums, known)
    for line in range(n_lines):
        at = HEAD + EACH * line
        turn = block * omega * (line + 1)
        c, s, re, im = math.cos(turn), math.sin(turn), state[at], state[at + 1]
        state[at], state[at + 1] = re * c - im * s, re * s + im * c


def move(state: MutableSequence[float] | Array, sums: Sequence[float] | Array, known: Sequence[float] | Array) -> None:
    """Correct phases and frequency by the strongest line, then each length; the others' own phases too."""
    scale, fs_hz, floor = 2.0 / known[1], known[2], known[5]
    n_lines, chosen, worth = (len(state) - HEAD) // EACH, 0, -1.0
    for line in range(n_lines):
        at, first = HEAD + EACH * line, 6 * line
        beside = 0.0
        for k in range(first + 2, first + 6):
            beside += sums[k] * sums[k]
        beside *= 0.5 * scale * scale
        noise = max(beside, state[at + 3] + 0.2 * (beside - state[at + 3])) + floor
        state[at + 3] = noise
        power = max(state[at] * state[at] + state[at + 1] * state[at + 1], 1e-9 * noise)
        this = (line + 1) * (line + 1) * power / noise
        if this > worth:
            chosen, worth = line, this
    at, number = HEAD + EACH * chosen, chosen + 1
    re, im, noise = state[at], state[at + 1], state[at + 3]
    seen_re, seen_im = re + scale * sums[6 * chosen], im - scale * sums[6 * chosen + 1]
    error = math.atan2(seen_im * re - seen_re * im, seen_re * re + seen_im * im) / number
    power = max(re * re + im * im, 1e-9 * noise)
    total = state[1] + noise / power / (number * number)
    gain, faster = state[1] / total, state[2] / total
    state[3] -= faster * state[2]
    state[2] *= 1.0 - gain
    state[1] *= 1.0 - gain
    state[0] = min(max(state[0] + faster * error / fs_hz, known[6]), known[7])
    for line in range(n_lines):
        at, first = HEAD + EACH * line, 6 * line
        re, im, turn = state[at], state[at + 1], gain * error * (line + 1)
        seen_re, seen_im = re + scale * sums[first], im - scale * sums[first + 1]
        c, s = math.cos(turn), math.sin(turn)
        re, im = re * c - im * s, re * s + im * c
        step_re, step_im = seen_re - re, seen_im - im
        if line == chosen:
            length = max(math.sqrt(re * re + im * im), 1e-150)
            towards_re, towards_im = re / length, im / length
            along = step_re * towards_re + step_im * towards_im
            step_re, step_im = along * towards_re, along * towards_im
        share = state[at + 2] / (state[at + 2] + state[at + 3])
        state[at], state[at + 1] = re + share * step_re, im + share * step_im
        state[at + 2] *= 1.0 - share
