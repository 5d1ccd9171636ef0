"""Finds in a recording how the pelvis stood: its motion sensor alone is read, so that it is quick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emgmon.devices import driver_named
from emgmon.dsp.inertial_calibration import sagittal_deg, stance
from emgmon.dsp.orientation import UP
from emgmon.exercise.posture import Standing
from emgmon.model import Array, Entry, Mark, Packet
from emgmon.pipeline.calibrating import MARGIN_S, MARKS, Calibrating
from emgmon.pipeline.intake import DeviceIntake
from emgmon.pipeline.motion import MOTION_QUANTITIES, ImuTrack

SITE = "sacrum"
STOOD = ("posture", "stand")
"""Marks of standing, the best first: as one always stands, or the stance of the calibration."""


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
        elif mark.kind in MARKS or mark.kind in {"posture_start", "posture_stop"}:
            self.marks.append((t_s, mark))

    def _packet(self, packet: Packet, device: DeviceIntake, epoch_ns: int) -> None:
        for block in device.take(packet, epoch_ns):
            place = block.stream.placements[0]
            if block.stream.quantity in MOTION_QUANTITIES and place is not None and place.muscle == SITE:
                if self.track is None:
                    self.track = ImuTrack(block.stream)
                if self.track.stream.device == block.stream.device:
                    self.track.add(block)


def standing_in(entries: Iterable[Entry]) -> Standing | str:
    """Return how the pelvis stood over five seconds, or one sentence why that is not known."""
    pelvis = _Pelvis()
    for entry in entries:
        pelvis.take(entry)
    if pelvis.track is None:
        return "It needs a motion sensor on the sacrum."
    calibrating = Calibrating()
    for t_s, mark in pelvis.marks:
        if mark.kind in MARKS:
            calibrating.mark(t_s, mark, [pelvis.track])
    why = "Standing was not recorded (marks posture_start and posture_stop, or stand_start and stand_stop)."
    for part in STOOD:
        for start_s, stop_s in reversed(_spans(pelvis.marks, part)):
            rows = pelvis.track.between(start_s + MARGIN_S, stop_s - MARGIN_S)
            found = stance(rows[:, UP], pelvis.track.stream.fs_hz)
            if not found.reason:
                return _standing(pelvis.track, found.up)
            why = f"Standing cannot be judged: the sensor {found.reason}."
    return why


def _standing(track: ImuTrack, up: Array) -> Standing:
    if track.frame is None or track.frame.left is None:
        return Standing(up)
    inclined_deg = float(sagittal_deg(track.frame.seen(up[None, :]))[0])
    return Standing(up, track.frame.left, track.supine_deg - inclined_deg)


def _spans(marks: Sequence[tuple[float, Mark]], part: str) -> list[tuple[float, float]]:
    spans, start_s = [], None
    for t_s, mark in marks:
        if mark.kind == f"{part}_start":
            start_s = t_s
        elif mark.kind == f"{part}_stop" and start_s is not None:
            spans.append((start_s, t_s))
            start_s = None
    return spans
