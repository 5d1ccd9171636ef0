"""Paints the middle of the training screen: the ring of shares and the cue under it."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QConicalGradient, QPainter, QPen, QPolygonF

from emgmon.live.readout import Cue, Ring
from emgmon.live.strokes import CENTRE, LEFT, arc, box, fitting, icon, line, polar, width, write
from emgmon.live.theme import Theme, blend, veil
from emgmon.model import GROUPS

RADIUS, THICK = 356.0, 96.0
INNER, OUTER = RADIUS - THICK / 2, RADIUS + THICK / 2
START_DEG, END_DEG = -30.0, 210.0
GAP_DEG = 1.1
ZONE = 0.30
"""Length of the arc outside that says "from the mark upwards", as a share."""
STRIPE_DEG, DOT_DEG = 3.4, 4.2


def _angle_deg(share: float) -> float:
    return START_DEG + (END_DEG - START_DEG) * share


def paint_ring_ground(painter: QPainter, theme: Theme, mark: float | None, centre: QPointF) -> None:
    """Paint what seldom changes: the empty ring, and outside it an arc from the mark upwards that fades."""
    arc(painter, centre, RADIUS, THICK, START_DEG, END_DEG, theme.track)
    if mark is not None:
        _zone(painter, theme, centre, mark)


def paint_ring(painter: QPainter, theme: Theme, ring: Ring, centre: QPointF) -> None:
    """Paint the whole ring and its number."""
    paint_ring_ground(painter, theme, ring.mark, centre)
    fill_ring(painter, theme, ring, centre)
    paint_number(painter, theme, ring, centre)


def fill_ring(painter: QPainter, theme: Theme, ring: Ring, centre: QPointF) -> None:
    """Paint what fills the ring: glutes from the left end, then hamstrings (striped), then back (dotted)."""
    if ring.needle is not None:
        _needle(painter, theme, ring, ring.needle, centre)
    elif ring.share:
        ends = [_angle_deg(float(end)) for end in np.cumsum((0.0, *ring.share))]
        for place, group in enumerate(GROUPS):
            start, end = ends[place] + (GAP_DEG if place else 0.0), ends[place + 1]
            colour = blend(theme.track, theme.group(group), 0.35 if ring.dim else 1.0)
            arc(painter, centre, RADIUS, THICK, start, end, colour)
            _patterned(painter, theme, centre, group, start, end, colour)
    if ring.mark is not None:  # across the ring, over what fills it
        at = _angle_deg(ring.mark)
        line(painter, polar(centre, INNER - 10, at), polar(centre, OUTER + 28, at), theme.text, 9)
    if ring.last is not None:
        _pointer(painter, theme, centre, _angle_deg(ring.last))


def _patterned(
    painter: QPainter, theme: Theme, centre: QPointF, group: str, start_deg: float, end_deg: float, colour: QColor
) -> None:
    """Lay the pattern of a group over its arc: stripes for hamstrings, dots for the back."""
    pattern = blend(colour.name(), theme.background, 0.5)  # opaque: thin lines that let through cost 4 times
    if group == "H":
        _stripes(painter, centre, start_deg, end_deg, pattern)
    elif group == "E":
        _dots(painter, centre, start_deg, end_deg, pattern)


def _needle(painter: QPainter, theme: Theme, ring: Ring, place: float, centre: QPointF) -> None:
    """Paint the change from the person's own first reps, from the middle; inside the zone nothing changed."""
    middle, half = _angle_deg(0.5), (END_DEG - START_DEG) / 2.0
    reach, band = place * half, ring.band * half
    start, end = (middle + min(0.0, reach), middle + max(0.0, reach)) if place else (middle - band, middle + band)
    colour = blend(theme.track, theme.group(ring.group), 0.35 if ring.dim else 1.0)
    arc(painter, centre, RADIUS, THICK, start, end, colour)
    _patterned(painter, theme, centre, ring.group, start, end, colour)
    outside = OUTER + 22
    arc(painter, centre, outside, 12, middle - band, middle + band, theme.text)
    for edge in (middle - band, middle + band):
        line(painter, polar(centre, OUTER + 2, edge), polar(centre, outside + 6, edge), theme.text, 6)
    line(painter, polar(centre, INNER - 10, middle), polar(centre, OUTER + 2, middle), theme.text, 5)


