"""Sensors without a radio: all that a host would have received from a script, as fast as the CPU allows."""

import heapq
import math
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np

from firmware_sim.body import Body
from firmware_sim.faults import SUPERVISION_S, Damage, Faults, Timing
from firmware_sim.kits import OWN_KIT, Unit, Wardrobe, make, number_of, units_of
from firmware_sim.sensors.base import Read, SimulatedSensor, Subscribe, Wait, Write
from firmware_sim.wearer import Script

HOST_EPOCH_NS = 1_000_000_000_000
LEAD_S = 2.0  # world time of the script's beginning; the sensors stream by then
HOST_MTU = 247
WRITTEN = ">"  # before the UUID of a characteristic that the host wrote
_STEP_S = 0.1
_CONNECT_S = 0.12  # from one sensor's connection to the next, and of a reconnection
_ALL_CONNECTED_S = 1.0  # a host with many sensors hurries


class PacketRecord(NamedTuple):
    """A value that arrived: `port` is the characteristic's UUID, behind ``>`` where the host wrote it."""

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
    kit: str = OWN_KIT,
    faults: Faults | None = None,
    sensors: Iterable[str] | None = None,
    labels: Mapping[str, str] | None = None,
    body: Body | None = None,
) -> Iterator[Record]:
    """Play a script through sensors and links without a radio.

    Parameters
    ----------
    script : Script
    seed : int
        Person, sensors and links; the same seed gives the same bytes.
    kit : str
        Key of `firmware_sim.kits.KITS`: which sensors the person wears, and where.
    faults : Faults, optional
        A healthy link when absent.
    sensors : iterable of str, optional
        Names such as ``EMG-GL``; the whole kit when absent.
    labels : mapping of str to str, optional
        Other label texts (description tag 10) by name, for sensors that bear one.
    body : Body, optional
        Another person, day, source of EMG, or artefacts.

    Yields
    ------
    PacketRecord or MarkRecord
        By host time. Script time t is at ``HOST_EPOCH_NS + (LEAD_S + t) * 1e9`` ns.
    """
    faults = faults or Faults()
    wardrobe = Wardrobe(script, seed, body)
    end_s = LEAD_S + script.duration_s
    links = []
    units = units_of(kit, sensors)
    for position, unit in enumerate(units):
        label = (labels or {}).get(unit.name)
        worn = replace(unit, options={**unit.options, "label": label}) if label else unit
        rng = np.random.default_rng([seed, 7, number_of(kit, unit)])
        link = _Link(unit, make(worn, wardrobe, seed), faults, rng, end_s)
        links.append(link.records(0.1 + min(_CONNECT_S, _ALL_CONNECTED_S / len(units)) * position))
    cues = (MarkRecord("mark", _host_ns(LEAD_S + cue.t_s), cue.kind, dict(cue.data)) for cue in script.cues)
    yield from heapq.merge(cues, *links, key=lambda record: record.host_ns)


def _host_ns(world_s: float) -> int:
    return HOST_EPOCH_NS + round(world_s * 1e9)


