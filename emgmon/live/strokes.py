"""Painting in the screen's own unit: text, boxes, arcs, sensor lights and icons.

The training screen is 1080 units high; the painter is scaled once, so that every size here is one of the design.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, radians, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from emgmon.live.state import Light
from emgmon.live.theme import Theme, font

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter

OUTLINED = 60.0
"""Text of this size and more is filled as an outline."""

Colour = QColor | str
FontKey = tuple[float, int, float]
"""Size, weight, spacing in percent."""


@lru_cache(maxsize=512)
def metrics(size: float, weight: int, spacing_percent: float = 0.0) -> QFontMetricsF:
    """Return the measures of a font."""
    return QFontMetricsF(font(size, weight, spacing_percent))


def width(text: str, size: float, weight: int, spacing_percent: float = 0.0) -> float:
    """Return the width of a text."""
    return metrics(size, weight, spacing_percent).horizontalAdvance(text)


def elided(text: str, room: float, size: float, weight: int) -> str:
    """Shorten a text to a width."""
    return metrics(size, weight).elidedText(text, Qt.TextElideMode.ElideRight, room)


def fitting(text: str, room: float, size: float, weight: int, spacing_percent: float = 0.0) -> float:
    """Return the font size, at most `size`, with which a text is no wider than `room`."""
    return size * min(1.0, room / max(1.0, width(text, size, weight, spacing_percent)))


def write(
    painter: QPainter,
    rect: QRectF,
    text: str,
    size: float,
    colour: Colour,
    weight: int = 500,
    align: Qt.AlignmentFlag = LEFT,
    spacing_percent: float = 0.0,
) -> None:
    """Write one line of text into a box; it may stand over."""
    if size >= OUTLINED:
        key = (size, weight, spacing_percent)
        painter.fillPath(_outline(text, *key).translated(_baseline(rect, text, key, align)), QColor(colour))
        return
    painter.setFont(font(size, weight, spacing_percent))
    painter.setPen(QColor(colour))
    painter.drawText(rect, int(align) | int(Qt.TextFlag.TextDontClip), text)


@lru_cache(maxsize=512)
def _outline(text: str, size: float, weight: int, spacing_percent: float) -> QPainterPath:
    """Return a text as one outline: the strokes of Inter's letters overlap, and large ones would show the seams."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addText(QPointF(0.0, 0.0), font(size, weight, spacing_percent), text)
    return path.simplified()


def _baseline(rect: QRectF, text: str, font_key: FontKey, align: Qt.AlignmentFlag) -> QPointF:
    """Return where the first letter stands when the text is in the middle of the height of a box."""
    measures = metrics(*font_key)
    free = rect.width() - measures.horizontalAdvance(text)
    share = 0.5 if align == CENTRE else 1.0 if align == RIGHT else 0.0
    return QPointF(rect.left() + share * free, rect.center().y() + (measures.ascent() - measures.descent()) / 2.0)


def box(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: Colour | None = None,
    edge: Colour | None = None,
    edge_width: float = 1.0,
) -> None:
    """Draw a rectangle with round corners."""
    painter.setPen(Qt.PenStyle.NoPen if edge is None else QPen(QColor(edge), edge_width))
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else QBrush(QColor(fill)))
    painter.drawRoundedRect(rect, radius, radius)


def line(painter: QPainter, start: QPointF, end: QPointF, colour: Colour, thick: float) -> None:
    """Draw a straight line with flat ends."""
    painter.setPen(QPen(QColor(colour), thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLine(start, end)


def arc(
    painter: QPainter,
    centre: QPointF,
    radius: float,
    thick: float,
    start_deg: float,
    end_deg: float,
    colour: Colour | QBrush,
) -> None:
    """Draw an arc; angles in degrees, clockwise from nine o'clock."""
    if end_deg <= start_deg:
        return
    brush = colour if isinstance(colour, QBrush) else QBrush(QColor(colour))
    painter.setPen(QPen(brush, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    around = QRectF(centre.x() - radius, centre.y() - radius, 2.0 * radius, 2.0 * radius)
    painter.drawArc(around, round((180.0 - start_deg) * 16), -round((end_deg - start_deg) * 16))


def polar(centre: QPointF, radius: float, angle_deg: float) -> QPointF:
    """Return a point on a circle; angle in degrees, clockwise from nine o'clock."""
    angle = radians(180.0 - angle_deg)
    return QPointF(centre.x() + radius * cos(angle), centre.y() - radius * sin(angle))


def sensor_light(painter: QPainter, centre: QPointF, size: float, light: Light, theme: Theme) -> None:
    """Draw a light whose shape says the same as its colour: disc, triangle, crossed ring."""
    x, y = centre.x(), centre.y()
    painter.setPen(Qt.PenStyle.NoPen)
    if light is Light.GOOD:
        painter.setBrush(QColor(theme.glutes))
        painter.drawEllipse(centre, size / 2.0, size / 2.0)
    elif light is Light.WEAK:
        painter.setBrush(QColor(theme.hamstrings))
        corners = [(x, y - 0.58 * size), (x + 0.6 * size, y + 0.46 * size), (x - 0.6 * size, y + 0.46 * size)]
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.lost), 0.16 * size))
        painter.drawEllipse(centre, 0.42 * size, 0.42 * size)
        k = 0.2 * size
        painter.drawLine(QPointF(x - k, y - k), QPointF(x + k, y + k))
        painter.drawLine(QPointF(x - k, y + k), QPointF(x + k, y - k))


ICONS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "check": (((-0.8, 0.05), (-0.2, 0.65), (0.85, -0.6)),),
    "up": (((-0.75, 0.05), (0.0, -0.7), (0.75, 0.05)), ((0.0, -0.6), (0.0, 0.85))),
    "down": (((-0.75, -0.05), (0.0, 0.7), (0.75, -0.05)), ((0.0, 0.6), (0.0, -0.85))),
    "pause": (((-0.38, -0.6), (-0.38, 0.6)), ((0.38, -0.6), (0.38, 0.6))),
}
"""Polylines of the cue's icons, in half sizes from the centre."""


def icon(painter: QPainter, name: str, centre: QPointF, size: float, colour: Colour) -> None:
    """Draw one of `ICONS`."""
    pen = QPen(QColor(colour), 0.17 * size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = size / 2.0
    for stroke in ICONS[name]:
        painter.drawPolyline(QPolygonF([QPointF(centre.x() + half * x, centre.y() + half * y) for x, y in stroke]))


def speaker(painter: QPainter, centre: QPointF, size: float, colour: Colour, on: bool) -> None:
    """Draw a speaker, with waves when the sound is on."""
    x, y, k = centre.x(), centre.y(), size / 2.0
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    outline = [(-1.0, -0.35), (-0.45, -0.35), (0.1, -0.85), (0.1, 0.85), (-0.45, 0.35), (-1.0, 0.35)]
    painter.drawPolygon(QPolygonF([QPointF(x + a * k, y + b * k) for a, b in outline]))
    if not on:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colour), 0.1 * size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for radius in (0.55 * k, 0.95 * k):
        painter.drawArc(QRectF(x + 0.1 * k - radius, y - radius, 2 * radius, 2 * radius), -45 * 16, 90 * 16)
