"""The body from behind with a light on each muscle that bears a sensor; left is left. A click on a site chooses it."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPaintEvent,
    QPen,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, box, sensor_light, write
from emgmon.live.theme import DARK, Theme, veil
from emgmon.model import MUSCLES, Placement

WIDE, HIGH = 330.0, 520.0
SITES = {
    "erector_spinae": (16.0, 182.0),
    "gluteus_maximus": (36.0, 276.0),
    "biceps_femoris": (41.0, 366.0),
    "gluteus_medius": (58.0, 232.0),
    "semitendinosus": (18.0, 392.0),
    "tensor_fasciae_latae": (74.0, 262.0),
    "rectus_femoris": (62.0, 330.0),
    "vastus_lateralis": (62.0, 402.0),
    "vastus_medialis": (14.0, 420.0),
}
"""Distance of a site from the middle and from the top, in the units of the picture."""
LOWER = (36.0, 472.0)
"""Muscles of the shank stand in one place."""
OFFERED = ("erector_spinae", "gluteus_maximus", "biceps_femoris")
"""Sites that are shown where nobody wears a sensor, too."""
AREAS = {"E": (6, 132, 22, 104, 11), "G": (5, 244, 62, 66, 28), "H": (14, 324, 50, 98, 18)}
"""Of each group on one side: distance from the middle, top, width, height and roundness."""
NEAR = 22.0
"""A click within this distance of a site means it."""


class BackView(QWidget):
    """Paints the sites of a `TrainState`; call `update` when it has changed.

    Parameters
    ----------
    state : TrainState
    theme : Theme
    on_pick : callable, optional
        Called with the place that was clicked.

    Attributes
    ----------
    picked : Placement or None
        Stands out.
    """

    def __init__(
        self, state: TrainState, theme: Theme = DARK, on_pick: Callable[[Placement], None] = lambda _place: None
    ) -> None:
        super().__init__()
        self.state, self.theme = state, theme
        self.picked: Placement | None = None
        self._on_pick = on_pick
        self.setMinimumSize(200, 300)
        self.setAccessibleName(words("sensors.placing"))

    def sites(self) -> list[Placement]:
        """Return the places that are shown: those that bear a sensor, and the usual ones."""
        worn = [place for place in self.state.placements() if place.muscle in MUSCLES]
        usual = [Placement(name, side) for name in OFFERED for side in ("left", "right")]
        return [*worn, *(place for place in usual if place not in worn)]

    def where(self, place: Placement) -> QPointF:
        """Return the middle of a site, in pixels of the widget."""
        return self._to_widget().map(_site(place))

    def _to_widget(self) -> QTransform:
        unit = min(self.width() / WIDE, self.height() / HIGH)
        return QTransform(unit, 0, 0, unit, self.width() / 2, (self.height() - HIGH * unit) / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the site that was clicked."""
        inverse, _ok = self._to_widget().inverted()
        at = inverse.map(event.position())
        distance, place = min(
            ((hypot(at.x() - _site(p).x(), at.y() - _site(p).y()), p) for p in self.sites()), key=lambda item: item[0]
        )
        if distance <= NEAR:
            self._on_pick(place)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint body, muscles and lights."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        box(painter, self.rect().toRectF(), 10, theme.panel)
        painter.setTransform(self._to_widget(), combine=True)
        painter.setPen(QPen(QColor(theme.line), 1.5))
        painter.setBrush(QColor(theme.raised))
        painter.drawPath(_body())
        for group, (left, top, wide, high, radius) in AREAS.items():
            for sign in (-1, 1):
                area = QRectF(left if sign > 0 else -left - wide, top, wide, high)
                box(painter, area, radius, veil(theme.group(group), 96), veil(theme.group(group), 190), 1)
        write(painter, QRectF(-158, 14, 40, 34), words("bars.left"), 24, theme.second, 700, CENTRE)
        write(painter, QRectF(118, 14, 40, 34), words("bars.right"), 24, theme.second, 700, CENTRE)
        worn = self.state.placements()
        for place in self.sites():
            self._paint_site(painter, place, worn=place in worn)
        painter.end()

    def _paint_site(self, painter: QPainter, place: Placement, *, worn: bool) -> None:
        theme, where = self.theme, _site(place)
        if place == self.picked:
            painter.setPen(QPen(QColor(theme.text), 3))
            painter.setBrush(veil(theme.text, 40))
            painter.drawEllipse(where, 18, 18)
        if not worn:
            painter.setPen(QPen(QColor(theme.second), 1.6, Qt.PenStyle.DashLine))
            painter.setBrush(veil(theme.background, 90))
            painter.drawEllipse(where, 8.5, 8.5)
            return
        painter.setPen(QPen(QColor(theme.text), 1.6))
        painter.setBrush(QColor(theme.background))
        painter.drawEllipse(where, 10.5, 10.5)
        sensor_light(painter, where, 12, self.state.light(place), theme)


def _site(place: Placement) -> QPointF:
    """Return where a muscle's sensor sits."""
    apart, down = SITES.get(place.muscle, LOWER)
    return QPointF(apart if place.side == "right" else -apart, down)


def _body() -> QPainterPath:
    """Return the outline: head, trunk and legs in one, and the arms."""
    half = QPainterPath(QPointF(0, 70))
    half.lineTo(13, 70)
    half.cubicTo(13, 92, 30, 92, 54, 98)
    half.cubicTo(76, 103, 78, 122, 72, 158)
    half.cubicTo(66, 186, 55, 196, 56, 218)
    half.cubicTo(60, 240, 78, 252, 78, 288)
    half.cubicTo(78, 340, 66, 390, 58, 426)
    half.cubicTo(64, 456, 54, 484, 46, 512)
    half.lineTo(22, 512)
    half.cubicTo(20, 480, 16, 456, 18, 428)
    half.cubicTo(10, 390, 5, 350, 4, 318)
    half.lineTo(0, 314)
    half.closeSubpath()
    bone = QPainterPath(QPointF(72, 116))
    bone.cubicTo(92, 150, 94, 190, 104, 222)
    bone.cubicTo(112, 246, 114, 266, 118, 288)
    stroker = QPainterPathStroker(QPen(Qt.PenStyle.SolidLine))
    stroker.setWidth(23)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    side = half.united(stroker.createStroke(bone).simplified())
    whole = side.united(QTransform.fromScale(-1, 1).map(side))
    head = QPainterPath()
    head.addEllipse(QPointF(0, 44), 25, 32)
    return whole.united(head)