class _Link:
    """One sensor and its connection to the host."""

    def __init__(
        self, unit: Unit, sensor: SimulatedSensor, faults: Faults, rng: np.random.Generator, end_s: float
    ) -> None:
        self._unit, self._sensor, self._faults = unit, sensor, faults
        sensor.conditions.begin_s = LEAD_S
        sensor.conditions.lifted_s = faults.lifted_of(unit.name)
        self._mtu = min(HOST_MTU, sensor.largest_mtu, faults.largest_mtu)
        self._timing = Timing(faults, rng, sensor.interval_s)
        self._damage = Damage(faults, unit.name, rng)
        self._listening: set[str] = set()
        self._end_s = end_s

    def records(self, connect_s: float) -> Iterator[Record]:
        """Everything about this device from its first connection, made at world time `connect_s`."""
        name = self._unit.name
        yield self._mark(connect_s, "device", {"device": name, "driver": self._sensor.driver})
        if not self._unit.labelled:
            yield self._mark(connect_s, "placement", self._unit.placement())
        start_s = connect_s
        for outage in self._faults.outages_of(name):
            silent_s = LEAD_S + outage.t_s
            if silent_s <= start_s or silent_s >= self._end_s:
                continue
            yield from self._connection(start_s, silent_s)
            if not self._sensor.powered:
                return
            lost_s = silent_s + min(SUPERVISION_S, outage.duration_s / 2)
            yield self._mark(lost_s, "lost", {"device": name})
            self._sensor.disconnected()
            start_s = LEAD_S + outage.end_s + _CONNECT_S
            if math.isinf(start_s) or start_s >= self._end_s:
                return
        yield from self._connection(start_s, self._end_s)

    def _connection(self, start_s: float, end_s: float) -> Iterator[Record]:
        """Handshake and data of one connection, until the link falls silent.

        A sensor that says where it sits is called connected once it streams; any other as soon as the link is up, and
        started when the conversation is over.
        """
        self._sensor.advance(start_s)
        self._sensor.connected(start_s, self._faults.interval_of(self._sensor.interval_s))
        self._listening.clear()
        connected = {"device": self._unit.name}
        if not self._unit.labelled:
            yield self._mark(start_s, "connected", connected)
        now_s = yield from self._conversation(start_s, end_s)
        if self._unit.labelled:
            yield self._mark(self._timing.last_s + 1e-7, "connected", connected)
        else:
            yield self._mark(max(now_s, self._timing.last_s), "started", connected)
        yield from self._data(now_s, end_s, end_s)
        if not self._sensor.powered:
            yield self._mark(max(self._timing.last_s, now_s) + SUPERVISION_S, "lost", connected)

    def _conversation(self, now_s: float, end_s: float) -> Generator[Record, None, float]:
        """Do what the sensor's book says, and record what both sides said; returns the world time at its end."""
        sensor = self._sensor
        for step in sensor.book():
            match step:
                case Read(uuid):
                    yield self._packet(self._timing.arrival_s(now_s), uuid, sensor.read(uuid))
                case Subscribe(uuid):
                    self._listening.add(uuid)
                    sensor.subscribed(uuid, True, self._mtu, now_s)
                case Write(uuid, payload, recorded):
                    if recorded:
                        now_s = max(now_s, self._timing.last_s)
                        yield self._packet(now_s, WRITTEN + uuid, payload)
                    for port, answer in sensor.write(uuid, payload, self._mtu, now_s):
                        if port in self._listening:
                            yield self._packet(self._timing.arrival_s(now_s), port, answer)
                case Wait(length_s):
                    until_s = max(now_s, self._timing.last_s) + length_s
                    yield from self._data(now_s, until_s, end_s)
                    now_s = max(until_s, self._timing.last_s)
        return now_s

    def _data(self, start_s: float, until_s: float, end_s: float) -> Iterator[Record]:
        """Hear what the sensor says from `start_s` to `until_s`, as far as it arrives before the silence at `end_s`."""
        for step in range(1, math.ceil((until_s - start_s) / _STEP_S) + 1):
            world_s = min(start_s + step * _STEP_S, until_s)
            air = not self._faults.stalled(self._unit.name, world_s - LEAD_S)
            for sent_s, port, payload in self._sensor.advance(world_s, air=air):
                if port not in self._listening:
                    continue
                arrival_s = self._timing.arrival_s(sent_s)
                if arrival_s < end_s:
                    for copy in self._damage.copies(payload):
                        yield self._packet(arrival_s, port, copy)
            if not self._sensor.powered:
                return

    def _packet(self, world_s: float, port: str, payload: bytes) -> PacketRecord:
        return PacketRecord("packet", _host_ns(world_s), self._unit.name, port, payload)

    def _mark(self, world_s: float, kind: str, data: dict[str, Any]) -> MarkRecord:
        return MarkRecord("mark", _host_ns(world_s), kind, data)
