"""The cards beside the traces: the ring at the cursor, who starts first, and how two reps differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from emgmon.live import readout
from emgmon.live.gauge import OUTER, paint_ring
from emgmon.live.review_pair import Pair
from emgmon.live.review_set import Start, clock
from emgmon.live.review_traces import panel
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, LEFT, RIGHT, box, elided, line, metrics, width, write
from emgmon.live.theme import DARK, Theme
from emgmon.model import PHASE_TITLES, Phase
from emgmon.report.wording import signed

HEAD = 60.0
RING_ABOVE, RING_BELOW = OUTER + 34.0, 236.0
"""How far the ring reaches above and below its centre, in its own units."""
NAMES, ROW = 168.0, 46.0


class Card(QWidget):
    """A panel with a title on the left and a note on the right, painted in units."""

    def __init__(self, name: str, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.unit = theme, 1.0
        self.setAccessibleName(name)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the panel and what is on it."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(self.unit, self.unit)
        wide, high = self.width() / self.unit, self.height() / self.unit
        panel(painter, self.theme, wide, high)
        self.paint(painter, wide, high)
        painter.end()

    def paint(self, painter: QPainter, wide: float, high: float) -> None:
        """Paint what is on the panel."""

    def head(self, painter: QPainter, wide: float, title: str, note: str) -> None:
        """Write title and note."""
        room = wide - 72 - width(note, 20, 450)
        write(painter, QRectF(28, 16, room, 34), elided(title, room, 24, 650), 24, self.theme.text, 650)
        write(painter, QRectF(28, 16, wide - 56, 34), note, 20, self.theme.second, 450, RIGHT)


class RingCard(Card):
    """The ring of the training screen, as it was at the cursor."""

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(words("review.ring"), theme, parent)
        self.state, self.at_s, self.rep, self.has_reps = TrainState(), 0.0, 0, False

    def paint(self, painter: QPainter, wide: float, high: float) -> None:
        """Paint the ring, its label within it, the rep and the clock."""
        frame = self.state.frame
        at_work = frame is not None and self.state.in_set and frame.phase is not Phase.REST
        none = words("review.at_none" if self.has_reps else "review.at_cursor")
        title = words("review.at_rep", index=self.rep) if self.rep else none
        if at_work and frame is not None and self.rep:
            title += f" · {PHASE_TITLES[frame.phase]}"
        self.head(painter, wide, title, clock(self.at_s, 1))
        ring = readout.ring(self.state)
        room = high - HEAD - 14
        scale = min(room / (RING_ABOVE + RING_BELOW), (wide - 40) / (2 * OUTER + 80))
        painter.save()
        painter.translate(wide / 2, HEAD + room / 2 + (RING_ABOVE - RING_BELOW) / 2 * scale)
        painter.scale(scale, scale)
        paint_ring(painter, self.theme, replace(ring, label="", note=""), QPointF(0, 0))
        painter.restore()
        y = HEAD + room / 2 + (RING_ABOVE - RING_BELOW) / 2 * scale + 132 * scale
        write(painter, QRectF(0, y - 6, wide, 34), ring.label.capitalize(), 22, self.theme.second, 550, CENTRE)
        write(painter, QRectF(0, y + 22, wide, 28), ring.note, 18, self.theme.second, 500, CENTRE)


class StartsCard(Card):
    """Who starts first in the rep at the cursor, and what the set says of the order."""

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(words("review.starts"), theme, parent)
        self.starts: tuple[Start, ...] = ()
        self.lines: tuple[str, ...] = ()

    def paint(self, painter: QPainter, wide: float, high: float) -> None:
        """Paint a bar from each group's onset to the right, like the muscle that goes on working."""
        self.head(painter, wide, words("review.starts"), words("review.starts.note"))
        if not self.starts:
            write(painter, QRectF(28, HEAD, wide - 56, 40), words("review.starts.none"), 20, self.theme.second, 450)
        known = [item.at_ms for item in self.starts if math.isfinite(item.at_ms)]
        lowest, highest = min([0.0, *known]), max([0.0, *known])
        left, right = NAMES + 24, wide - 150.0
        span_ms = max(100.0, highest - lowest)

        def x(at_ms: float) -> float:
            at_ms = at_ms if math.isfinite(at_ms) else 0.0
            return max(NAMES, min(wide - 28, left + (at_ms - lowest) / span_ms * (right - left)))

        for number, start in enumerate(self.starts):
            self._bar(
                painter, start, HEAD + 2 + ROW * number, wide, (x(start.at_ms), x(start.low_ms), x(start.high_ms))
            )
        if self.starts:
            bottom = HEAD + ROW * len(self.starts)
            painter.setPen(QPen(QColor(self.theme.text), 2.5, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x(0.0), HEAD - 4), QPointF(x(0.0), bottom))
            self._words(painter, QRectF(28, bottom + 8, wide - 56, high - bottom - 16))

    def _bar(self, painter: QPainter, start: Start, y: float, wide: float, xs: tuple[float, float, float]) -> None:
        theme, (at, low, high) = self.theme, xs
        colour = theme.group(start.group)
        write(painter, QRectF(28, y, NAMES - 28, 40), words(f"review.group.{start.group}"), 22, colour, 650, LEFT)
        if not math.isfinite(start.at_ms):
            why = start.why or words("review.starts.none")
            write(painter, QRectF(at + 16, y, wide - 28 - at, 40), why, 18, theme.second, 500, LEFT)
            return
        bar = QRectF(at, y + 7, max(8.0, wide - 28 - at), 26)
        box(painter, bar, 6, colour)
        onset_mark(painter, theme, start.group, QPointF(at, bar.center().y()))
        if math.isfinite(start.low_ms):
            for end in (low, high):
                line(painter, QPointF(end, y + 33), QPointF(end, y + 41), theme.second, 2.5)
            line(painter, QPointF(low, y + 40), QPointF(high, y + 40), theme.second, 2.5)
        text = QRectF(wide - 140, y + 7, 102, 26)
        write(painter, text, signed(start.at_ms, 0), 20, theme.on_colour, 750, RIGHT)

    def _words(self, painter: QPainter, area: QRectF) -> None:
        lines = list(self.lines)
        if any(math.isfinite(start.at_ms) and math.isfinite(start.low_ms) for start in self.starts):
            lines.append(words("review.starts.interval"))
        paragraph(painter, area, lines, 18, self.theme.second)


