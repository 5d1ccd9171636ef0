"""The training screen: read from two metres, often from the floor.

All sizes are in units of a screen that is 1080 high; on a narrow window it is at least 1780 wide and the rest is
left free above and below, so that it scales as one piece.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent, QPixmap, QRadialGradient
from PySide6.QtWidgets import QWidget

from emgmon.live import readout
from emgmon.live.bars import paint_bars
from emgmon.live.gauge import paint_cue, paint_ring
from emgmon.live.panels import paint_hold, paint_reps, paint_top
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.strokes import elided, write
from emgmon.live.theme import DARK, Theme, veil

HEIGHT, LEAST_WIDTH = 1080.0, 1780.0
FRAME = 14.0
SIDE, SIDES_TOP = 72.0, 190.0
MIDDLE, BARS_TOP = 508.0, 872.0


class TrainingScreen(QWidget):
    """Paints a `TrainState`; call `update` when it has changed.

    Parameters
    ----------
    state : TrainState
    theme : Theme

    Attributes
    ----------
    shows_notice : bool
        Notices are written under the top bar, because the window has no status line now.
    """

    def __init__(self, state: TrainState, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(480, 270)
        self.setAccessibleName(words("page.train"))
        self.state, self.theme = state, theme
        self.shows_notice = False
        self._layers: dict[str, tuple[object, QPixmap]] = {}

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme = theme
        self.update()

    def refresh(self) -> None:
        """Paint anew at the next opportunity, and tell a screen reader what changed."""
        self.update()
        if QAccessible.isActive() and self.accessibleDescription() != (said := readout.spoken(self.state)):
            self.setAccessibleDescription(said)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint everything; what seldom changes comes from pixmaps."""
        state, theme = self.state, self.theme
        painter = QPainter(self)
        leader, top, reps = readout.leader(state), readout.top_bar(state), readout.reps(state)
        self._ground(painter, leader)
        _, wide, _ = self._measures()
        self._layer(painter, top, QRectF(0, 30, wide, 72), lambda on: paint_top(on, theme, top, wide))
        reps_area = QRectF(SIDE - 20, SIDES_TOP - 10, 460, 590)
        self._layer(painter, reps, reps_area, lambda on: paint_reps(on, theme, reps, SIDE, SIDES_TOP))
        self._enter_units(painter)
        paint_hold(painter, theme, readout.hold(state), wide - SIDE - 380, SIDES_TOP)
        paint_ring(painter, theme, readout.ring(state), QPointF(wide / 2, MIDDLE))
        paint_cue(painter, theme, readout.cue(state), QPointF(wide / 2, MIDDLE), wide - 2 * SIDE)
        paint_bars(painter, theme, readout.bars(state), wide / 2, BARS_TOP, bright=readout.at_work(state))
        if self.shows_notice:
            notice = elided(readout.notice(state), wide / 2 - 340, 26, 500)
            write(painter, QRectF(56, 106, wide, 40), notice, 26, theme.second, 500)
        painter.end()

    def _measures(self) -> tuple[float, float, float]:
        """Return pixels per unit, and in units the width of the window and the free room above the screen."""
        unit = min(self.height() / HEIGHT, self.width() / LEAST_WIDTH)
        return unit, self.width() / unit, (self.height() / unit - HEIGHT) / 2

    def _enter_units(self, painter: QPainter) -> None:
        unit, _, above = self._measures()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(unit, unit)
        painter.translate(0, above)

    def _layer(self, painter: QPainter, record: object, area: QRectF, draw: Callable[[QPainter], None]) -> None:
        """Paint a part of the screen from its pixmap, drawn anew when its record, the window or the theme changed."""
        unit, _, above = self._measures()
        place = QRectF(area.left() * unit, (area.top() + above) * unit, area.width() * unit, area.height() * unit)
        rect = place.toAlignedRect()
        ratio = self.devicePixelRatioF()
        key = (record, self.theme.name, rect.getRect(), unit, ratio)
        name = type(record).__name__
        if name not in self._layers or self._layers[name][0] != key:
            pixmap = QPixmap(rect.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            on = QPainter(pixmap)
            on.translate(-rect.topLeft())
            self._enter_units(on)
            draw(on)
            on.end()
            self._layers[name] = (key, pixmap)
        painter.drawPixmap(rect.topLeft(), self._layers[name][1])

    def _ground(self, painter: QPainter, leader: str) -> None:
        """Paint background, glow and frame: the whole screen takes the colour of the group that leads."""
        ratio = self.devicePixelRatioF()
        key = (leader, self.theme.name, self.size().toTuple(), ratio)
        if "ground" not in self._layers or self._layers["ground"][0] != key:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(QColor(self.theme.background))
            if leader:
                self._glow_and_frame(pixmap, self.theme.group(leader))
            self._layers["ground"] = (key, pixmap)
        painter.drawPixmap(0, 0, self._layers["ground"][1])

    def _glow_and_frame(self, pixmap: QPixmap, colour: str) -> None:
        unit, wide, above = self._measures()
        high = HEIGHT + 2 * above
        on = QPainter(pixmap)
        on.scale(unit, unit)
        glow = QRadialGradient(QPointF(wide / 2, MIDDLE + above), 0.62 * HEIGHT)
        glow.setColorAt(0.0, veil(colour, self.theme.glow))
        glow.setColorAt(1.0, veil(colour, 0))
        on.fillRect(QRectF(0, 0, wide, high), glow)
        for side in (
            QRectF(0, 0, wide, FRAME),
            QRectF(0, high - FRAME, wide, FRAME),
            QRectF(0, 0, FRAME, high),
            QRectF(wide - FRAME, 0, FRAME, high),
        ):
            on.fillRect(side, QColor(colour))
        on.end()
