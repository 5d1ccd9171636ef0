"""Sensors that stream before the recording: shown, placed, tapped and tested until the person goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emgmon.errors import EmgmonError, PlacementError
from emgmon.model import MOTION_WIDTH, MUSCLE_QUANTITIES, Event, Frame, Placement, SignalSeen, Stream
from emgmon.runner.board import Board, Channel
from emgmon.runner.listening import Plan
from emgmon.runner.placing import Places, doubles, main_stream, parse_places, unplaced, write_places
from emgmon.runner.quiet import Quiet
from emgmon.runner.rehearsal import Rehearsal
from emgmon.runner.squeezing import Squeezing

ORDER = "GHED"
"""Groups in the order in which the test tenses them."""


class Arranging:
    """One connection of sensors, up to its recording.

    Parameters
    ----------
    plan : Plan
    board : Board
    rehearsal : Rehearsal
        Of the same sensors.
    anew : callable
        Called when events told so far are void, because a sensor was placed elsewhere.
    tell : callable
        Takes a sentence for the person.
    """

    def __init__(
        self,
        plan: Plan,
        board: Board,
        rehearsal: Rehearsal,
        anew: Callable[[], None],
        tell: Callable[[str], None],
    ) -> None:
        self.plan, self.board, self.rehearsal = plan, board, rehearsal
        self._anew, self._tell = anew, tell
        self._quiet = Quiet()
        self._squeezing: Squeezing | None = None
        self._now_s = 0.0

    def obey(self, word: str, text: str) -> bool:
        """Do what concerns places and the test; false when the word is for something else."""
        if word == "place":
            self.place(text)
        elif word == "test":
            self._begin_test()
        elif word == "cancel":
            self._squeezing = None
        else:
            return False
        self.look()
        return True

    def hear(self, event: Event) -> None:
        """Take in what the sensors say."""
        if isinstance(event, SignalSeen):
            self._quiet.take(event)
        elif isinstance(event, Frame):
            self._now_s = event.t_s
            if self._squeezing is not None:
                self._squeezing.take(event)

    def place(self, text: str) -> None:
        """Take ``NAME=muscle/side,…``, several apart by tabs; a channel alone is not named."""
        rows: dict[str, Places] = {}
        for part in text.split("\t"):
            name, _, places = part.rpartition("=")
            try:
                rows[name] = parse_places(places, name)
            except PlacementError as error:
                self.trouble(error)
                return
        self.rehearsal.places.update(rows)
        self._squeezing = None
        self.board.show(findings=(), tested=False)

    def look(self) -> None:
        """See what streams now, place it, and show it; raises what an entry raised."""
        rehearsal = self.rehearsal
        if rehearsal.failure is not None:
            raise rehearsal.failure
        if rehearsal.learn():
            self._anew()
            self._quiet, self._squeezing = Quiet(), None
            rehearsal.begin_anew()
        shown = self.said()
        rows = tuple(
            Channel(stream.device, stream.quantity, number, place)
            for stream in shown
            for number, place in enumerate(stream.placements)
        )
        claimed = tuple(f"{' and '.join(names)} both claim {place.title}." for place, names in doubles(shown).items())
        motion = {p: None for s in rehearsal.streams if s.quantity in MOTION_WIDTH for p in s.placements if p}
        self.board.show(channels=rows, doubles=claimed, motion=tuple(motion), tapped=(rehearsal.tapped, rehearsal.taps))
        self._show_test()
        self.show_noise()

    def show_noise(self) -> None:
        """Show what each channel hears when it is quiet, until a rest was recorded."""
        outcomes = self.board.view.outcomes
        levels = {place: round(level, 1) for place, level in self._quiet.levels().items()}
        if not outcomes.measured and levels != outcomes.noise:
            self.board.show(outcomes=outcomes.with_noise(levels, measured=False))

    def said(self) -> list[Stream]:
        """Return the stream that speaks for each sensor, where the person says it is."""
        streams, places = self.rehearsal.streams, self.rehearsal.places
        names = dict.fromkeys(stream.device for stream in streams)
        mains = [main for name in names if (main := main_stream(streams, name)) is not None]
        shown = []
        for main in mains:
            row = places.get(main.device)
            placed = main.placements if row is None else (*row, *[None] * len(main.placements))[: len(main.placements)]
            shown.append(Stream(main.device, main.quantity, main.unit, main.fs_hz, placed))
        return shown

    def may_go_on(self) -> bool:
        """See whether a recording can begin; say why not, and what is left out."""
        view, shown = self.board.view, self.said()
        if view.doubles:
            self.trouble(PlacementError(f"{' '.join(view.doubles)} Place one of them elsewhere."))
            return False
        if not self._muscles():
            names = ", ".join(dict.fromkeys(stream.device for stream in shown)) or "no sensor"
            self.trouble(
                PlacementError(
                    f"No muscle is assigned to {names}: choose one on the Sensors page, "
                    "or use --place NAME=gluteus_maximus/left."
                )
            )
            return False
        idle, silent = unplaced(shown), sorted(set(view.wanted) - set(view.streaming))
        parts = [f"{', '.join(idle)} without a place"] if idle else []
        parts += [f"{', '.join(silent)} not streaming"] if silent else []
        if parts:
            self._tell(f"Going on with {len(view.placed)} of {len(view.wanted)} sensors: {'; '.join(parts)}.")
        self.board.show(problem="", squeeze=None)
        self._remember(shown)
        return True

    def trouble(self, error: EmgmonError) -> None:
        """Say why it does not go on; an error where there is nobody to ask."""
        if self.plan.by_itself:
            raise error
        self.board.show(problem=str(error))

    def _muscles(self) -> list[Placement]:
        """Return the places of EMG channels, in the order of the test."""
        places = {p for s in self.said() if s.quantity in MUSCLE_QUANTITIES for p in s.placements if p}
        return sorted(places, key=lambda place: (ORDER.find(place.group) % 8, place.side, place.muscle))

    def _begin_test(self) -> None:
        worn = self._muscles()
        if worn and not self.board.view.doubles:
            self._squeezing = Squeezing(self._now_s, worn)
            self.board.show(findings=(), tested=False)

    def _show_test(self) -> None:
        """Show the stretch of the test that runs, and when it is over what it found."""
        squeezing = self._squeezing
        stretch = squeezing.at(self._now_s) if squeezing is not None else None
        self.board.show(squeeze=stretch, now_s=self._now_s)
        if squeezing is not None and stretch is None:
            self._squeezing = None
            self.board.show(findings=squeezing.findings(), tested=True)

    def _remember(self, shown: Sequence[Stream]) -> None:
        if self.plan.memory is None:
            return
        try:
            write_places(self.plan.memory, {s.device: s.placements for s in shown if any(s.placements)})
        except PlacementError as error:
            self._tell(str(error))
