"""Looking at signals closely while they stand still: ordinary axes, zoom, time and value under the cursor, a picture.

The live view is painted by hand because it must be cheap; this one stands, so it is pyqtgraph's with every sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF, QStandardPaths, Qt
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from emgmon.live.kept import Stretch
from emgmon.live.near import button, label, style
from emgmon.live.pictures import save_picture, with_kind
from emgmon.live.signals_words import UNITS
from emgmon.live.strings import words
from emgmon.live.theme import Theme, blend, font
from emgmon.model import Placement

ZOOM = 1.6
"""One step of the zoom, in time and in height."""
MOVE = 0.1
"""One step to the side, as a share of what is seen."""


class Inspector(QWidget):
    """Shows the signals of one moment.

    Parameters
    ----------
    stretches : mapping of Placement to Stretch
        From top to bottom.
    theme : Theme
    go_on : callable
        Called when the person wants the live picture back.
    form : str
        What the samples are, for the caption of the picture.

    Attributes
    ----------
    cursor_s : float
        Session time that is read out; NaN before the mouse or a key pointed somewhere.
    """

    def __init__(
        self,
        stretches: Mapping[Placement, Stretch],
        theme: Theme,
        go_on: Callable[[], None],
        parent: QWidget,
        form: str = words("signals.form.filtered"),
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.stretches, self.theme, self._form = stretches, theme, form
        self.cursor_s = float("nan")
        self.picture = QFrame()
        self.graphs = pyqtgraph.GraphicsLayoutWidget()
        self.graphs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.graphs.setAccessibleName(words("page.signals"))
        self.caption, self.readout = label("", 18, name="second"), label(words("signals.hint"), 18, 600)
        self.said = label("", 18, name="second", wraps=True)
        self.keys = label(words("signals.keys"), 18, name="faint")
        self.plots: dict[Placement, Any] = {}
        self._names: dict[Placement, Any] = {}
        self._cursors: list[Any] = []
        self.buttons = {
            "in": button(words("signals.in"), size=18),
            "out": button(words("signals.out"), size=18),
            "all": button(words("signals.all"), size=18),
            "save": button(words("signals.save"), size=18),
            "on": button(words("signals.on"), main=True, size=18),
        }
        does = {"in": self._zoom_in, "out": self._zoom_out, "all": self.show_all, "save": self.ask_where, "on": go_on}
        for name, action in does.items():
            self.buttons[name].clicked.connect(lambda _checked=False, act=action: act())
        self._arrange()
        for place, stretch in stretches.items():
            self._add(place, stretch)
        self.set_theme(theme)
        self.show_all()
        self.graphs.scene().sigMouseMoved.connect(self._point)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme = theme
        style(theme, self)
        self.picture.setStyleSheet(f"QFrame {{ background: {theme.background}; border: 0; }}")
        self.graphs.setBackground(QColor(theme.background))
        for cursor in self._cursors:
            cursor.setPen(pyqtgraph.mkPen(theme.text, width=1, style=Qt.PenStyle.DashLine))
        for place, plot in self.plots.items():
            plot.listDataItems()[0].setPen(pyqtgraph.mkPen(theme.group(place.group)))
            for region in (item for item in plot.items if isinstance(item, pyqtgraph.LinearRegionItem)):
                region.setBrush(blend(theme.background, theme.lost, 0.3))
            for axis in (plot.getAxis("left"), plot.getAxis("bottom")):
                axis.setPen(pyqtgraph.mkPen(theme.faint))
                axis.setTextPen(pyqtgraph.mkPen(theme.second))
            self._names[place].setText(self._name(place), color=theme.text)

    def show_all(self) -> None:
        """Show the whole stretch, each channel as high as it is."""
        known = [s.times_s[[0, -1]] for s in self.stretches.values() if s.times_s.size]
        if not known:
            return
        self._first().setXRange(min(t[0] for t in known), max(t[1] for t in known), padding=0.0)
        for place, plot in self.plots.items():
            samples = self.stretches[place].samples
            most = float(np.nanmax(np.abs(samples), initial=0.0)) if np.isfinite(samples).any() else 0.0
            plot.setYRange(-max(1.0, most), max(1.0, most), padding=0.05)

    def seen_s(self) -> tuple[float, float]:
        """Return begin and end of what is seen, session time."""
        (first, last), _ = self._first().viewRange()
        return first, last

    def read(self, time_s: float) -> None:
        """Move the cursor to a time, and write time and values of the samples there."""
        self.cursor_s = time_s
        for cursor in self._cursors:
            cursor.setPos(time_s)
            cursor.setVisible(True)
        parts = [words("signals.at", time=time_s)]
        for place, stretch in self.stretches.items():
            found = stretch.at(time_s)
            unit = UNITS.get(stretch.unit, stretch.unit)
            value = words("signals.lost") if found is None else f"{found[1]:+.1f} {unit}".replace("-", "−")
            parts.append(f"{place.label} {value}")
        self.readout.setText("    ".join(parts))

    def save(self, path: Path) -> None:
        """Write the picture; say where it is, or why it is not."""
        first, last = self.seen_s()
        title = self.window().windowTitle() or "emgmon"  # where the data are simulated, the title says so
        self.caption.setText(words("signals.caption", title=title, form=self._form, first=first, last=last))
        try:
            save_picture(self.picture, path)
        except OSError as error:
            reason = error.strerror or str(error)
            self._say(words("signals.unsaved", path=path, reason=reason), failed=True)
        else:
            self._say(words("signals.saved", path=path), failed=False)

    def ask_where(self) -> None:
        """Let the person name the file of the picture."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        name = f"emgmon_signals_{datetime.now().astimezone():%Y-%m-%d_%H%M%S}.png"
        usual = str(Path(folder or Path.home()) / name)
        path, kind = QFileDialog.getSaveFileName(self, words("signals.save.title"), usual, words("signals.save.kinds"))
        if path:
            self.save(with_kind(Path(path), kind))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the axes letters that suit the height of the window."""
        super().resizeEvent(event)
        size = 18 * min(1.0, max(0.7, self.window().height() / 1080))
        for place, plot in self.plots.items():
            self._names[place].item.setFont(font(size, 650))
            for axis in (plot.getAxis("left"), plot.getAxis("bottom")):
                axis.setTickFont(font(size, 500))
                axis.label.setFont(font(size, 600))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Do what the keys are for; all others are the window's."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Left: lambda: self._step(-1) if shift else self._move(-MOVE),
            Qt.Key.Key_Right: lambda: self._step(1) if shift else self._move(MOVE),
            Qt.Key.Key_Plus: self._zoom_in,
            Qt.Key.Key_Equal: self._zoom_in,
            Qt.Key.Key_Minus: self._zoom_out,
            Qt.Key.Key_Up: lambda: self._stretch(1.0 / ZOOM),
            Qt.Key.Key_Down: lambda: self._stretch(ZOOM),
            Qt.Key.Key_Home: self.show_all,
            Qt.Key.Key_S: self.ask_where,
        }
        if event.key() in keys:
            keys[event.key()]()
        else:
            super().keyPressEvent(event)

    def _first(self) -> Any:
        return next(iter(self.plots.values()))

    def _zoom_in(self) -> None:
        self._scale_time(1.0 / ZOOM)

    def _zoom_out(self) -> None:
        self._scale_time(ZOOM)

    def _scale_time(self, factor: float) -> None:
        """Show more or less of the time around the cursor, or around the middle when the cursor is not seen."""
        first, last = self.seen_s()
        about = self.cursor_s if first <= self.cursor_s <= last else (first + last) / 2
        self._first().setXRange(about - (about - first) * factor, about + (last - about) * factor, padding=0.0)

    def _move(self, share: float) -> None:
        first, last = self.seen_s()
        by = share * (last - first)
        self._first().setXRange(first + by, last + by, padding=0.0)

    def _stretch(self, factor: float) -> None:
        for plot in self.plots.values():
            _, (low, high) = plot.viewRange()
            plot.setYRange(low * factor, high * factor, padding=0.0)

    def _step(self, by: int) -> None:
        """Move the cursor by a pixel, from the middle at first."""
        first, last = self.seen_s()
        inside = first <= self.cursor_s <= last
        start_s = self.cursor_s if inside else (first + last) / 2
        self.read(min(last, max(first, start_s + by * (last - first) / max(1.0, self._first().vb.width()))))

    def _point(self, place: QPointF) -> None:
        """Read out where the mouse is."""
        for plot in self.plots.values():
            if plot.sceneBoundingRect().contains(place):
                self.read(plot.vb.mapSceneToView(place).x())

    def _say(self, text: str, *, failed: bool) -> None:
        self.said.setObjectName("warn" if failed else "second")
        self.said.setText(text)
        style(self.theme, self)

    def _name(self, place: Placement) -> str:
        return f"{place.label} ({UNITS.get(self.stretches[place].unit, self.stretches[place].unit)})"

    def _add(self, place: Placement, stretch: Stretch) -> None:
        """Add the plot of one channel below the others; all show the same time."""
        self._names[place] = self.graphs.addLabel("", row=len(self.plots), col=0)
        plot = self.graphs.addPlot(row=len(self.plots), col=1)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.getAxis("left").setWidth(70)
        plot.getAxis("left").setTickDensity(0.5)  # rows are low on small screens
        plot.getAxis("left").setStyle(maxTextLevel=0)
        for axis in (plot.getAxis("left"), plot.getAxis("bottom")):
            axis.enableAutoSIPrefix(False)
        if len(self.plots) == len(self.stretches) - 1:
            plot.setLabel("bottom", words("signals.time"), units="s")
        else:
            plot.hideAxis("bottom")
        for start_s, stop_s in stretch.gaps():
            plot.addItem(pyqtgraph.LinearRegionItem((start_s, stop_s), movable=False, pen=pyqtgraph.mkPen(None)))
        curve = pyqtgraph.PlotDataItem(stretch.times_s, stretch.samples, connect="finite")
        plot.addItem(curve)
        curve.setDownsampling(auto=True, method="peak")
        curve.setClipToView(True)  # once it has a view
        cursor = pyqtgraph.InfiniteLine(angle=90, movable=False)
        cursor.setVisible(False)
        plot.addItem(cursor, ignoreBounds=True)
        self._cursors.append(cursor)
        if self.plots:
            plot.setXLink(self._first())
        self.plots[place] = plot

    def _arrange(self) -> None:
        """Buttons above, signals in the middle, keys below; caption, signals and read-out are the picture."""
        row = QHBoxLayout()
        for made in self.buttons.values():
            row.addWidget(made)
        row.addWidget(self.said, 1)
        inside = QVBoxLayout(self.picture)
        inside.setContentsMargins(12, 8, 12, 8)
        inside.addWidget(self.caption)
        inside.addWidget(self.graphs, 1)
        inside.addWidget(self.readout)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 8, 20, 8)
        column.addLayout(row)
        column.addWidget(self.picture, 1)
        column.addWidget(self.keys)
