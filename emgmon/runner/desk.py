"""Keeps the board in step with what is done and found while a session is conducted."""

from __future__ import annotations

import math

from emgmon.model import MUSCLE_QUANTITIES, DeviceChanged, Event, RepClosed, SetOpened
from emgmon.pipeline import Pipeline
from emgmon.runner.board import Board
from emgmon.runner.conduct import Conductor
from emgmon.runner.outcomes import Outcomes
from emgmon.runner.steps import Worn

KNOWN_S = 1.0
"""So long after a rest its noise is known, whichever sensor is late."""


class Desk:
    """What the board shows beside the sensors: the person's task, what came of it, and what was counted.

    Parameters
    ----------
    board : Board
    conductor : Conductor
    """

    def __init__(self, board: Board, conductor: Conductor) -> None:
        self.board, self.conductor = board, conductor
        self._outcomes = Outcomes()
        self._reps = 0
        self._rested_s = math.inf

    def begin(self) -> None:
        """Go on from what the board shows when the recording begins."""
        self._outcomes = self.board.view.outcomes

    def hear(self, event: Event) -> None:
        """Take in what the analysis tells."""
        self._outcomes = self._outcomes.after(event)
        if isinstance(event, SetOpened):
            self._reps = 0
        elif isinstance(event, RepClosed):
            self._reps += 1
            self.conductor.rep_done()
        elif isinstance(event, DeviceChanged) and event.battery_percent is not None:
            self.board.show(batteries={**self.board.view.batteries, event.device: event.battery_percent})

    def marked(self, kind: str, now_s: float) -> None:
        """Remember the end of a rest."""
        if kind == "baseline_stop":
            self._rested_s = now_s

    def worn(self) -> Worn:
        """Return what bears a sensor."""
        view = self.board.view
        muscles = (channel for channel in view.channels if channel.quantity in MUSCLE_QUANTITIES)
        return Worn([c.placement for c in muscles if c.placement is not None], view.motion)

    def learn_noise(self, now_s: float, pipeline: Pipeline) -> None:
        """Show the noise once the pipeline has taken the rest that ended a moment ago."""
        if now_s < self._rested_s + KNOWN_S:
            return
        self._rested_s = math.inf
        noise = {c.placement: c.noise for c in pipeline.summary().channels if c.placement and not math.isnan(c.noise)}
        self._outcomes = self._outcomes.with_noise(noise, measured=True)
        self.board.show(rested=True)

    def show(self, now_s: float) -> None:
        """Show what the person is at, and the steps before the first set."""
        conductor = self.conductor
        self.board.show(
            doing=conductor.doing,
            now_s=now_s,
            exercise=conductor.exercise.id,
            kind=conductor.kind,
            pain=conductor.pain,
            tries=dict(conductor.tries),
            steps=conductor.steps(self.worn()),
            skipped=frozenset(conductor.skipped),
            outcomes=self._outcomes,
            reps=self._reps,
        )
