"""What a live session shows, and what it is told: one thread works, another looks at the board and writes on it.

`Board.view` is a value that is replaced as a whole; commands go the other way through a queue. No Qt, no asyncio.
"""

from __future__ import annotations

import queue
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emgmon.model import Placement
from emgmon.runner.doing import Doing, Step
from emgmon.runner.outcomes import Outcomes
from emgmon.runner.squeezing import Finding, Squeeze

SCANNING, CONNECTING, PLACING, RECORDING, OVER = "scanning", "connecting", "placing", "recording", "over"


@dataclass(frozen=True, slots=True)
class Heard:
    """A sensor on the air: its name in the session, its kind, and its signal in dBm; 0 for a stream of the network."""

    name: str
    kind: str
    rssi_dbm: int


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a connected sensor; `number` counts from 0 in `quantity`."""

    device: str
    quantity: str
    number: int
    placement: Placement | None


@dataclass(frozen=True, slots=True)
class View:
    """All that can be seen.

    Attributes
    ----------
    stage : str
        ``scanning``, ``connecting``, ``placing``, ``recording`` or ``over``.
    heard : tuple of Heard
    wanted : tuple of str
        Names of the sensors that are to be connected.
    batteries : mapping of str to int
        In %, of the connected sensors that said it.
    can_identify : frozenset of str
    channels : tuple of Channel
        Of the sensors that stream.
    joined : tuple of str
        Sensors that began to stream after the recording had begun; they can still be placed.
    doubles : tuple of str
        A sentence for each muscle that two channels claim.
    motion : tuple of Placement
        Of their motion sensors.
    tapped : (str, int)
        The sensor that was tapped twice last, and how often one was.
    squeeze : Squeeze or None
        Stretch of the test contraction that runs.
    findings : tuple of Finding
        What the last test found.
    tested : bool
        The test was done with the sensors where they are.
    problem : str
        Why it does not go on, with the next step.
    doing : Doing
    now_s : float
        On the clock of `doing`.
    exercise, kind : str
        Chosen exercise; kind of reference that is asked for.
    pain : float or None
    tries : mapping of (str, str) to int
        Finished reference contractions by step and kind.
    steps : tuple of Step
        Before the first set, for what is worn.
    skipped : frozenset of str
        Steps that were left out.
    outcomes : Outcomes
    rested : bool
        A rest was recorded.
    reps : int
        Finished in the running or last set.
    obeyed : int
        Commands that were carried out.
    """

    stage: str = SCANNING
    heard: tuple[Heard, ...] = ()
    wanted: tuple[str, ...] = ()
    batteries: Mapping[str, int] = field(default_factory=dict)
    can_identify: frozenset[str] = frozenset()
    channels: tuple[Channel, ...] = ()
    joined: tuple[str, ...] = ()
    doubles: tuple[str, ...] = ()
    motion: tuple[Placement, ...] = ()
    tapped: tuple[str, int] = ("", 0)
    squeeze: Squeeze | None = None
    findings: tuple[Finding, ...] = ()
    tested: bool = False
    problem: str = ""
    doing: Doing = field(default_factory=Doing)
    now_s: float = 0.0
    exercise: str = ""
    kind: str = ""
    pain: float | None = None
    tries: Mapping[tuple[str, str], int] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    skipped: frozenset[str] = frozenset()
    outcomes: Outcomes = field(default_factory=Outcomes)
    rested: bool = False
    reps: int = 0
    obeyed: int = 0

    @property
    def streaming(self) -> tuple[str, ...]:
        """Names of the sensors that stream."""
        return tuple(dict.fromkeys(channel.device for channel in self.channels))

    @property
    def placed(self) -> tuple[str, ...]:
        """Names of those that have a place."""
        return tuple(dict.fromkeys(channel.device for channel in self.channels if channel.placement))

    def may_place(self, device: str) -> bool:
        """Say whether the person may say now where a sensor sits."""
        return self.stage == PLACING or (self.stage == RECORDING and device in self.joined)


class Board:
    """Carries views to whoever shows them and commands back.

    Attributes
    ----------
    view : View
    sent : int
        Commands that were written so far.
    """

    def __init__(self) -> None:
        self.view = View()
        self.sent = 0
        self._commands: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()

    def tell(self, word: str, text: str = "") -> None:
        """Write a command; any thread, but always the same one."""
        self.sent += 1
        self._commands.put((word, text))

    def told(self) -> tuple[str, str] | None:
        """Take the oldest command; None when there is none."""
        try:
            return self._commands.get_nowait()
        except queue.Empty:
            return None

    def show(self, **changed: Any) -> None:
        """Change parts of the view; the working thread alone does so."""
        self.view = replace(self.view, **changed)
