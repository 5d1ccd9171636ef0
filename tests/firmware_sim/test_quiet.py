import contextlib
import logging

from bumble import hci

from firmware_sim import quiet


@contextlib.contextmanager
def bumbles_log_at(level, monkeypatch):
    """Set the log's level whatever the tests before left: switched off by name, or with all others."""
    logger = logging.getLogger("bumble")
    before = logger.level
    monkeypatch.setattr(logger, "disabled", False)
    monkeypatch.setattr(logger.manager, "disable", logging.NOTSET)
    logger.setLevel(level)  # clears what loggers remember of their levels
    try:
        yield
    finally:
        logger.setLevel(before)


def test_packets_are_named_shortly(monkeypatch):
    with bumbles_log_at(logging.WARNING, monkeypatch):
        quiet.hush()
    assert str(hci.HCI_Reset_Command()) == "HCI_Reset_Command"


def test_with_the_log_on_nothing_is_changed(monkeypatch):
    monkeypatch.setattr(quiet, "_PACKETS", None)  # walking through it would fail
    with bumbles_log_at(logging.DEBUG, monkeypatch):
        quiet.hush()


def test_what_other_tests_did_to_the_log_does_not_matter_here(monkeypatch):
    logger = logging.getLogger("bumble")
    logger.disabled = True
    logging.disable(logging.CRITICAL)
    try:
        with bumbles_log_at(logging.DEBUG, monkeypatch):
            assert logger.isEnabledFor(logging.DEBUG)
    finally:
        logger.disabled = False
        logging.disable(logging.NOTSET)
