import logging

from bumble import hci

from firmware_sim import quiet


def test_packets_are_named_shortly():
    quiet.hush()
    assert str(hci.HCI_Reset_Command()) == "HCI_Reset_Command"


def test_with_the_log_on_nothing_is_changed(monkeypatch):
    monkeypatch.setattr(quiet, "_PACKETS", None)  # walking through it would fail
    logger = logging.getLogger("bumble")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        quiet.hush()
    finally:
        logger.setLevel(before)
