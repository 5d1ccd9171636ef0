"""New recordings from old ones: a part of one, two in a row, one without a name; all signal bytes stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from emgmon.errors import RecordingError
from emgmon.model import Entry, Mark, Packet
from emgmon.storage.recording import Recording
from emgmon.storage.trimming import trim

__all__ = ["Anonymiser", "merge", "trim"]

SAME_CLOCK_S = 3.0
"""Computer clock and monotonic clock of one session agree to this, as the former is noted in whole seconds."""

BEGIN_NS = 1_000_000_000
IDENTITY_PORTS = {
    f"{number:08x}-0000-1000-8000-00805f9b34fb": title
    for number, title in ((0x2A00, "sensor's own name"), (0x2A23, "system identifier"), (0x2A25, "serial number"))
}
KEPT_DATA: Mapping[str, tuple[str, ...]] = {
    "session": ("program", "simulated", "started_utc"),
    "resumed": ("program", "simulated", "started_utc"),
    "device": ("device", "driver", "title"),
    "connected": ("device",),
    "lost": ("device",),
    "started": ("device",),
    "trouble": ("device",),
    "placement": ("device", "channels"),
    "reference_start": ("group", "placement", "kind", "position", "trial", "load_kg"),
    "reference_stop": ("group", "kind"),
    "reference": ("placement", "kind", "level", "unit", "position", "electrodes_untouched"),
    "reference_accept": ("placement",),
    "pain": ("value", "recent_surgery"),
    "tension": ("value",),
    "set_start": ("exercise", "target_reps"),
    "cut": ("from_s", "to_s", "references"),
}
"""What of a mark's data says nothing about a person; of kinds that are not listed nothing is kept."""

WHOLE = ("exercise",)
"""Kinds whose data an analysis needs whole: the exercise's table."""

DATES = ("started_utc",)


@dataclass(slots=True)
class _Ends:
    """What of a recording matters when another one follows it."""

    first_ns: int
    last_ns: int
    session: Mark | None
    sensors: dict[str, tuple[str, str]]
    connected: set[str]


def merge(before: Recording, after: Recording) -> Iterator[Entry]:
    """Put the second half of a session behind the first, as after a crash.

    The second file's session mark becomes ``resumed``. Its host times are moved only when the computer was started
    anew in between; the times of day in both session marks then say by how much.

    Raises
    ------
    RecordingError
        When the sensors differ, the two overlap, or nothing says which came first.
    """
    one, two = _ends(before), _ends(after)
    names = (before.path.name, after.path.name)
    for name in sorted(one.sensors.keys() | two.sensors.keys()):
        kinds = (one.sensors.get(name), two.sensors.get(name))
        if None in kinds:
            raise RecordingError(f"sensor {name!r} is only in {names[kinds.index(None) ^ 1]}; these are two sessions")
        if kinds[0] != kinds[1]:
            raise RecordingError(f"sensor {name!r} is another one in {names[1]}; these are two sessions")
    shift_ns = _shift_ns(one, two, names)
    if two.first_ns + shift_ns < one.last_ns:
        overlap_s = (one.last_ns - two.first_ns - shift_ns) * 1e-9
        raise RecordingError(f"{names[1]} begins {overlap_s:.1f} s before {names[0]} ends; give the earlier one first")
    return _merged(before, after, one, shift_ns)


def _ends(recording: Recording) -> _Ends:
    ends: _Ends | None = None
    for entry in recording:
        if ends is None:
            ends = _Ends(entry.host_ns, entry.host_ns, None, {}, set())
        ends.last_ns = max(ends.last_ns, entry.host_ns)
        if isinstance(entry, Packet):
            continue
        name = str(entry.data.get("device", ""))
        if entry.kind == "session" and ends.session is None:
            ends.session = entry
        elif entry.kind == "device":
            ends.sensors[name] = (str(entry.data.get("driver", "")), str(entry.data.get("address", "")))
        elif entry.kind == "connected":
            ends.connected.add(name)
        elif entry.kind == "lost":
            ends.connected.discard(name)
    if ends is None:
        raise RecordingError(f"{recording.path}: there is not one entry in it")
    return ends


def _shift_ns(one: _Ends, two: _Ends, names: tuple[str, str]) -> int:
    """How far the second file's host times must be moved: not at all when one monotonic clock made both."""
    begun = [_time_of(ends.session) for ends in (one, two)]
    if begun[0] is None or begun[1] is None or one.session is None or two.session is None:
        if two.first_ns >= one.last_ns:
            return 0
        raise RecordingError(f"nothing says whether {names[0]} or {names[1]} came first: the time of day is missing")
    try:
        apart_s = (begun[1] - begun[0]).total_seconds()
    except TypeError as error:
        raise RecordingError(f"{names[0]} and {names[1]} note the time of day in different ways") from error
    wanted_ns = one.session.host_ns + round(apart_s * 1e9)
    shift_ns = wanted_ns - two.session.host_ns
    return 0 if abs(shift_ns) <= SAME_CLOCK_S * 1e9 and two.first_ns >= one.last_ns else shift_ns


def _time_of(session: Mark | None) -> datetime | None:
    try:
        return datetime.fromisoformat(str(session.data["started_utc"])) if session else None
    except (KeyError, ValueError):
        return None


def _merged(before: Recording, after: Recording, one: _Ends, shift_ns: int) -> Iterator[Entry]:
    yield from before
    for name in sorted(one.connected):
        yield Mark(one.last_ns, "lost", {"device": name})
    for entry in after:
        moved = replace(entry, host_ns=entry.host_ns + shift_ns)
        yield replace(moved, kind="resumed") if isinstance(moved, Mark) and moved.kind == "session" else moved


@dataclass(slots=True)
class Anonymiser:
    """Takes out of a recording what may name a person; all signal bytes stay.

    Sensors are called ``sensor-1``, ``sensor-2``, …; host times begin at 1 s, so that they do not tell how long the
    computer had been on. Of the date the day stays.

    Parameters
    ----------
    drop_date : bool
        Whether the day goes too.

    Attributes
    ----------
    removed : dict of str to int
        After use: what was removed, and how often.
    """

    drop_date: bool = False
    removed: dict[str, int] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _first_ns: int | None = None

    def entries(self, recording: Recording) -> Iterator[Entry]:
        """Yield the recording's entries without names."""
        for entry in recording:
            if self._first_ns is None:
                self._first_ns = entry.host_ns
            host_ns = entry.host_ns - self._first_ns + BEGIN_NS
            if isinstance(entry, Mark):
                yield Mark(host_ns, entry.kind, self._data(entry))
            elif entry.port in IDENTITY_PORTS:
                self._note(IDENTITY_PORTS[entry.port])
            else:
                yield Packet(self._name(entry.device), entry.port, host_ns, entry.payload)

    def _data(self, mark: Mark) -> Mapping[str, Any]:
        if mark.kind in WHOLE:
            return mark.data
        kept: dict[str, Any] = {}
        for key, value in mark.data.items():
            if key not in KEPT_DATA.get(mark.kind, ()):
                self._note(f"{key} of {mark.kind}")
            elif key == "device":
                kept[key] = self._name(str(value))
            elif key in DATES:
                self._note("date" if self.drop_date else "time of day")
                kept[key] = "" if self.drop_date else str(value)[:10]
            else:
                kept[key] = value
        return kept

    def _name(self, device: str) -> str:
        if device not in self._names:
            self._names[device] = f"sensor-{len(self._names) + 1}"
            self._note("name of a sensor")
        return self._names[device]

    def _note(self, what: str) -> None:
        self.removed[what] = self.removed.get(what, 0) + 1
