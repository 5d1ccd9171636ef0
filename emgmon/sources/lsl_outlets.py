"""What a session finds, as streams of Lab Streaming Layer for other programs of the laboratory.

``emgmon EMG SITE`` for each channel: filtered EMG as the signals page shows it. ``emgmon levels``: a column for each
channel, the moving RMS of 125 ms, fifty a second. ``emgmon shares``: shares of glutes, hamstrings and back, the index,
the angle. ``emgmon markers``: sets, repetitions, sensors that come and go. Times are the session's, put on LSL's clock
by the moment at which the first of them was told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from emgmon.model import (
    GROUPS,
    DeviceChanged,
    Event,
    Frame,
    Placement,
    RepClosed,
    SetClosed,
    SetOpened,
    SignalSeen,
)
from emgmon.sources.lsl import library, marker_text

PREFIX = "emgmon"
FRAME_HZ = 50.0
SHARE_COLUMNS = (*(f"share {group}" for group in GROUPS), "sdi", "angle")
SHARE_UNITS = ("1", "1", "1", "ln", "deg")


class Outlets:
    """A sink of events; streams appear as soon as there is something to say on them."""

    def __init__(self) -> None:
        self._lsl = library()
        self._offset_s = math.nan
        self._signals: dict[Placement, Any] = {}
        self._levels: Any = None
        self._columns: tuple[Placement, ...] = ()
        self._shares = self._outlet("shares", "Features", FRAME_HZ, SHARE_COLUMNS, SHARE_UNITS)
        self._markers = self._outlet("markers", "Markers", 0.0, ("marker",), ("",), "string")

    def __call__(self, events: Sequence[Event]) -> None:
        """Send what can be sent of some events."""
        for event in events:
            if isinstance(event, Frame):
                self._frame(event)
            elif isinstance(event, SignalSeen):
                self._signal(event)
            elif (marker := _marker(event)) is not None:
                self._markers.push_sample([marker[1]], self._at(marker[0]))

    def _at(self, t_s: float) -> float:
        """Bring a session time to LSL's clock."""
        if math.isnan(self._offset_s):
            self._offset_s = self._lsl.local_clock() - t_s
        return t_s + self._offset_s

    def _signal(self, event: SignalSeen) -> None:
        outlet = self._signals.get(event.placement)
        if outlet is None:
            unit = "microvolts" if event.unit == "uv" else event.unit
            name, fs_hz = f"EMG {event.placement.label}", 1.0 / event.period_s
            outlet = self._outlet(name, "EMG", fs_hz, (str(event.placement),), (unit,))
            self._signals[event.placement] = outlet
        if len(event.samples):
            last_s = event.start_s + (len(event.samples) - 1) * event.period_s
            outlet.push_chunk(np.ascontiguousarray(event.samples[:, None], np.float32), self._at(last_s))

    def _frame(self, frame: Frame) -> None:
        places = tuple(sorted(frame.level))
        if places and places != self._columns:
            self._columns = places
            unit = "reference" if frame.referenced else ""
            names, units = tuple(map(str, places)), (unit,) * len(places)
            self._levels = self._outlet("levels", "Features", FRAME_HZ, names, units)
        at_s = self._at(frame.t_s)
        if self._levels is not None:
            self._levels.push_sample([frame.level.get(place, math.nan) for place in self._columns], at_s)
        shares = [frame.share.get(group, math.nan) for group in GROUPS]
        self._shares.push_sample([*shares, frame.sdi, frame.angle_deg], at_s)

    def _outlet(
        self, name: str, kind: str, fs_hz: float, labels: Sequence[str], units: Sequence[str], form: str = "float32"
    ) -> Any:
        title = f"{PREFIX} {name}"
        info = self._lsl.StreamInfo(title, kind, len(labels), fs_hz, form, f"{title} {'/'.join(labels)}")
        channels = info.desc().append_child("channels")
        for label, unit in zip(labels, units, strict=True):
            channel = channels.append_child("channel")
            channel.append_child_value("label", label)
            channel.append_child_value("unit", unit)
        return self._lsl.StreamOutlet(info)


def _marker(event: Event) -> tuple[float, str] | None:
    if isinstance(event, SetOpened):
        return event.t_s, marker_text("set_start", {"set": event.index, "exercise": event.exercise})
    if isinstance(event, RepClosed):
        rep = event.summary
        share = rep.value("share_glute", "hold")
        found = {"share_glute": round(share, 4)} if math.isfinite(share) else {}
        return event.t_s, marker_text("rep", {"rep": rep.index, "target": rep.target, **found})
    if isinstance(event, SetClosed):
        return event.t_s, marker_text("set_stop", {"set": event.summary.index, "reps": len(event.summary.reps)})
    if isinstance(event, DeviceChanged):
        return event.t_s, marker_text(event.state, {"device": event.device})
    return None
