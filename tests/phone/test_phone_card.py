"""The card in the window: off until started, says who can see it, and stops it."""

import socket
from contextlib import closing

import pytest
import segno
from live.scenes import scenes
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from emgmon.live.app import run_window
from emgmon.live.bridge import Bridge
from emgmon.live.phone import HERE, Phone, PhoneSettings
from emgmon.live.phonecard import QUIET, PhoneCard, square
from emgmon.live.theme import DARK, LIGHT
from emgmon.live.window import Window

pytestmark = pytest.mark.qt


@pytest.fixture
def phone():
    phone = Phone("emgmon")
    yield phone
    phone.stop()


@pytest.fixture
def card(qtbot, phone):
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(1280, 800)
    left = []
    card = PhoneCard(over, DARK, phone, lambda: left.append(1))
    card.left = left
    over.show()
    card.show()
    return card


def test_nothing_is_seen_before_somebody_starts_it(card, phone):
    assert "Off" in card.who.text()
    assert card.here.isVisible()
    assert card.lan.isVisible()
    assert not card.stop.isVisible()
    assert not phone.address


def test_started_for_this_computer_it_says_so_and_where(card, phone, qtbot):
    qtbot.mouseClick(card.here, Qt.MouseButton.LeftButton)
    assert card.address.text() == phone.address
    assert phone.address.startswith(f"http://{HERE}:")
    assert "Nobody in the network" in card.who.text()
    assert card.stop.isVisible()
    assert not card.here.isVisible()


def test_started_for_the_network_it_says_who_can_see_it(card, phone, qtbot, monkeypatch):
    monkeypatch.setattr("emgmon.live.phone.usual_address", lambda: "127.0.0.2")
    qtbot.mouseClick(card.lan, Qt.MouseButton.LeftButton)
    if not phone.address:
        pytest.skip(f"this system has no second address of its own: {card.problem.text()}")
    assert "not encrypted" in card.who.text()
    assert phone.address.startswith("http://127.0.0.2:")


def test_stopped_it_is_off_and_the_address_is_gone(card, phone, qtbot):
    qtbot.mouseClick(card.here, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.stop, Qt.MouseButton.LeftButton)
    assert (phone.address, card.address.text()) == ("", "")
    assert "Off" in card.who.text()


def test_why_it_cannot_start_is_said(card, qtbot, monkeypatch):
    monkeypatch.setattr("emgmon.live.phone.usual_address", lambda: "192.0.2.77")
    qtbot.mouseClick(card.lan, Qt.MouseButton.LeftButton)
    assert "192.0.2.77" in card.problem.text()
    assert card.here.isVisible()


def test_a_click_beside_the_card_leaves_it_and_one_on_it_does_not(card, qtbot):
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=card.frame.geometry().center())
    assert card.left == []
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert card.left == [1]


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("side", [90, 200, 421])
def test_the_square_holds_the_address_in_whole_modules_with_white_round_it(side):
    address = "http://192.168.178.100:7380/abcdefghijklmnopqrstuvwxyz/"
    image = square(address, side).toImage()
    matrix = segno.make(address, micro=False).matrix
    count = len(matrix) + 2 * QUIET
    assert image.width() == image.height()
    assert image.width() % count == 0
    step = image.width() // count
    shades = [[image.pixelColor(step * x, step * y).lightness() for x in range(count)] for y in range(count)]
    inside = [row[QUIET:-QUIET] for row in shades[QUIET:-QUIET]]
    assert inside == [[0 if dark else 255 for dark in row] for row in matrix]
    assert set(shades[0] + shades[QUIET - 1] + [row[0] for row in shades]) == {255}


def test_f9_shows_the_card_in_the_window_and_escape_takes_it_away(qtbot):
    window = Window(Bridge(), lambda: True)
    qtbot.addWidget(window)
    window.show()
    qtbot.keyClick(window, Qt.Key.Key_F9)
    card = window.beside.phone_card
    assert card.isVisible()
    qtbot.mouseClick(card.here, Qt.MouseButton.LeftButton)
    window.set_theme(LIGHT)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.beside.phone_card is None
    assert window.beside.phone.address
    window.close()
    assert not window.beside.phone.address


def test_a_session_in_a_window_is_seen_from_its_beginning_to_its_end(monkeypatch):
    """The work of the session itself looks on, over the network's loopback."""
    started, got = [], []
    start = Phone.start
    monkeypatch.setattr(Phone, "start", lambda self, lan=None: (start(self, lan), started.append(self)))

    def work(bridge, stop):
        port, token = started[0].address.split(":")[2].split("/")[:2]
        with closing(socket.create_connection((HERE, int(port)), 10.0)) as link:
            link.sendall(f"GET /{token}/events HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
            text = b""
            while b'"text":"HOLD"' not in text and not stop.is_set():
                bridge.push(scenes()["on-target"])
                text += link.recv(65536)
            got.append(text)

    run_window(work, title="emgmon", exit_when_done=True, phone=PhoneSettings(wanted=True))
    assert b'"text":"HOLD"' in got[0]
    assert not started[0].address
