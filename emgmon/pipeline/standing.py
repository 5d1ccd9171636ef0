"""Finds in a recording how the pelvis stood: its motion sensor alone is read, so that it is quick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emgmon.devices import driver_named
from emgmon.exercise.posture import Standing
from emgmon.model import Entry, Mark, Packet
from emgmon.pipeline.calibrating import MARKS, PELVIS, Calibrating
from emgmon.pipeline.intake import DeviceIntake
from emgmon.pipeline.motion import MOTION_QUANTITIES, ImuTrack


class _Pelvis:
    """The track of the motion sensor on the sacrum, and the marks about it on the session clock."""

    def __init__(self) -> None:
        self.track: ImuTrack | None = None
        self.marks: list[tuple[float, Mark]] = []
        self._devices: dict[str, DeviceIntake] = {}
        self._worn: dict[str, Mapping[str, Any]] = {}
        self._epoch_ns: int | None = None

    def take(self, entry: Entry) -> None:
        if self._epoch_ns is None:
            self._epoch_ns = entry.host_ns
        if isinstance(entry, Mark):
            self._mark(entry, (entry.host_ns - self._epoch_ns) * 1e-9)
        elif entry.device in self._devices:
            self._packet(entry, self._devices[entry.device], self._epoch_ns)

    def _mark(self, mark: Mark, t_s: float) -> None:
        name = str(mark.data.get("device", ""))
        if mark.kind == "device" and name not in self._devices:
            driver = driver_named(str(mark.data.get("driver", "")))
            if driver is not None:
                self._devices[name] = DeviceIntake(name, driver.decoder(name))
                self._devices[name].wear(self._worn.get(name, {}))
        elif mark.kind == "placement":
            self._worn[name] = mark.data.get("channels", {})
            if name in self._devices:
                self._devices[name].wear(self._worn[name])
        elif mark.kind == "connected" and name in self._devices:
            self._devices[name].connected()
            if self.track is not None and self.track.stream.device == name:
                self.track.gravity.restart()
        elif mark.kind in MARKS:
            self.marks.append((t_s, mark))

    def _packet(self, packet: Packet, device: DeviceIntake, epoch_ns: int) -> None:
        for block in device.take(packet, epoch_ns):
            place = block.stream.placements[0]
            if block.stream.quantity in MOTION_QUANTITIES and place is not None and place.muscle == PELVIS:
                if self.track is None:
                    self.track = ImuTrack(block.stream)
                if self.track.stream.device == block.stream.device:
                    self.track.add(block)


def standing_in(entries: Iterable[Entry]) -> Standing | str:
    """Return how the pelvis stood over five seconds, or one sentence why that is not known."""
    pelvis = _Pelvis()
    for entry in entries:
        pelvis.take(entry)
    calibrating = Calibrating()
    for t_s, mark in pelvis.marks:
        calibrating.mark(t_s, mark, [pelvis.track] if pelvis.track is not None else [])
    return calibrating.standing(pelvis.track)
