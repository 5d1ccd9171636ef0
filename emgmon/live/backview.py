"""The body from behind with a light on each muscle that bears a sensor; left is left."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from emgmon.live.state import TrainState
from emgmon.live.strokes import CENTRE, box, sensor_light, write
from emgmon.live.theme import DARK, Theme, veil
from emgmon.model import MUSCLES, Placement

WIDE, HIGH = 340.0, 520.0
SITES = {
    "erector_spinae": (16.0, 178.0),
    "gluteus_medius": (54.0, 222.0),
    "gluteus_maximus": (34.0, 262.0),
    "biceps_femoris": (48.0, 352.0),
    "semitendinosus": (26.0, 362.0),
    "tensor_fasciae_latae": (72.0, 256.0),
    "rectus_femoris": (66.0, 330.0),
    "vastus_lateralis": (70.0, 372.0),
    "vastus_medialis": (14.0, 392.0),
}
"""Distance of a site from the middle and from the top, in the units of the picture."""
AREAS = {"E": (4, 120, 26, 104, 12), "G": (5, 230, 64, 66, 26), "H": (8, 306, 56, 110, 18)}
"""Of each group on one side: distance from the middle, top, width, height and roundness."""


class BackView(QWidget):
    """Paints the sites of a `TrainState`; call `update` when it has changed."""

    def __init__(self, state: TrainState, theme: Theme = DARK) -> None:
        super().__init__()
        self.state, self.theme = state, theme
        self.setMinimumSize(200, 300)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint body, muscles and lights."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        box(painter, self.rect().toRectF(), 10, theme.panel)
        unit = min(self.width() / WIDE, self.height() / HIGH)
        painter.translate(self.width() / 2, (self.height() - HIGH * unit) / 2)
        painter.scale(unit, unit)
        painter.setPen(QColor(theme.line))
        painter.setBrush(QColor(theme.raised))
        painter.drawPath(_body())
        for group, (left, top, wide, high, radius) in AREAS.items():
            for sign in (-1, 1):
                area = QRectF(left if sign > 0 else -left - wide, top, wide, high)
                box(painter, area, radius, veil(theme.group(group), 110), theme.group(group), 1)
        write(painter, QRectF(-160, 10, 40, 40), "L", 26, theme.second, 700, CENTRE)
        write(painter, QRectF(120, 10, 40, 40), "R", 26, theme.second, 700, CENTRE)
        for place in self.state.placements():
            if place.muscle in MUSCLES:
                where = _site(place)
                painter.setPen(QColor(theme.background))
                painter.setBrush(QColor(theme.background))
                painter.drawEllipse(where, 11, 11)
                sensor_light(painter, where, 16, self.state.light(place), theme)
        painter.end()


def _site(place: Placement) -> QPointF:
    """Return where a muscle's sensor sits; muscles of the shank stand in one row."""
    apart, down = SITES.get(place.muscle, (36.0, 452.0))
    return QPointF(apart if place.side == "right" else -apart, down)


def _body() -> QPainterPath:
    """Return the outline: head, trunk with arms, legs."""
    path = QPainterPath()
    path.addEllipse(QRectF(-26, 14, 52, 64))
    for part, radius in (
        (QRectF(-14, 60, 28, 50), 8),
        (QRectF(-74, 88, 148, 130), 40),
        (QRectF(-62, 150, 124, 90), 24),
        (QRectF(-76, 214, 152, 96), 40),
        (QRectF(-76, 270, 70, 232), 26),
        (QRectF(6, 270, 70, 232), 26),
        (QRectF(-108, 104, 32, 190), 16),
        (QRectF(76, 104, 32, 190), 16),
    ):
        piece = QPainterPath()
        piece.addRoundedRect(part, radius, radius)
        path = path.united(piece)
    return path
