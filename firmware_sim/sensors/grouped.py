"""Streams whose samples leave in groups of a fixed size: when a group is whole, and the times of its samples."""

import numpy as np

from firmware_sim.sensors.worn import Array, Sampler

GRAVITY_M_S2 = 9.80665


def group_due_s(sampler: Sampler, size: int) -> float:
    """World time of the last sample of the next group of `size`."""
    return sampler.world_s(sampler.taken + size - 1)


def take_groups(sampler: Sampler, size: int, world_s: float) -> tuple[Array, Array]:
    """Take all whole groups up to `world_s`.

    Returns
    -------
    ready_s : ndarray, shape (groups,)
        World times of the last samples.
    times_s : ndarray, shape (groups * size,)
        World times of all samples.
    """
    end = max(sampler.taken, sampler.taken_by(world_s) // size * size)
    times_s = sampler.started_s + np.arange(sampler.taken, end) / sampler.rate_hz
    sampler.taken = end
    return times_s[size - 1 :: size], times_s
