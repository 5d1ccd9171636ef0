"""A part of a recording that can still be analysed: what the analysis must know from before is taken along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from emgmon.errors import RecordingError
from emgmon.model import Entry, Mark, Packet
from emgmon.storage.outline import Outline
from emgmon.storage.recording import Recording

BEFORE_NS, AFTER_NS = 2_000_000_000, 1_000_000_000
"""Kept around a reference or a baseline, for the filters to settle."""

JOIN_NS = 12_000_000_000
"""Stretches nearer than this are kept with what lies between them."""

FIRST_PACKETS = 64
"""Of each port, in which samples are looked for; some decoders hold the first ones until they know the rate."""
OPENING_PACKETS = 200
OPENERS = ("baseline_start", "reference_start")
CLOSERS = ("baseline_stop", "reference_stop")
LINK_KINDS = ("connected", "started", "lost")
SET_KINDS = ("set_start", "set_stop")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Host times to keep, and by how much they are moved so that the stretches follow one another."""

    start_ns: int
    stop_ns: int
    shift_ns: int = 0


@dataclass(slots=True)
class _Sensor:
    """What was known of one sensor at a moment."""

    device: Mark
    link: Mark | None = None
    started: Mark | None = None
    opening: list[Packet] = field(default_factory=list)
    quiet: dict[str, Packet] = field(default_factory=dict)
    told: bool = False
    streams: bool = False

    def heard(self, packet: Packet, known: _Known, number: int) -> None:
        """Take a packet, the `number`-th entry of the recording."""
        if number in known.openings:
            self.opening.append(packet)
        elif (packet.device, packet.port) not in known.signal_ports:
            self.quiet[packet.port] = packet

    def linked(self, mark: Mark) -> None:
        """Take a mark about the link; a new connection begins a new conversation."""
        if mark.kind == "started":
            self.started = mark
            return
        self.link, self.started = mark, None
        if mark.kind == "connected":
            self.opening.clear()

    def said(self) -> Iterator[Entry]:
        """Yield what leads to the present connection."""
        yield from self.opening
        if self.started is not None:
            yield self.started
        yield from self.quiet.values()


@dataclass(slots=True)
class _Known:
    """What a first reading found.

    Attributes
    ----------
    spans : list of (int, int)
        Host times of baselines and references.
    signal_ports : set of (str, str)
        Sensors and ports on which samples come.
    openings : set of int
        Numbers of the packets of start-up conversations; those that bore samples are left out.
    """

    first_ns: int = 0
    last_ns: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)
    signal_ports: set[tuple[str, str]] = field(default_factory=set)
    openings: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _State:
    """What an analysis that begins at a moment must know."""

    session: list[Mark] = field(default_factory=list)
    sensors: dict[str, _Sensor] = field(default_factory=dict)
    other: list[Mark] = field(default_factory=list)
    set_start: Mark | None = None

    def note(self, entry: Entry, known: _Known, number: int) -> None:
        """Take an entry, the `number`-th of the recording, that is passed over or was handed out."""
        if isinstance(entry, Packet):
            if entry.device in self.sensors:
                self.sensors[entry.device].heard(entry, known, number)
            return
        name = str(entry.data.get("device", ""))
        if entry.kind in {"session", "exercise"}:
            self.session.append(entry)
        elif entry.kind == "device":
            self.sensors.setdefault(name, _Sensor(entry))
        elif entry.kind in LINK_KINDS:
            if name in self.sensors:
                self.sensors[name].linked(entry)
        elif entry.kind in SET_KINDS:
            self.set_start = entry if entry.kind == "set_start" else None
        elif entry.kind not in {*OPENERS, *CLOSERS, "note"}:
            self.other.append(entry)

    def handed_out(self, entry: Entry) -> None:
        """Remember that an entry needs no telling any more."""
        if isinstance(entry, Mark) and (name := str(entry.data.get("device", ""))) in self.sensors:
            sensor = self.sensors[name]
            sensor.told = True
            sensor.streams = entry.kind == "connected" or (sensor.streams and entry.kind != "lost")
        self.session.clear()
        self.other.clear()

    def resume(self, host_ns: int) -> Iterator[Entry]:
        """Yield, as if they happened at `host_ns`, the entries that lead to this state."""
        for mark in (*self.session, *self.other):
            yield replace(mark, host_ns=host_ns)
        for sensor in self.sensors.values():
            if not sensor.told:
                yield replace(sensor.device, host_ns=host_ns)
            connected = sensor.link is not None and sensor.link.kind == "connected"
            if sensor.link is not None and (connected or sensor.streams):
                yield replace(sensor.link, host_ns=host_ns)
            if connected:
                for entry in sensor.said():
                    yield replace(entry, host_ns=host_ns)
            sensor.told, sensor.streams = True, connected
        self.session.clear()
        self.other.clear()


