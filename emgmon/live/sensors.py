"""The Sensors screen: which sensors are heard, where each channel sits, and what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from emgmon.live.backview import BackView
from emgmon.live.near import button, label, style
from emgmon.live.state import Light, TrainState
from emgmon.live.theme import DARK, Theme, font
from emgmon.model import BODY_SITES, MUSCLE_QUANTITIES, MUSCLES, Placement
from emgmon.runner.board import CONNECTING, PLACING, RECORDING, SCANNING, Board, Channel, Heard, View

NOT_WORN = "not worn"
TITLES = {
    SCANNING: ("Find the sensors", "Switch them on and hold them near the computer."),
    CONNECTING: ("Connecting", "One after the other; this can take some seconds each."),
    PLACING: ("Place the sensors", "Seen from behind: left is left. Tense a muscle to see which sensor answers."),
    RECORDING: ("Sensors", "Being recorded. To place one elsewhere, finish this session and begin another."),
}


class SensorsScreen(QWidget):
    """Shows the board's sensors, and writes what the person chooses on the board.

    Parameters
    ----------
    board : Board
    state : TrainState
        For lights, remedies and batteries.

    Attributes
    ----------
    go : QPushButton
        Connects, or goes on to the recording.
    rows : list of SensorRow or HeardRow
    """

    def __init__(self, board: Board, state: TrainState, theme: Theme = DARK) -> None:
        super().__init__()
        self.setObjectName("page")
        self.board, self.state = board, state
        self.title, self.subtitle = label("", 34, 700), label("", 18, 450, name="second")
        self.problem, self.usable = label("", 18, 600, name="warn", wraps=True), label("", 18, 450, name="second")
        self.go = button("Connect", main=True, size=20)
        self.go.clicked.connect(self._go)
        self.back = BackView(state, theme)
        self.rows: list[HeardRow | SensorRow] = []
        self._shown: object = None
        self._column = QVBoxLayout()
        self._arrange()
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.back.theme = theme
        style(theme, self)
        self.back.update()

    def refresh(self) -> None:
        """Show what the board and the state say now."""
        view = self.board.view
        title, subtitle = TITLES.get(view.stage, ("Sensors", "The session is over."))
        _put(self.title, title)
        _put(self.subtitle, subtitle)
        said = " ".join([view.problem, *(text for text in view.doubles if text not in view.problem)]).strip()
        _put(self.problem, said)
        self.problem.setVisible(bool(said))
        structure = _structure(view)
        if structure != self._shown:
            self._shown = structure
            self._fill(view)
        for row in self.rows:
            row.refresh(view)
        self._refresh_go(view)
        self.back.update()

    def _refresh_go(self, view: View) -> None:
        count, wanted = len(view.placed), len(view.wanted)
        chosen = sum(row.wanted.isChecked() for row in self.rows if isinstance(row, HeardRow))
        sensors = f"{chosen} sensor{'s' * (chosen != 1)}"
        text = {SCANNING: f"Connect {sensors}", CONNECTING: "Connecting …", RECORDING: "Recording"}.get(view.stage, "")
        if view.stage == PLACING:
            text = "Go on" if count == wanted else f"Go on with {count}"
        _put(self.usable, f"{count} of {wanted} sensors usable" if view.stage in {PLACING, RECORDING} else "")
        self.go.setText(text or "Over")
        self.go.setEnabled((view.stage == SCANNING and chosen > 0) or (view.stage == PLACING and count > 0))

    def _go(self) -> None:
        if self.board.view.stage == SCANNING:
            heard = [row for row in self.rows if isinstance(row, HeardRow)]
            self.board.tell("connect", "\t".join(row.heard.name for row in heard if row.wanted.isChecked()))
        else:
            self.board.tell("go")

    def _place(self, device: str) -> None:
        """Write on the board where all channels of a sensor are said to sit."""
        mine = [row for row in self.rows if isinstance(row, SensorRow) and row.channel.device == device]
        self.board.tell("place", f"{device}={','.join(row.chosen() for row in mine)}")

    def _fill(self, view: View) -> None:
        """Make the rows anew."""
        left_out = {row.heard.name for row in self.rows if isinstance(row, HeardRow) and not row.wanted.isChecked()}
        for old in self.rows:
            self._column.removeWidget(old)
            old.deleteLater()
        self.rows = []
        if view.stage == SCANNING:
            self.rows += [HeardRow(heard, wanted=heard.name not in left_out) for heard in view.heard]
        else:
            self.rows += [SensorRow(self, channel, view) for channel in view.channels]
        for place, row in enumerate(self.rows):
            self._column.insertWidget(place, row)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        head.addLayout(words, 1)
        head.addWidget(self.usable)
        head.addWidget(self.go)
        rows, scroll = QWidget(), QScrollArea()
        rows.setObjectName("rows")
        rows.setLayout(self._column)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addStretch()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(rows)
        body = QHBoxLayout()
        body.addWidget(self.back, 2)
        body.addWidget(scroll, 4)
        page = QVBoxLayout(self)
        page.setContentsMargins(26, 16, 26, 16)
        page.addLayout(head)
        page.addWidget(self.problem)
        page.addLayout(body, 1)


class HeardRow(QFrame):
    """A sensor on the air, with a tick whether it is wanted."""

    def __init__(self, heard: Heard, *, wanted: bool) -> None:
        super().__init__()
        self.setObjectName("card")
        self.heard, self.wanted = heard, QCheckBox()
        self.wanted.setChecked(wanted)
        self.wanted.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.signal = label("", 17, 500, name="second")
        row, words = QHBoxLayout(self), QVBoxLayout()
        words.addWidget(label(heard.name, 20, 650))
        words.addWidget(label(heard.kind, 16, 450, name="second"))
        row.addWidget(self.wanted)
        row.addLayout(words, 1)
        row.addWidget(self.signal)

    def refresh(self, view: View) -> None:
        """Show how well it is heard now."""
        now = next((heard for heard in view.heard if heard.name == self.heard.name), self.heard)
        _put(self.signal, f"{now.rssi_dbm} dBm")


class SensorRow(QFrame):
    """One channel: where it sits, how it is heard, the sensor's battery, and the button that finds it."""

    def __init__(self, screen: SensorsScreen, channel: Channel, view: View) -> None:
        super().__init__()
        self.channel, self._screen = channel, screen
        self.places, self.identify = QComboBox(), button("Identify")
        self.remark, self.battery = label("", 16, 500, name="second"), label("", 17, 500, name="second")
        self._fill(channel)
        self.places.setFont(font(17, 550))
        self.places.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.places.activated.connect(lambda _index: screen._place(channel.device))  # noqa: SLF001 - its own row
        self.places.setEnabled(view.stage == PLACING)
        self.identify.clicked.connect(lambda: screen.board.tell("identify", channel.device))
        self.identify.setVisible(channel.device in view.can_identify and channel.number == 0)
        several = sum(other.device == channel.device for other in view.channels) > 1
        name = f"{channel.device}, channel {channel.number + 1}" if several else channel.device
        row, words = QHBoxLayout(self), QVBoxLayout()
        words.addWidget(label(name, 20, 650))
        words.addWidget(self.remark)
        row.addLayout(words, 1)
        for widget in (self.places, self.battery, self.identify):
            row.addWidget(widget)

    def chosen(self) -> str:
        """Return what the box says, as `emgmon.runner.placing` reads it."""
        return str(self.places.currentData())

    def _fill(self, channel: Channel) -> None:
        """List the muscles for a channel of a muscle, else every place."""
        muscle = channel.quantity in MUSCLE_QUANTITIES
        self.places.addItem(NOT_WORN, "-")
        for name in MUSCLES if muscle else {**BODY_SITES, **MUSCLES}:
            for side in ("left", "right") if name in MUSCLES else ("midline", "left", "right"):
                place = Placement(name, side)
                self.places.addItem(place.title, str(place))
        self.places.setCurrentIndex(max(0, self.places.findData(str(channel.placement or "-"))))
        self.places.setMaxVisibleItems(16)

    def refresh(self, view: View) -> None:
        """Show what is known of the channel now."""
        state, place = self._screen.state, self.channel.placement
        light, text = Light.GOOD, "No place yet"
        if place is not None:
            light = state.light(place)
            seen = state.quality.get(place)
            said = {Light.GOOD: "Good signal", Light.WEAK: "Weak", Light.LOST: "Lost; it is being looked for"}
            text = seen.remedy if seen else said[light]
        twice = any(place.title in said for said in view.doubles) if place else False
        kind = {Light.LOST: "cardlost", Light.WEAK: "cardwarn"}.get(light, "cardwarn" if twice else "card")
        _put(self.remark, "Two sensors claim this muscle" if twice else text)
        battery = view.batteries.get(self.channel.device)
        _put(self.battery, "" if battery is None else f"{battery} %")
        if self.objectName() != kind:
            self.setObjectName(kind)
            self.style().polish(self)


def _structure(view: View) -> object:
    """Return what the rows depend on."""
    if view.stage == SCANNING:
        return view.stage, tuple(heard.name for heard in view.heard)
    return view.stage, view.channels


def _put(where: QLabel, text: str) -> None:
    if where.text() != text:
        where.setText(text)
