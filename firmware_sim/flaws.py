"""Sensors of the open profile that break one rule each, to show that an examination of firmware can fail.

Each flaw is a function of a healthy sensor that spoils what it says; nothing else about it changes. They are named
after what is wrong, and know nothing of who examines them.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MethodType
from typing import Any

from firmware_sim import profile
from firmware_sim.firmware import Sensor
from firmware_sim.profile import Op, Status, Tag
from firmware_sim.sensors.base import Answer

Spoil = Callable[[Sensor], None]
_DATA = (profile.EMG_DATA, profile.IMU_DATA)


def _patched(sensor: Sensor, name: str, function: Callable[..., Any]) -> None:
    """Replace a method; the new one is given the old one first."""
    old = getattr(sensor, name)
    setattr(sensor, name, MethodType(lambda _self, *args, **named: function(old, *args, **named), sensor))


def _reads(uuid: str, change: Callable[[bytes], bytes]) -> Spoil:
    return lambda sensor: _patched(sensor, "read", lambda old, port: change(old(port)) if port == uuid else old(port))


def _answers(op: int, change: Callable[[bytes], bytes]) -> Spoil:
    """Spoil the control point's answer to one operation."""

    def write(old: Any, port: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        return [
            (uuid, change(value) if uuid == profile.CONTROL and data[:1] == bytes([op]) else value)
            for uuid, value in old(port, data, mtu, world_s)
        ]

    return lambda sensor: _patched(sensor, "write", write)


def _status(op: int, wrong: Status) -> Spoil:
    """Answer success wherever another status is due."""
    return _answers(op, lambda value: value[:2] + bytes([Status.SUCCESS]) + value[3:] if value[2] == wrong else value)


def _data(change: Callable[[bytes], bytes | None]) -> Spoil:
    """Spoil data packets; None swallows one."""

    def advance(old: Any, world_s: float, *, air: bool = True) -> list[tuple[float, str, bytes]]:
        out = []
        for sent_s, port, value in old(world_s, air=air):
            changed = change(value) if port in _DATA else value
            if changed is not None:
                out.append((sent_s, port, changed))
        return out

    return lambda sensor: _patched(sensor, "advance", advance)


def _field(at: int, form: str, change: Callable[[int], int]) -> Callable[[bytes], bytes]:
    """Change one number of a packet's header."""
    size = struct.calcsize(form)

    def spoil(value: bytes) -> bytes:
        (number,) = struct.unpack_from(form, value, at)
        return value[:at] + struct.pack(form, change(number) % (1 << (8 * size))) + value[at + size :]

    return spoil


def _forgets_label(sensor: Sensor) -> None:
    """Accept a new label and keep the old one."""
    label = sensor.label

    def write(old: Any, port: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        answers: list[Answer] = old(port, data, mtu, world_s)
        sensor.label = label
        return answers

    _patched(sensor, "write", write)


def _talks_on(sensor: Sensor) -> None:
    """Go on sending the last packet after a stop."""
    last: dict[str, bytes] = {}
    stopped = [False]

    def advance(old: Any, world_s: float, *, air: bool = True) -> list[tuple[float, str, bytes]]:
        sent: list[tuple[float, str, bytes]] = old(world_s, air=air)
        last.update({port: value for _sent_s, port, value in sent if port in _DATA})
        return sent if sent or not stopped[0] else [(world_s, port, value) for port, value in last.items()]

    def write(old: Any, port: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        stopped[0] = data[:1] == bytes([Op.STOP]) or (stopped[0] and data[:1] != bytes([Op.START]))
        answers: list[Answer] = old(port, data, mtu, world_s)
        return answers

    _patched(sensor, "advance", advance)
    _patched(sensor, "write", write)


def _counts_on(sensor: Sensor) -> None:
    """Let index and sequence go on after a stop and a start."""
    starts = [0]

    def write(old: Any, port: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        answers: list[Answer] = old(port, data, mtu, world_s)
        if data[:1] == bytes([Op.START]) and answers and answers[0][1][2] == Status.SUCCESS:
            starts[0] += 1
        return answers

    _patched(sensor, "write", write)
    later = _field(4, "<I", lambda index: index + 1000)
    _data(lambda value: later(value) if starts[0] > 1 else value)(sensor)


def _writes_unheard(sensor: Sensor) -> None:
    """Take a write although nobody listens to the answer."""
    table = tuple(replace(entry, needs_listener=False) for entry in sensor.gatt_table)
    sensor.__class__ = type("OpenControl", (sensor.__class__,), {"gatt_table": property(lambda _self: table)})


def _lacks(uuid: str) -> Spoil:
    """Leave a characteristic out of the table."""

    def spoil(sensor: Sensor) -> None:
        table = tuple(entry for entry in sensor.gatt_table if entry.uuid != uuid)
        sensor.__class__ = type("Lacking", (sensor.__class__,), {"gatt_table": property(lambda _self: table)})

    return spoil


def _streams_on(sensor: Sensor) -> None:
    """Go on streaming over a lost connection."""
    _patched(sensor, "disconnected", lambda _old: None)


def _silent_status(sensor: Sensor) -> None:
    """Never send the status."""
    _patched(sensor, "_notices", lambda _old, _world_s: [])


def _other_name(sensor: Sensor) -> None:
    """Advertise another name."""
    _patched(sensor, "advertisement", lambda old: replace(old(), name="Gadget"))


def _without_mandatory(value: bytes) -> bytes:
    """Leave the signal kind out of a description by giving its tag another number."""
    return value.replace(bytes((Tag.SIGNAL_KIND, 1)), bytes((0x7E, 1)))


def _mute(op: int) -> Spoil:
    """Answer one operation as if it did not exist."""
    return _answers(op, lambda value: value[:2] + bytes([Status.OP_NOT_SUPPORTED]))


def _always_fails(_value: bytes) -> bytes:
    return b""


FLAWS: Mapping[str, Spoil] = {
    "another name": _other_name,
    "no status characteristic": _lacks(profile.STATUS),
    "no signal kind": _reads(profile.DESCRIPTION, _without_mandatory),
    "label in free words": lambda sensor: setattr(sensor, "label", "left buttock"),
    "battery in millivolts": _reads(profile.BATTERY_LEVEL, lambda _value: b"\x10\x0f"),
    "no maker's name": _reads(profile.MANUFACTURER, _always_fails),
    "control point open to the deaf": _writes_unheard,
    "unknown operation succeeds": _answers(0x7F, lambda value: value[:2] + bytes([Status.SUCCESS])),
    "start of nothing succeeds": _status(Op.START, Status.INVALID_PARAMETER),
    "any rate is taken": _status(Op.SET_CONFIG, Status.NOT_OFFERED),
    "packets larger than the link": _status(Op.START, Status.MTU_TOO_SMALL),
    "stop of nothing succeeds": _status(Op.STOP, Status.WRONG_STATE),
    "echo without the nonce": _answers(Op.TIME_ECHO, lambda value: value[:3] + bytes(4) + value[7:]),
    "no lamp": _mute(Op.IDENTIFY),
    "label forgotten": _forgets_label,
    "no electrode check": _mute(Op.ELECTRODE_CHECK),
    "start without a time": _answers(Op.START, lambda value: value[:3]),
    "no motion data": _data(lambda value: value if value[12] == 1 else None),
    "a twentieth too slow": lambda sensor: setattr(sensor, "clock", replace(sensor.clock, ppm=-50_000.0)),
    "header of version 2": _data(_field(0, "<B", lambda first: 0x20 | (first & 15))),
    "sequence stands still": _data(_field(2, "<H", lambda _sequence: 0)),
    "index in packets": _data(_field(4, "<I", lambda index: index // 2)),
    "time in milliseconds": _data(_field(8, "<I", lambda device_us: device_us // 1000)),
    "silent about its status": _silent_status,
    "start twice succeeds": _status(Op.START, Status.WRONG_STATE),
    "talks on after stop": _talks_on,
    "counts on after a restart": _counts_on,
    "test signal not marked": _data(_field(1, "<B", lambda flags: flags & ~profile.Flag.TEST_SIGNAL)),
    "streams into the next connection": _streams_on,
}
"""What is wrong, in words, and how to make a sensor so."""
