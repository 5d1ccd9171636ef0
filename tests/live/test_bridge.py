import subprocess
import sys
import threading

import numpy as np

from emgmon.live.bridge import Bridge
from emgmon.model import Notice, SignalSeen

from .scenes import SITES, frame, opened, rep_closed, set_closed, streaming


def block(start_s: float) -> SignalSeen:
    return SignalSeen(SITES["GL"], start_s, 0.001, np.zeros(1), "uv")


def test_keeps_the_order_between_what_flows_and_what_happened_once():
    bridge = Bridge()
    pushed = [frame(t_s=1.0), Notice(1.0, "a"), block(1.0), rep_closed(1), frame(t_s=2.0)]
    bridge.push(pushed[:2])
    bridge.push(pushed[2:])
    assert bridge.drain() == pushed
    assert bridge.drain() == []


def test_drops_the_oldest_frames_and_blocks_and_counts_them():
    bridge = Bridge(limit=4)
    flow = [frame(t_s=float(i)) if i % 2 else block(float(i)) for i in range(10)]
    bridge.push(flow)
    assert bridge.drain() == flow[-4:]
    assert bridge.dropped == 6


def test_never_drops_what_happened_once():
    bridge = Bridge(limit=1)
    kept = [*streaming(), opened(), rep_closed(1), Notice(1.0, "a"), set_closed()]
    for event in kept:
        bridge.push([event, frame(), frame()])
    drained = bridge.drain()
    assert [event for event in drained if event in kept] == kept
    assert len(drained) == len(kept) + 1


def test_nothing_is_lost_or_swapped_between_two_threads():
    bridge, got = Bridge(), []
    sent = [Notice(float(i), "a") if i % 7 == 0 else frame(t_s=float(i)) for i in range(5000)]

    def push() -> None:
        for start in range(0, len(sent), 10):
            bridge.push(sent[start : start + 10])

    thread = threading.Thread(target=push)
    thread.start()
    while thread.is_alive():
        got += bridge.drain()
    got += bridge.drain()
    assert [event.t_s for event in got] == [float(i) for i in range(5000)]


def test_finish_says_what_the_end_card_shows():
    bridge = Bridge()
    assert bridge.ending is None
    bridge.finish("a.html", "Saved.")
    assert bridge.ending is not None
    assert (bridge.ending.report_path, bridge.ending.text) == ("a.html", "Saved.")


def test_neither_bridge_nor_state_nor_readout_nor_app_imports_qt():
    modules = "emgmon.live.bridge, emgmon.live.state, emgmon.live.readout, emgmon.live.sweep, emgmon.live.app"
    code = f"import {modules}, sys; assert not [m for m in sys.modules if m.startswith('PySide6')]"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
