import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from emgmon.errors import DeviceNotFound
from emgmon.live import probe, run_window
from emgmon.live.window import Window

from .scenes import SITES, frame, noise, opened, rep_closed, set_closed, streaming

pytestmark = [pytest.mark.qt, pytest.mark.usefixtures("qapp")]


def shown() -> Window:
    return next(
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, Window) and widget.isVisible()
    )


def when(true, then, every_ms: int = 5) -> QTimer:
    """Call `then` once, as soon as `true` says so."""
    timer = QTimer()

    def look() -> None:
        if true():
            timer.stop()
            then()

    timer.timeout.connect(look)
    timer.start(every_ms)
    return timer


def test_a_session_from_end_to_end():
    seen = {}

    def work(bridge, stop):
        bridge.push([*streaming(), opened()])
        for index in range(3):
            bridge.push([*noise("GL", float(index), 1.0), frame(t_s=100.0 + index), rep_closed(index + 1)])
            assert not stop.wait(0.02)
        bridge.push([set_closed()])
        bridge.finish("report.html", "Saved.")

    def done() -> None:
        window = shown()
        seen.update(reps=len(window.state.reps), channels=list(window.signals.scales()), title=window.windowTitle())
        seen["recording"] = window.state.recording
        window.close()

    timer = when(lambda: shown().card is not None, done)
    run_window(work, title="A session", recording=True)
    timer.stop()
    assert seen == {"reps": 3, "channels": [SITES["GL"]], "title": "A session", "recording": True}


def test_the_window_closes_itself_when_asked_to():
    run_window(lambda bridge, _stop: bridge.push([frame()]), title="A session", theme="light", exit_when_done=True)


def test_closing_while_running_stops_the_work_and_waits_for_it():
    done, said = [], []

    def work(bridge, stop):
        bridge.push([frame()])
        stop.wait()
        time.sleep(0.1)
        said.append(shown().status.text())
        done.append(True)

    timer = when(lambda: shown().state.frame is not None, lambda: shown().close())
    run_window(work, title="A session")
    timer.stop()
    assert done == [True]
    assert said == ["saving…"]


def test_who_closes_again_later_need_not_wait(monkeypatch):
    monkeypatch.setattr("emgmon.live.session.PATIENCE_S", 0.05)
    release = threading.Event()
    timer = QTimer()
    timer.timeout.connect(lambda: shown().close())
    timer.start(40)
    with pytest.raises(KeyboardInterrupt):
        run_window(lambda _bridge, _stop: release.wait(10), title="A session")
    timer.stop()
    assert not release.is_set()
    release.set()


def test_what_the_work_raises_reaches_the_caller():
    def work(_bridge, _stop):
        raise DeviceNotFound("no sensor answered")

    with pytest.raises(DeviceNotFound, match="no sensor answered"):
        run_window(work, title="A session", exit_when_done=True)


def test_what_the_work_raises_is_shown_before():
    said = []

    def work(_bridge, _stop):
        raise DeviceNotFound("no sensor answered")

    def close() -> None:
        window = shown()
        said.extend(label.text() for label in window.card.findChildren(type(window.status)))
        window.close()

    timer = when(lambda: shown().card is not None, close)
    with pytest.raises(DeviceNotFound):
        run_window(work, title="A session")
    timer.stop()
    assert said == ["The session stopped", "no sensor answered"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself on Windows")
def test_control_c_closes_the_window_and_gives_the_signal_back():
    before = signal.getsignal(signal.SIGINT)
    stopped = []

    def work(bridge, stop):
        bridge.push([frame()])
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)
        stopped.append(stop.wait(5))

    run_window(work, title="A session")
    assert stopped == [True]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_window_can_be_opened_offscreen():
    assert probe.why_no_window() == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland")
def test_no_display(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    assert "no display" in probe.why_no_window()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland")
def test_a_display_that_is_not_there(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert probe.why_no_window().startswith("Qt ")


def test_qt_is_not_installed(monkeypatch):
    monkeypatch.setattr(probe, "find_spec", lambda _name: None)
    assert "not installed" in probe.why_no_window()


def test_a_probe_that_hangs(monkeypatch):
    monkeypatch.setattr(probe, "PROBE", "import time; time.sleep(9)")
    monkeypatch.setattr(probe, "PROBE_S", 0.2)
    assert "did not open the display" in probe.why_no_window()


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("import: libEGL.so.1: cannot open shared object file: No such file", "library libEGL.so.1 is missing"),
        ("From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load", "library libxcb-cursor0 is missing"),
        ("import: DLL load failed", "PySide6 cannot be imported: DLL load failed"),
        ("qt.qpa.xcb: could not connect to display :9\nmore", "could not connect to the display :9"),
        ("\nFatal: something\nelse", "Qt could not start: Fatal: something"),
        ("", "Qt could not start"),
    ],
)
def test_the_reason_is_one_sentence(stderr, said, monkeypatch):
    monkeypatch.setattr(probe, "find_library", lambda _name: None)
    reason = probe._reason(stderr)
    assert said in reason
    assert "\n" not in reason


def test_the_window_is_not_asked_for_by_importing_the_room():
    code = "import emgmon.live, sys; assert not [m for m in sys.modules if m.startswith('PySide6')]"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603


def test_a_library_that_is_there_is_not_called_missing(monkeypatch):
    monkeypatch.setattr(probe, "find_library", lambda name: f"lib{name}.so.0")
    said = "could not connect to display :9\nFrom 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load"
    assert probe._reason(said) == "Qt could not connect to the display :9"
