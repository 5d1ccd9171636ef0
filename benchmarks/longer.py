"""Sessions of any length and number of channels, made of one short simulated one, without holding them in memory.

A stretch of whole seconds around the set is repeated: counters, sample indices and device times in the packets go on,
arrivals and marks move along. So ten hours cost the making of one minute. Own sensors only (the open profile).
"""

from __future__ import annotations

import heapq
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

import firmware_sim
from emgmon.exercise.catalogue import packaged
from emgmon.model import MUSCLES, SIDES, Entry, Mark, Packet
from firmware_sim.wearer import Script

EXERCISE = "bridge_2leg"
EMG, IMU, STATUS = (f"c331000{k}-2714-438a-ab5f-5cbde8590098" for k in (4, 5, 6))
HEAD = struct.Struct("<HII")
"""Sequence, index of the first sample and device time of a data packet, from its third byte on."""
S_NS = 1_000_000_000


def script_of(reps: int = 4, seed: int = 1) -> Script:
    """Make one wearer's set."""
    return firmware_sim.bridges(reps, seed=seed, takeover=False)


def entries_of(script: Script, seed: int = 1, **options: object) -> list[Entry]:
    """Make a simulated session, as a live session would write it."""
    records = list(firmware_sim.stream(script, seed=seed, **options))  # type: ignore[arg-type]
    began_ns = records[0].host_ns
    about = {
        "program": "emgmon benchmark",
        "source": "simulated",
        "simulated": True,
        "started_utc": "2026-01-02T03:04:05+00:00",
    }
    made: list[Entry] = [Mark(began_ns, "session", about), Mark(began_ns, "exercise", packaged()[EXERCISE].table())]
    for record in records:
        if record.tag == "packet":
            made.append(Packet(record.device, record.port, record.host_ns, record.payload))
        else:
            made.append(Mark(record.host_ns, record.kind, record.data))
    return made


def repeated(entries: list[Entry], seconds: float) -> Iterator[Entry]:
    """Yield a session of at least so many seconds: its beginning, and its set again and again.

    The stretch that is repeated begins a second before the set and is a whole number of seconds long.
    """
    marks = {entry.kind: entry.host_ns for entry in entries if isinstance(entry, Mark)}
    from_ns = marks["set_start"] - S_NS
    span_s = (_all_until_ns(entries) - from_ns) // S_NS
    if from_ns + span_s * S_NS <= marks["set_stop"]:
        raise ValueError("the session ends too soon after its set")
    times = max(1, round((seconds - (from_ns - entries[0].host_ns) / S_NS) / span_s))
    yield from (entry for entry in entries if entry.host_ns < from_ns)
    streams: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if from_ns <= entry.host_ns:
            key = (entry.device, entry.port) if isinstance(entry, Packet) else ("", "")
            streams[key].append(entry)
    yield from heapq.merge(
        *(_looped(stream, span_s, times) for stream in streams.values()), key=lambda entry: entry.host_ns
    )


def _all_until_ns(entries: list[Entry]) -> int:
    """When the first of the sensors falls silent."""
    last = {(entry.device, entry.port): entry.host_ns for entry in entries if isinstance(entry, Packet)}
    return min(at_ns for (_device, port), at_ns in last.items() if port in (EMG, IMU))


def _looped(stream: list[Entry], span_s: int, times: int) -> Iterator[Entry]:
    """Repeat what lies within one span of a stream; a stream's packets follow each other without a gap."""
    stop_ns = stream[0].host_ns + span_s * S_NS
    first = stream[0]
    if isinstance(first, Packet) and first.port in (EMG, IMU):
        rate_hz = 1000 if first.port == EMG else 100
        begin = HEAD.unpack_from(first.payload, 2)[1]
        kept = [e for e in stream if HEAD.unpack_from(e.payload, 2)[1] < begin + span_s * rate_hz]  # type: ignore[union-attr]
    else:
        rate_hz, kept = 0, [entry for entry in stream if entry.host_ns < stop_ns]
    for k in range(times):
        yield from (_moved(entry, k, span_s, len(kept), rate_hz) for entry in kept)


def _moved(entry: Entry, k: int, span_s: int, packets: int, rate_hz: int) -> Entry:
    host_ns = entry.host_ns + k * span_s * S_NS
    if not rate_hz or not isinstance(entry, Packet):
        return replace(entry, host_ns=host_ns)
    sequence, index, device_us = HEAD.unpack_from(entry.payload, 2)
    head = HEAD.pack(
        (sequence + k * packets) & 0xFFFF,
        (index + k * span_s * rate_hz) & 0xFFFFFFFF,
        (device_us + k * span_s * 1_000_000) & 0xFFFFFFFF,
    )
    return Packet(entry.device, entry.port, host_ns, entry.payload[:2] + head + entry.payload[2 + HEAD.size :])


def widened(entries: Iterable[Entry], channels: int) -> list[Entry]:
    """Make a session of so many sensors of one of a single one: the same bytes at other muscles."""
    places = [f"{muscle}/{side}" for muscle in MUSCLES for side in SIDES[:2]][:channels]
    if len(places) < channels:
        raise ValueError(f"there are {len(places)} places, not {channels}")
    made: list[Entry] = []
    for entry in entries:
        device = entry.device if isinstance(entry, Packet) else entry.data.get("device")
        if device is None:
            made.append(entry)
            continue
        for k, place in enumerate(places):
            name = f"S{k}"
            if isinstance(entry, Packet):
                made.append(replace(entry, device=name))
                continue
            made.append(replace(entry, data={**entry.data, "device": name}))
            if entry.kind == "device":
                made.append(Mark(entry.host_ns, "placement", {"device": name, "channels": {"emg": [place]}}))
    return made