def trim(recording: Recording, from_s: float, to_s: float, *, references: bool = True) -> Iterator[Entry]:
    """Cut a recording.

    Parameters
    ----------
    recording : Recording
    from_s, to_s : float
        Session times, 0 at the first entry; the entries of this time are kept as they are.
    references : bool
        Whether baseline and reference contractions from before `from_s` are kept, moved up against it. Each is
        followed by the marks of a reconnection, so that what was cut out does not count as lost.

    Raises
    ------
    RecordingError
        When there is nothing between the two times.
    """
    known = _survey(recording)
    first_ns, last_ns = known.first_ns, known.last_ns
    start_ns, stop_ns = first_ns + round(from_s * 1e9), first_ns + round(to_s * 1e9)
    if not start_ns < min(stop_ns, last_ns):
        length_s = (last_ns - first_ns) * 1e-9
        raise RecordingError(f"{recording.path}: nothing from {from_s:g} to {to_s:g} s; it is {length_s:.1f} s long")
    wanted = [span for span in known.spans if span[1] < start_ns] if references else []
    stretches = _stretches(wanted, start_ns, stop_ns)
    cut = {"from_s": from_s, "to_s": min(to_s, (last_ns - first_ns) * 1e-9), "references": bool(wanted)}
    return _cut(recording, stretches, known, cut)


def _survey(recording: Recording) -> _Known:
    """Read the recording once for what a part of it will need."""
    outline, known = Outline(), _Known()
    talks: dict[str, list[int]] = {}
    opened_ns: int | None = None
    for number, entry in enumerate(recording):
        sensor = outline.take(entry)
        if isinstance(entry, Packet):
            talk = talks.get(entry.device)
            early = sensor is not None and (talk is not None or sensor.since_connected[entry.port] <= FIRST_PACKETS)
            if sensor is not None and early and sensor.decode(entry):
                known.signal_ports.add((entry.device, entry.port))
            elif talk is not None and len(talk) < OPENING_PACKETS:
                talk.append(number)
        elif entry.kind == "connected":
            talks[str(entry.data.get("device", ""))] = []
        elif entry.kind == "started":
            known.openings.update(talks.pop(str(entry.data.get("device", "")), []))
        elif entry.kind in OPENERS:
            opened_ns = entry.host_ns
        elif entry.kind in CLOSERS and opened_ns is not None:
            known.spans.append((opened_ns, entry.host_ns))
            opened_ns = None
        elif entry.kind == "reference_cancel":
            opened_ns = None
    known.first_ns, known.last_ns = outline.first_ns or 0, outline.last_ns
    return known


def _stretches(spans: list[tuple[int, int]], start_ns: int, stop_ns: int) -> list[Stretch]:
    """Join what lies close together and move each stretch to where the next begins."""
    joined: list[Stretch] = []
    for begin, end in sorted((a - BEFORE_NS, min(b + AFTER_NS, start_ns)) for a, b in spans):
        if joined and begin - joined[-1].stop_ns < JOIN_NS:
            joined[-1] = Stretch(joined[-1].start_ns, max(joined[-1].stop_ns, end))
        else:
            joined.append(Stretch(begin, end))
    if joined and start_ns - joined[-1].stop_ns < JOIN_NS:
        joined[-1] = Stretch(joined[-1].start_ns, stop_ns)
    else:
        joined.append(Stretch(start_ns, stop_ns))
    for number in range(len(joined) - 2, -1, -1):
        following = joined[number + 1]
        joined[number] = replace(
            joined[number], shift_ns=following.start_ns + following.shift_ns - joined[number].stop_ns
        )
    return joined


def _cut(
    recording: Recording, stretches: list[Stretch], known: _Known, cut: dict[str, float | bool]
) -> Iterator[Entry]:
    state, waiting, inside = _State(), list(stretches), False
    for number, entry in enumerate(recording):
        while waiting and entry.host_ns >= waiting[0].stop_ns:
            waiting.pop(0)
            inside = False
        if waiting and entry.host_ns >= waiting[0].start_ns:
            stretch = waiting[0]
            moved_ns = entry.host_ns + stretch.shift_ns
            if not inside:
                inside = True
                began_ns = max(stretch.start_ns + stretch.shift_ns, 0)
                yield from state.resume(min(began_ns, moved_ns))
                if stretch is stretches[0]:
                    yield Mark(min(began_ns, moved_ns), "cut", cut)
                if len(waiting) == 1 and state.set_start is not None:
                    yield replace(state.set_start, host_ns=min(began_ns, moved_ns))
            state.note(entry, known, number)
            if len(waiting) > 1 and isinstance(entry, Mark) and entry.kind in SET_KINDS:
                continue
            state.handed_out(entry)
            yield replace(entry, host_ns=moved_ns) if stretch.shift_ns else entry
        else:
            if not waiting and state.set_start is not None:
                yield Mark(stretches[-1].stop_ns, "set_stop", {})
                return
            state.note(entry, known, number)
