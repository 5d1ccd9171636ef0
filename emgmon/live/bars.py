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
SIGNS = (("left", -1), ("right", 1))


Bars = Mapping[tuple[str, str], Bar]
"""By group and side."""


def kinds(bars: Bars) -> tuple[str, ...]:
    """Return all of some bars that seldom changes."""
    return tuple(bar.kind for bar in bars.values())


def paint_tracks(painter: QPainter, theme: Theme, bars: Bars, middle: float, top: float) -> None:
    """Paint what seldom changes: names of the groups, empty bars, and why one is empty."""
    for place, group in enumerate(GROUPS):
        y = top + place * STEP
        worn = any(bars[group, side].kind != "absent" for side in ("left", "right"))
        name = theme.group(group) if worn else theme.faint
        write(painter, QRectF(middle - LABEL, y, 2 * LABEL, HEIGHT), words(f"bars.{group}"), 36, name, 750, CENTRE, 4)
        for side, sign in SIGNS:
            rect, kind = _track(middle, y, sign), bars[group, side].kind
            box(painter, rect, 8, theme.panel if theme.name == "dark" else theme.track)
            if kind == "lost":
                _no_signal(painter, theme, rect)
            elif kind == "absent":
                write(painter, rect, words("bars.not_worn"), 26, theme.faint, 550, CENTRE)
    for side, sign in SIGNS:
        x = middle + sign * (LABEL + HALF + 34)
        write(painter, QRectF(x - 30, top, 60, HEIGHT), words(f"bars.{side}"), 44, theme.text, 750, CENTRE)


def paint_levels(painter: QPainter, theme: Theme, bars: Bars, middle: float, top: float, *, bright: bool) -> None:
    """Paint what fills the bars, and their marks; not `bright` at rest."""
    for place, group in enumerate(GROUPS):
        colour = theme.group(group)
        shown = QColor(colour) if bright else blend(theme.panel, colour, 0.5)
        pattern = blend(shown.name(), theme.background, 0.45)
        for side, sign in SIGNS:
            bar, rect = bars[group, side], _track(middle, top + place * STEP, sign)
            if bar.kind != "level":
                continue
            near = rect.left() if sign > 0 else rect.right()
            if bar.fill > 0.002:
                far = near + sign * HALF * bar.fill
                fill = QRectF(min(near, far), rect.top(), abs(far - near), rect.height())
                box(painter, fill, 8, shown)
                _pattern(painter, fill, group, pattern)
            if bar.tick is not None:
                x = near + sign * HALF * bar.tick
                line(painter, QPointF(x, rect.top() - 8), QPointF(x, rect.bottom() + 8), theme.text, 5)


def _track(middle: float, y: float, sign: int) -> QRectF:
    near = middle + sign * LABEL
    return QRectF(min(near, near + sign * HALF), y, HALF, HEIGHT)


def _pattern(painter: QPainter, fill: QRectF, group: str, colour: QColor) -> None:
    """Lay the pattern of a group over its bar: stripes for hamstrings, dots for the back."""
    inside = fill.adjusted(6, 0, -6, 0)
    if group == "H":
        painter.setPen(QPen(colour, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        places = np.arange(inside.left() + 6, inside.right(), STRIPE).tolist()
        painter.drawLines([QLineF(x, fill.top(), x, fill.bottom()) for x in places])
    elif group == "E":
        painter.setPen(QPen(colour, 8.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        places = np.arange(inside.left() + 6, inside.right(), DOT).tolist()
        heights = (fill.top() + 0.3 * fill.height(), fill.top() + 0.7 * fill.height())
        painter.drawPoints(QPolygonF([QPointF(x, y) for x in places for y in heights]))


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