def paint_number(painter: QPainter, theme: Theme, ring: Ring, centre: QPointF) -> None:
    """Paint the number in the ring, and what it says above it."""
    x, y = centre.x(), centre.y()
    write(painter, QRectF(x - 240, y - 232, 480, 44), ring.label, 34, theme.second, 700, CENTRE, 6)
    sign = width(ring.unit, 110, 600) if ring.unit else 0.0
    size = fitting(ring.number, 540 - sign, 300, 750, -4)
    number = width(ring.number, size, 750, -4)
    left = x - (number + sign) / 2
    colour = theme.second if ring.dim else theme.text
    write(painter, QRectF(left - 4, y - 190, number + 20, 330), ring.number, size, colour, 750, LEFT, -4)
    if ring.unit:
        write(painter, QRectF(left + number + 4, y - 98, sign + 20, 130), ring.unit, 110, theme.second, 600)
    write(painter, QRectF(x - 240, y + 118, 480, 44), ring.note, 32, theme.second, 600, CENTRE)


def _zone(painter: QPainter, theme: Theme, centre: QPointF, share: float) -> None:
    """Draw an arc from the target upwards that fades: more is never wrong."""
    outside = OUTER + 22
    start, end = _angle_deg(share), _angle_deg(min(1.0, share + ZONE))
    fade = QConicalGradient(centre, 180.0 - end)  # counterclockwise from the end
    for place, opacity in ((0.0, 0), (0.6 * (end - start) / 360.0, 255), (0.5, 255), (0.6, 0), (1.0, 0)):
        fade.setColorAt(place, veil(theme.text, opacity))
    arc(painter, centre, outside, 12, start, end, QBrush(fade))


def _pointer(painter: QPainter, theme: Theme, centre: QPointF, angle_deg: float) -> None:
    corners = [(INNER - 8, 0.0), (INNER - 32, -2.2), (INNER - 32, 2.2)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.second))
    painter.drawPolygon(QPolygonF([polar(centre, radius, angle_deg + off) for radius, off in corners]))


def _stripes(painter: QPainter, centre: QPointF, start_deg: float, end_deg: float, colour: QColor) -> None:
    angles = np.arange(start_deg + 2.0, end_deg - 1.0, STRIPE_DEG).tolist()
    painter.setPen(QPen(colour, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    x, y = centre.x(), centre.y()
    ways = [(cos(radians(a)), sin(radians(a))) for a in angles]
    painter.drawLines([QLineF(x - INNER * c, y - INNER * s, x - OUTER * c, y - OUTER * s) for c, s in ways])


def _dots(painter: QPainter, centre: QPointF, start_deg: float, end_deg: float, colour: QColor) -> None:
    angles = np.arange(start_deg + 2.2, end_deg - 1.0, DOT_DEG).tolist()
    rows = (RADIUS - THICK / 4, RADIUS, RADIUS + THICK / 4)
    painter.setPen(QPen(colour, 8.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    x, y = centre.x(), centre.y()
    ways = [(cos(radians(a)), sin(radians(a))) for a in angles]
    painter.drawPoints(QPolygonF([QPointF(x - radius * c, y - radius * s) for c, s in ways for radius in rows]))


def paint_cue(painter: QPainter, theme: Theme, cue: Cue, centre: QPointF, room: float) -> None:
    """Paint the cue in the colour of the group that leads, on a plain pill when none does."""
    before = 140.0 if cue.icon else 64.0
    after = 56.0 if cue.icon else 64.0
    size = fitting(cue.text, room - before - after, 92, 750, 1)
    wide = before + width(cue.text, size, 750, 1) + after
    rect = QRectF(centre.x() - wide / 2, centre.y() + 206, wide, 134)
    box(painter, rect, 67, theme.group(cue.group) if cue.group else theme.raised)
    colour = theme.on_colour if cue.group else theme.text
    if cue.icon:
        icon(painter, cue.icon, QPointF(rect.left() + 84, rect.center().y()), 64, colour)
    write(painter, rect.adjusted(before, 0, 0, 0), cue.text, size, colour, 750, LEFT, 1)
