"""What a link does to a recording of a healthy one: each fault is a function from entries to entries.

The harm is done to the notifications of one sensor, between `FROM_S` and `UNTIL_S` of the session, so that what was
lost lies between things that came: what nobody can see missing is the end of a stream. The host's own writes and all
marks stay. Reconnections are not here, because a sensor does other things then: they come from the simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from emgmon.devices.base import WRITTEN
from emgmon.model import Entry, Mark, Packet
from firmware_sim.faults import Damage, Faults
from firmware_sim.stream import HOST_EPOCH_NS

FROM_S, UNTIL_S = 4.0, 15.5
"""Time of the harm, from the beginning of the simulation; both long after the start and before the end."""

Harm = Callable[[Sequence[Entry], np.random.Generator], list[Entry]]


def time_s(entry: Entry) -> float:
    """Seconds since the simulation began."""
    return (entry.host_ns - HOST_EPOCH_NS) * 1e-9


def exposed(entry: Entry) -> bool:
    """Whether a fault may touch this entry."""
    return isinstance(entry, Packet) and not entry.port.startswith(WRITTEN) and FROM_S < time_s(entry) < UNTIL_S


def damaged(faults: Faults) -> Harm:
    """Losses, duplicates, wrong bits and cut-off ends, by the simulator's own model."""

    def harm(entries: Sequence[Entry], rng: np.random.Generator) -> list[Entry]:
        damage = Damage(faults, "", rng)
        return [copy for entry in entries for copy in _copies(entry, damage)]

    return harm


def _copies(entry: Entry, damage: Damage) -> Iterator[Entry]:
    if isinstance(entry, Packet) and exposed(entry):
        for payload in damage.copies(entry.payload):
            yield replace(entry, payload=payload)
    else:
        yield entry


def reordered(share: float) -> Harm:
    """Two notifications in a row change places, in `share` of cases."""

    def harm(entries: Sequence[Entry], rng: np.random.Generator) -> list[Entry]:
        out = list(entries)
        position = 0
        while position < len(out) - 1:
            first, second = out[position], out[position + 1]
            if exposed(first) and exposed(second) and rng.random() < share:
                out[position] = replace(second, host_ns=first.host_ns)
                out[position + 1] = replace(first, host_ns=second.host_ns)
                position += 1
            position += 1
        return out

    return harm


def jittered(most_s: float) -> Harm:
    """Each notification comes up to `most_s` later, in the same order; so does what comes after it."""

    def harm(entries: Sequence[Entry], rng: np.random.Generator) -> list[Entry]:
        out: list[Entry] = []
        newest_ns = 0
        for entry in entries:
            late_ns = int(rng.uniform(0.0, most_s) * 1e9) if exposed(entry) else 0
            newest_ns = max(newest_ns, entry.host_ns + late_ns)
            out.append(replace(entry, host_ns=newest_ns))
        return out

    return harm


def slowed(ppm: float) -> Harm:
    """Let the sensor's clock run slow by `ppm` more than it does (fast when negative)."""

    def harm(entries: Sequence[Entry], _rng: np.random.Generator) -> list[Entry]:
        def later(host_ns: int) -> int:
            return HOST_EPOCH_NS + round((host_ns - HOST_EPOCH_NS) * (1.0 + ppm * 1e-6))

        return [replace(entry, host_ns=later(entry.host_ns)) for entry in entries]

    return harm


def rebooted(off_s: float, on_s: float) -> Harm:
    """Let the sensor boot anew: indices, clock and settings begin again, and the host starts it again.

    Up to `off_s` the entries are as they were; from `on_s` on they come again from the first connection on.
    """

    def harm(entries: Sequence[Entry], _rng: np.random.Generator) -> list[Entry]:
        end_ns = entries[-1].host_ns
        shift_ns = round(on_s * 1e9)
        device = next(entry.device for entry in entries if isinstance(entry, Packet))
        again = [replace(entry, host_ns=entry.host_ns + shift_ns) for entry in entries]
        linked = [entry for entry in again if isinstance(entry, Packet) or entry.kind == "connected"]
        person = [entry for entry in entries if isinstance(entry, Mark) and time_s(entry) >= off_s]
        before = [entry for entry in entries if time_s(entry) < off_s]
        lost = Mark(HOST_EPOCH_NS + round((off_s + 0.5) * 1e9), "lost", {"device": device})
        after = [entry for entry in linked if entry.host_ns < end_ns]
        return [*before, *sorted([lost, *after, *person], key=lambda entry: entry.host_ns)]

    return harm
