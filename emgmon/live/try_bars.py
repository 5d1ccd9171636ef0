"""Live bars of the Calibrate page: left and right mirrored, with a tick for each try and a broad one for the best."""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, box, line, write
from emgmon.live.theme import DARK, Theme
from emgmon.model import Placement
from emgmon.runner.board import View

ORDER = "GHED"
ROOM = 1.2
"""The bar is so much longer than the largest level that was seen."""
LEAST = {"uv": 40.0}
"""No bar ends below this level, by unit: a quiet muscle is to look quiet."""
STANDS_OUT = 12.0
"""Before anything was tried, the bar is so many times the noise long."""
WIDE, HIGH, MIDDLE, SIDE = 1000.0, 74.0, 210.0, 40.0
THICK = 42.0
APART = 22.0
"""Numbers of tries that would stand nearer to each other are left out; the best one's stays."""


class TryBars(QWidget):
    """Paints the level of each channel of the groups in `groups`; call `update` when something has changed.

    Attributes
    ----------
    view : View
    groups : str
        Letters, from the top; the others are not shown.
    side : str
        The side that works; the other is dim. Empty for both.
    """

    def __init__(self, state: TrainState, theme: Theme = DARK) -> None:
        super().__init__()
        self.state, self.theme, self.view = state, theme, View()
        self.groups, self.side = "", ""
        self.setMinimumHeight(90)

    def full(self, places: list[Placement]) -> float:
        """Return the level at which the bars of these channels end."""
        outcomes = self.view.outcomes
        tries = [t.level for p in places for t in outcomes.of(p, self.view.kind) if isfinite(t.level)]
        noise = [STANDS_OUT * outcomes.noise.get(place, 0.0) for place in places]
        least = [LEAST.get(self.state.unit.get(place, "uv"), 1e-6) for place in places]
        return ROOM * max([*tries, *noise, *least, *(self._level(place) for place in places)])

    def _level(self, place: Placement) -> float:
        """Return what a channel does now, in its unit; 0 when it is silent."""
        frame = self.state.frame
        level = frame.level.get(place, 0.0) if frame is not None else 0.0
        best = self.view.outcomes.best.get(place)
        if frame is not None and frame.referenced and best is not None:
            level *= best.level
        return level if isfinite(level) else 0.0

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint a row for each group."""
        if not self.groups:
            return
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        unit = min(self.width() / WIDE, self.height() / (HIGH * len(self.groups)))
        painter.translate(self.width() / 2, (self.height() - HIGH * unit * len(self.groups)) / 2)
        painter.scale(unit, unit)
        half = self.width() / unit / 2
        for row, group in enumerate(self.groups):
            self._row(painter, group, row * HIGH + (HIGH - THICK) / 2, half)
        painter.end()

    def _row(self, painter: QPainter, group: str, top: float, half: float) -> None:
        theme = self.theme
        name = QRectF(-MIDDLE / 2, top, MIDDLE, THICK)
        key = f"bars.{group}"
        text = words(key) if group in "GHE" else words("place.gluteus_medius").upper()
        write(painter, name, text, 32, theme.group(group), 750, CENTRE, 3)
        worn = [place for place in self.state.placements() if place.group == group]
        full = self.full(worn)
        for side, sign in (("left", -1), ("right", 1)):
            near, far = sign * MIDDLE / 2, sign * (half - SIDE)
            track = QRectF(min(near, far), top, abs(far - near), THICK)
            box(painter, track, 8, theme.track)
            letter = QRectF(far + sign * 4 - (SIDE if sign < 0 else 0), top, SIDE, THICK)
            write(painter, letter, words(f"bars.{side}"), 30, theme.second, 700, CENTRE)
            here = [place for place in worn if place.side == side]
            if not here:
                write(painter, track, words("bars.not_worn"), 24, theme.faint, 550, CENTRE)
                continue
            dim = self.side not in {"", side}
            painter.setOpacity(0.35 if dim else 1.0)
            self._bar(painter, here, track, sign, full)
            painter.setOpacity(1.0)

    def _bar(self, painter: QPainter, here: list[Placement], track: QRectF, sign: int, full: float) -> None:
        """Paint the channels of one side above each other, with their tries."""
        theme, near = self.theme, track.left() if sign > 0 else track.right()
        high = track.height() / len(here)
        for row, place in enumerate(here):
            top = track.top() + row * high
            long = track.width() * min(1.0, self._level(place) / full)
            if long > 2:
                fill = QRectF(near if sign > 0 else near - long, top, long, high)
                box(painter, fill, 8, theme.group(place.group))
            tries = [
                (number, item.level) for number, item in enumerate(self.view.outcomes.of(place, self.view.kind), 1)
            ]
            known = sorted((t for t in tries if isfinite(t[1])), key=lambda each: -each[1])
            taken: list[float] = []
            for rank, (number, level) in enumerate(known):
                x = near + sign * track.width() * min(1.0, level / full)
                line(painter, QPointF(x, top - 8), QPointF(x, top + high + 8), theme.text, 2 if rank else 6)
                if row == 0 and all(abs(x - other) > APART for other in taken):
                    taken.append(x)
                    size, colour = (18, theme.second) if rank else (22, theme.text)
                    write(painter, QRectF(x - 20, top - 32, 40, 24), str(number), size, colour, 650, CENTRE)
