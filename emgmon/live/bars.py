"""Paints the foot of the training screen: levels left and right, mirrored as on the body seen from behind."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from emgmon.live.readout import Bar
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, box, line, width, write
from emgmon.live.theme import Theme, blend, veil
from emgmon.model import GROUPS

HEIGHT, STEP = 44.0, 57.0
HALF, LABEL = 640.0, 150.0
"""Length of a bar, and half the width of the names between."""
STRIPE, DOT = 22.0, 26.0
"""From one stripe, one dot to the next."""


def paint_bars(
    painter: QPainter,
    theme: Theme,
    bars: Mapping[tuple[str, str], Bar],
    middle: float,
    top: float,
    *,
    bright: bool,
) -> None:
    """Paint the bars of all groups; not `bright` at rest."""
    for place, group in enumerate(GROUPS):
        y = top + place * STEP
        worn = any(bars[group, side].kind != "absent" for side in ("left", "right"))
        name = theme.group(group) if worn else theme.faint
        write(painter, QRectF(middle - LABEL, y, 2 * LABEL, HEIGHT), words(f"bars.{group}"), 36, name, 750, CENTRE, 4)
        for side, sign in (("left", -1), ("right", 1)):
            near = middle + sign * LABEL
            rect = QRectF(min(near, near + sign * HALF), y, HALF, HEIGHT)
            _bar(painter, theme, bars[group, side], rect, sign, group, bright)
    for letter, sign in ((words("bars.left"), -1), (words("bars.right"), 1)):
        x = middle + sign * (LABEL + HALF + 34)
        write(painter, QRectF(x - 30, top, 60, HEIGHT), letter, 44, theme.text, 750, CENTRE)


def _bar(painter: QPainter, theme: Theme, bar: Bar, rect: QRectF, sign: int, group: str, bright: bool) -> None:
    colour = theme.group(group)
    box(painter, rect, 8, theme.panel if theme.name == "dark" else theme.track)
    if bar.kind == "lost":
        _no_signal(painter, theme, rect)
    elif bar.kind == "absent":
        write(painter, rect, words("bars.not_worn"), 26, theme.faint, 550, CENTRE)
    elif bar.kind == "level":
        near = rect.left() if sign > 0 else rect.right()
        far = near + sign * HALF * bar.fill
        if bar.fill > 0.002:
            fill = QRectF(min(near, far), rect.top(), abs(far - near), rect.height())
            shown = QColor(colour) if bright else blend(theme.panel, colour, 0.5)
            box(painter, fill, 8, shown)
            _pattern(painter, fill, group, blend(shown.name(), theme.background, 0.45))
        if bar.tick is not None:
            x = near + sign * HALF * bar.tick
            line(painter, QPointF(x, rect.top() - 8), QPointF(x, rect.bottom() + 8), theme.text, 5)


def _pattern(painter: QPainter, fill: QRectF, group: str, colour: QColor) -> None:
    """Lay the pattern of a group over its bar: stripes for hamstrings, dots for the back."""
    inside = fill.adjusted(6, 0, -6, 0)
    if group == "H":
        painter.setPen(QPen(colour, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        places = np.arange(inside.left() + 6, inside.right(), STRIPE)
        painter.drawLines([QLineF(float(x), fill.top(), float(x), fill.bottom()) for x in places])
    elif group == "E":
        painter.setPen(QPen(colour, 8.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        places = np.arange(inside.left() + 6, inside.right(), DOT)
        heights = (fill.top() + 0.3 * fill.height(), fill.top() + 0.7 * fill.height())
        painter.drawPoints(QPolygonF([QPointF(float(x), y) for x in places for y in heights]))


def _no_signal(painter: QPainter, theme: Theme, rect: QRectF) -> None:
    clip = QPainterPath()
    clip.addRoundedRect(rect, 8, 8)
    painter.save()
    painter.setClipPath(clip)
    painter.setPen(QPen(veil(theme.lost, 120), 4))
    starts = np.arange(rect.left() - rect.height(), rect.right(), 26.0)
    painter.drawLines([QLineF(float(x), rect.bottom(), float(x) + rect.height(), rect.top()) for x in starts])
    painter.restore()
    wide = width(words("bars.no_signal"), 28, 700, 3) + 40
    plate = QRectF(rect.center().x() - wide / 2, rect.top() + 3, wide, rect.height() - 6)
    box(painter, plate, 8, theme.background)
    write(painter, rect, words("bars.no_signal"), 28, theme.lost, 700, CENTRE, 3)
