"""Paints the sides of the training screen: the reps on the left, the hold on the right, the bar on top."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from emgmon.live.readout import Column, Hold, Reps, TopBar
from emgmon.live.state import Light
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, RIGHT, box, elided, fitting, line, sensor_light, speaker, width, write
from emgmon.live.theme import Theme, blend, veil

COLUMN_WIDTH, COLUMN_STEP, COLUMN_HEIGHT = 20.0, 28.5, 190.0
COLUMNS_ROOM = 344.0
PHASES = ("lift", "hold", "lower", "rest")
MARGIN = 56.0


def paint_reps(painter: QPainter, theme: Theme, reps: Reps, left: float, top: float) -> None:
    """Paint the counter, a column for each rep, and how many were on target."""
    write(painter, QRectF(left, top, 300, 44), reps.label, 34, theme.second, 700, spacing_percent=6)
    target = width(reps.target, 92, 600)
    size = fitting(reps.number, 400 - target, 230, 750, -4)
    write(painter, QRectF(left - 8, top + 26, 400, 240), reps.number, size, theme.text, 750, spacing_percent=-4)
    after = left + width(reps.number, size, 750, -4) + 6
    write(painter, QRectF(after, top + 126, 200, 110), reps.target, 92, theme.faint, 600)
    columns_top = top + 310
    step = min(COLUMN_STEP, COLUMNS_ROOM / max(1, len(reps.columns)))
    for place, column in enumerate(reps.columns):
        wide = step * COLUMN_WIDTH / COLUMN_STEP
        _column(painter, theme, column, QRectF(left + place * step, columns_top, wide, COLUMN_HEIGHT))
    if reps.mark is not None:
        y = columns_top + COLUMN_HEIGHT * (1.0 - reps.mark)
        painter.setPen(QPen(QColor(theme.text), 3, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(left - 10, y), QPointF(left + len(reps.columns) * step + 4, y))
    caption = QRectF(left, columns_top + COLUMN_HEIGHT + 16, 420, 50)
    write(painter, caption, reps.caption, 32, theme.second, 550)


def _column(painter: QPainter, theme: Theme, column: Column, rect: QRectF) -> None:
    if column.kind in {"now", "next"}:
        now = column.kind == "now"
        edge, thick = (theme.text, 3.0) if now else (theme.line, 2.0)
        box(painter, rect.adjusted(1, 1, -1, -1), 5, None, edge, thick)
        return
    rect = QRectF(
        rect.left(), rect.bottom() - column.height * rect.height(), rect.width(), column.height * rect.height()
    )
    colours = {"met": theme.glutes, "missed": theme.hamstrings}
    box(painter, rect, 5, colours.get(column.kind, blend(theme.track, theme.glutes, 0.5)))
    if column.kind == "missed":
        painter.setPen(QPen(veil(theme.background, 150), 3))
        heights = np.arange(rect.top() + 10, rect.bottom() - 4, 11)
        painter.drawLines([QLineF(rect.left(), float(y), rect.right(), float(y)) for y in heights])


def paint_hold(painter: QPainter, theme: Theme, hold: Hold, left: float, top: float) -> None:
    """Paint the seconds of the hold, their bar with the shortest hold wanted, and the phases of a rep."""
    wide = 380.0
    write(painter, QRectF(left, top, wide, 44), hold.label, 34, theme.second, 700, spacing_percent=6)
    size = fitting(hold.number, wide - 60, 210, 750, -7)
    colour = theme.text if hold.running else theme.faint
    write(painter, QRectF(left - 8, top + 26, wide, 240), hold.number, size, colour, 750, spacing_percent=-7)
    after = left + width(hold.number, size, 750, -7) + 2
    write(painter, QRectF(after, top + 122, 100, 110), hold.unit, 84, theme.faint, 600)
    bar = QRectF(left, top + 310, wide, 46)
    box(painter, bar, 23, theme.track)
    if hold.fraction > 0.0:
        clip = QPainterPath()
        clip.addRoundedRect(bar, 23, 23)
        painter.save()
        painter.setClipPath(clip)
        running = theme.group(hold.group) if hold.group else theme.second
        fill = QColor(running if hold.running else theme.faint)
        painter.fillRect(QRectF(left, bar.top(), wide * hold.fraction, 46), fill)
        painter.restore()
    labels_top = bar.bottom() + 14
    if hold.tick is not None:
        x = left + wide * hold.tick
        line(painter, QPointF(x, bar.top() - 12), QPointF(x, bar.bottom() + 12), theme.text, 5)
        write(painter, QRectF(x - 40, labels_top, 80, 40), hold.tick_text, 30, theme.second, 600, CENTRE)
    write(painter, QRectF(left + wide - 90, labels_top, 90, 40), hold.end_text, 30, theme.second, 600, RIGHT)
    _phases(painter, theme, hold.phase, QRectF(left, bar.top() + 144, wide, 14))


def _phases(painter: QPainter, theme: Theme, running: str, strip: QRectF) -> None:
    wide = strip.width() / len(PHASES)
    for place, phase in enumerate(PHASES):
        now = phase == running
        rect = QRectF(strip.left() + place * wide, strip.top(), wide, strip.height())
        box(painter, rect.adjusted(4, 0, -4, 0), 7, theme.text if now else theme.line)
        colour = theme.text if now else theme.faint
        label = QRectF(rect.left() - 10, rect.top() + 22, wide + 20, 40)
        write(painter, label, words(f"phase.{phase}"), 23, colour, 750 if now else 600, CENTRE, 2)


def paint_top(painter: QPainter, theme: Theme, top: TopBar, wide: float) -> None:
    """Paint the top bar: exercise, awaited sensors; lights, sound, recording, clock."""
    y, height = 34.0, 64.0
    middle = y + height / 2
    right = wide - MARGIN
    clock = width(top.clock, 34, 600)
    write(painter, QRectF(right - clock, y, clock, height), top.clock, 34, theme.text, 600, RIGHT)
    right -= clock + 18
    if top.recording:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.lost))
        painter.drawEllipse(QPointF(right - 9, middle), 10, 10)
        right -= 40
    speaker(painter, QPointF(right - 30, middle), 30, theme.second if top.sound else theme.faint, top.sound)
    right -= 72
    right = _lights(painter, theme, top, right, QRectF(0, y, 0, height))
    room = right - MARGIN - 30
    pill = width(top.pill, 26, 600) + 84 if top.pill else 0.0
    title = elided(top.exercise, max(120.0, room - pill - 150), 34, 650)
    write(painter, QRectF(MARGIN, y, room, height), title, 34, theme.text, 650)
    x = MARGIN + (width(title, 34, 650) + 22 if title else 0.0)
    write(painter, QRectF(x, y, 300, height), top.set_text, 34, theme.second, 450)
    x += width(top.set_text, 34, 450) + 30 if top.set_text else 0.0
    if top.pill:
        rect = QRectF(x, y + 4, min(pill, right - 20 - x), height - 8)
        box(painter, rect, rect.height() / 2, blend(theme.background, theme.hamstrings, 0.18), theme.hamstrings, 2)
        sensor_light(painter, QPointF(x + 32, middle), 24, Light.WEAK, theme)
        said = elided(top.pill, rect.width() - 76, 26, 600)
        write(painter, rect.adjusted(54, 0, 0, 0), said, 26, theme.text, 600)


def _lights(painter: QPainter, theme: Theme, top: TopBar, right: float, row: QRectF) -> float:
    """Paint the strip of sensor lights that ends at `right`; return where it begins."""
    cells = [max(74.0, 42 + width(label, 23, 600)) for label, _ in top.lights]
    if not cells:
        return right
    strip = QRectF(right - sum(cells) - 24, row.top(), sum(cells) + 24, row.height())
    box(painter, strip, row.height() / 2, theme.panel)
    x = strip.left() + 12
    for (label, light), wide in zip(top.lights, cells, strict=True):
        sensor_light(painter, QPointF(x + 20, row.center().y()), 24, light, theme)
        colour = theme.second if light is Light.GOOD else theme.text
        write(painter, QRectF(x + 36, row.top(), wide, row.height()), label, 23, colour, 600)
        x += wide
    return strip.left()