class PairCard(Card):
    """How two reps differ, in words."""

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(words("review.both"), theme, parent)
        self.pair: Pair | None = None

    def paint(self, painter: QPainter, wide: float, high: float) -> None:
        """Write which reps, and a line for each difference."""
        if self.pair is None:
            self.head(painter, wide, words("review.both"), "")
            paragraph(painter, QRectF(28, HEAD, wide - 56, 40), [words("review.compare.one")], 20, self.theme.second)
            return
        title = words("review.compare", this=self.pair.this, that=self.pair.that)
        self.head(painter, wide, title, words("review.compare.note"))
        paragraph(painter, QRectF(28, HEAD - 2, wide - 56, high - HEAD - 8), self.pair.lines, 20, self.theme.text)


def paragraph(painter: QPainter, area: QRectF, lines: Sequence[str], size: float, colour: str) -> None:
    """Write sentences under each other, broken where there is no more room, as many as fit."""
    y, step = area.top(), 1.36 * size
    for sentence in lines:
        for part in broken(sentence, area.width(), size):
            if y + step > area.bottom() + 0.5 * size:
                return
            write(painter, QRectF(area.left(), y, area.width(), step), part, size, colour, 500)
            y += step
        y += 0.2 * size


def broken(sentence: str, room: float, size: float) -> list[str]:
    """Break a sentence at spaces into lines no wider than `room`."""
    measure = metrics(size, 500)
    lines = [""]
    for word in sentence.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and measure.horizontalAdvance(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def onset_mark(painter: QPainter, theme: Theme, group: str, centre: QPointF) -> None:
    """Draw the mark of an onset, whose shape says the group too: circle, triangle, square."""
    painter.setPen(QPen(QColor(theme.panel), 2.5))
    painter.setBrush(QColor(theme.group(group)))
    if group == "H":
        corners = [(-10.0, 9.0), (10.0, 9.0), (0.0, -11.0)]
        painter.drawPolygon(QPolygonF([centre + QPointF(*corner) for corner in corners]))
    elif group == "E":
        painter.drawRect(QRectF(centre.x() - 9, centre.y() - 9, 18, 18))
    else:
        painter.drawEllipse(centre, 10, 10)
