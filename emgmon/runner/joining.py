"""Sensors that begin to stream after the recording has begun: shown, offered a place, and from then on analysed.

What such a sensor says is recorded from its first word on. Where it sits is remembered from another day, written on the
sensor itself, or said by the person; sensors that were there at the beginning stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from emgmon.errors import PlacementError
from emgmon.model import MOTION_WIDTH, Stream
from emgmon.runner.board import Board, Channel
from emgmon.runner.placing import Places, main_stream, mark_of, parse_places, write_places


class Joining:
    """Who came late to one recording.

    Parameters
    ----------
    board : Board
        Shows the sensors that were there at the beginning.
    places : dict of str to tuple of Placement or None
        Where sensors sit, by name, as far as it is known.
    memory : Path or None
        File in which places are remembered.
    tell : callable
        Takes a sentence for the person.
    """

    def __init__(
        self, board: Board, places: dict[str, Places], memory: Path | None, tell: Callable[[str], None]
    ) -> None:
        self.board, self._places, self._memory, self._tell = board, places, memory, tell
        self._first = frozenset(board.view.streaming)
        self._channels, self._motion = board.view.channels, board.view.motion
        self._seen: tuple[Stream, ...] = ()
        self._marked: dict[str, dict[str, Any]] = {}
        self._changed = False

    def look(self, streams: Sequence[Stream]) -> list[dict[str, Any]]:
        """Show who joined, and return the data of the ``placement`` marks that say where they sit."""
        late = tuple(stream for stream in streams if stream.device not in self._first)
        if late == self._seen and not self._changed:
            return []
        self._seen, self._changed = late, False
        rows = {name: row for name in dict.fromkeys(s.device for s in late) if (row := self._row(name, late))}
        marks = []
        for name, row in rows.items():
            said = name in self._places or row != _own(name, late)
            data = mark_of(name, row, late) if said else None
            if data is not None and data != self._marked.get(name):
                self._marked[name] = data
                marks.append(data)
        self._show(rows, late)
        return marks

    def place(self, text: str) -> None:
        """Take ``NAME=muscle/side,…``, several apart by tabs, for sensors that joined."""
        rows: dict[str, Places] = {}
        for part in text.split("\t"):
            name, _, places = part.rpartition("=")
            if name in self._first:
                self._tell(f"{name} stays where it was when the recording began: finish this session to move it.")
                return
            try:
                rows[name] = parse_places(places, name)
            except PlacementError as error:
                self._tell(str(error))
                return
        others = {channel.placement for channel in self.board.view.channels if channel.device not in rows}
        claimed = [place for row in rows.values() for place in row if place is not None and place in others]
        if claimed:
            self._tell(f"{claimed[0].title} bears a sensor already: choose another place.")
            return
        self._places.update(rows)
        self._changed = True
        self._remember(rows)

    def _row(self, name: str, late: Sequence[Stream]) -> Places:
        """Return where the channels of a sensor sit; nowhere, where somebody else sits there already."""
        own = _own(name, late)
        row = (*self._places.get(name, own), *[None] * len(own))[: len(own)]
        taken = {channel.placement for channel in self.board.view.channels if channel.device != name}
        return tuple(place if place not in taken else None for place in row)

    def _show(self, rows: Mapping[str, Places], late: Sequence[Stream]) -> None:
        """Show all sensors, and tell who is new among them."""
        before = self.board.view.joined
        channels = [
            Channel(name, main.quantity, number, place)
            for name, row in rows.items()
            if (main := main_stream(late, name)) is not None
            for number, place in enumerate(row)
        ]
        moving = {stream.device for stream in late if stream.quantity in MOTION_WIDTH}
        motion = [next((place for place in row if place), None) for name, row in rows.items() if name in moving]
        self.board.show(
            channels=(*self._channels, *channels),
            motion=tuple(dict.fromkeys((*self._motion, *(place for place in motion if place)))),
            joined=tuple(rows),
        )
        for name, row in rows.items():
            if name not in before:
                sits = ", ".join(place.title for place in row if place) or "choose its place on the Sensors page"
                self._tell(f"{name} has joined and is recorded: {sits}.")

    def _remember(self, rows: dict[str, Places]) -> None:
        if self._memory is None:
            return
        try:
            write_places(self._memory, rows)
        except PlacementError as error:
            self._tell(str(error))


def _own(name: str, late: Sequence[Stream]) -> Places:
    """Return where a sensor itself says that it sits."""
    main = main_stream(late, name)
    return main.placements if main is not None else ()
