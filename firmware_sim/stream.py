"""Sensors without a radio: all that a host would have received from a script, as fast as the CPU allows."""

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from firmware_sim import profile
from firmware_sim.faults import SUPERVISION_S, Damage, Faults, Timing
from firmware_sim.firmware import SENSOR_SITES, Sensor, sensor_names
from firmware_sim.physiology import body_signals
from firmware_sim.wearer import Script

HOST_EPOCH_NS = 1_000_000_000_000
LEAD_S = 2.0  # world time of the script's beginning; the sensors stream by then
DRIVER = "emgmon_gatt"
_STEP_S = 0.1
_MTU = 247
_CONNECT_S = 0.12  # from one sensor's connection to the next, and of a reconnection
_START_BOTH = bytes((profile.Op.START, profile.EMG_STREAM | profile.IMU_STREAM))


class PacketRecord(NamedTuple):
    """A value that arrived: `port` is the characteristic's UUID."""

    tag: Literal["packet"]
    host_ns: int
    device: str
    port: str
    payload: bytes


class MarkRecord(NamedTuple):
    """Something that the person or the link did."""

    tag: Literal["mark"]
    host_ns: int
    kind: str
    data: dict[str, Any]


Record = PacketRecord | MarkRecord


def stream(
    script: Script,
    *,
    seed: int = 0,
    faults: Faults | None = None,
    sensors: Iterable[str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Iterator[Record]:
    """Play a script through sensors and links without a radio.

    Parameters
    ----------
    script : Script
    seed : int
        Person, sensors and links; the same seed gives the same bytes.
    faults : Faults, optional
        A healthy link when absent.
    sensors : iterable of str, optional
        Names such as ``EMG-GL``; all six when absent.
    labels : mapping of str to str, optional
        Other label texts (description tag 10) by sensor name.

    Yields
    ------
    PacketRecord or MarkRecord
        By host time. Script time t is at ``HOST_EPOCH_NS + (LEAD_S + t) * 1e9`` ns.
    """
    faults = faults or Faults()
    names = sensor_names(sensors)
    links = [
        _Link(script, name, seed, faults, (labels or {}).get(name)).records(0.1 + _CONNECT_S * position)
        for position, name in enumerate(names)
    ]
    cues = (MarkRecord("mark", _host_ns(LEAD_S + cue.t_s), cue.kind, dict(cue.data)) for cue in script.cues)
    yield from heapq.merge(cues, *links, key=lambda record: record.host_ns)


def _host_ns(world_s: float) -> int:
    return HOST_EPOCH_NS + round(world_s * 1e9)


class _Link:
    """One sensor and its connection to the host."""

    def __init__(self, script: Script, name: str, seed: int, faults: Faults, label: str | None) -> None:
        self._name = name
        self._faults = faults
        signals = body_signals(script, SENSOR_SITES[name], seed=seed)
        self._sensor = Sensor(name, signals, seed=seed, label=label)
        self._sensor.conditions.begin_s = LEAD_S
        self._sensor.conditions.lifted_s = faults.lifted_of(name)
        rng = np.random.default_rng([seed, 7, list(SENSOR_SITES).index(name)])
        self._timing = Timing(faults, rng)
        self._damage = Damage(faults, name, rng)
        self._end_s = LEAD_S + script.duration_s

    def records(self, connect_s: float) -> Iterator[Record]:
        """Everything about this device from its first connection, made at world time `connect_s`."""
        yield self._mark(connect_s, "device", {"device": self._name, "driver": DRIVER})
        start_s = connect_s
        for outage in self._faults.outages_of(self._name):
            silent_s = LEAD_S + outage.t_s
            if silent_s <= start_s or silent_s >= self._end_s:
                continue
            yield from self._connection(start_s, silent_s)
            lost_s = silent_s + min(SUPERVISION_S, outage.duration_s / 2)
            yield self._mark(lost_s, "lost", {"device": self._name})
            self._sensor.disconnected()
            start_s = LEAD_S + outage.end_s + _CONNECT_S
            if math.isinf(start_s) or start_s >= self._end_s:
                return
        yield from self._connection(start_s, self._end_s)

    def _connection(self, start_s: float, end_s: float) -> Iterator[Record]:
        """Handshake and data of one connection, until the link falls silent."""
        sensor = self._sensor
        sensor.advance(start_s)
        for port in (profile.DESCRIPTION, profile.BATTERY_LEVEL):
            yield self._packet(self._timing.arrival_s(start_s), port, sensor.read(port))
        for port, answer in sensor.write(profile.CONTROL, _START_BOTH, _MTU, start_s):
            connected_s = self._timing.arrival_s(start_s)
            yield self._packet(connected_s, port, answer)
        yield self._mark(connected_s + 1e-7, "connected", {"device": self._name})
        for step in range(1, math.ceil((end_s - start_s) / _STEP_S) + 1):
            world_s = min(start_s + step * _STEP_S, end_s)
            air = not self._faults.stalled(self._name, world_s - LEAD_S)
            for sent_s, port, payload in sensor.advance(world_s, air=air):
                arrival_s = self._timing.arrival_s(sent_s)
                if arrival_s < end_s:
                    for copy in self._damage.copies(payload):
                        yield self._packet(arrival_s, port, copy)

    def _packet(self, world_s: float, port: str, payload: bytes) -> PacketRecord:
        return PacketRecord("packet", _host_ns(world_s), self._name, port, payload)

    def _mark(self, world_s: float, kind: str, data: dict[str, Any]) -> MarkRecord:
        return MarkRecord("mark", _host_ns(world_s), kind, data)
