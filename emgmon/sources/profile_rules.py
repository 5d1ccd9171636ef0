"""The rules of the EMG Stream profile, in the order in which a sensor is asked.

Sections are those of ``docs/emg-stream-profile.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from emgmon.sources import idle_rules as idle
from emgmon.sources import stream_rules as stream
from emgmon.sources.conformance import Exam, Rule


def _rule(check: Callable[[Exam], Coroutine[Any, Any, str]], section: str) -> Rule:
    return Rule(check.__name__, (check.__doc__ or "").partition(".")[0], section, check)


RULES: tuple[Rule, ...] = (
    _rule(idle.advertisement, "Advertisement"),
    _rule(idle.table, "Services"),
    _rule(idle.description, "Description"),
    _rule(idle.label, "Description"),
    _rule(idle.battery, "Services"),
    _rule(idle.device_information, "Services"),
    _rule(idle.unheard_control, "Control point"),
    _rule(idle.unknown_operation, "Control point"),
    _rule(idle.invalid_parameter, "Control point"),
    _rule(idle.rate_not_offered, "Control point"),
    _rule(idle.mtu_too_small, "Control point"),
    _rule(idle.stop_of_nothing, "Control point"),
    _rule(idle.time_echo, "Control point"),
    _rule(idle.identify, "Control point"),
    _rule(idle.stored_label, "Control point"),
    _rule(idle.electrodes, "Control point"),
    _rule(stream.start, "Control point"),
    _rule(stream.data_comes, "Data packets"),
    _rule(stream.packet_form, "Data packets"),
    _rule(stream.sequence, "Data packets"),
    _rule(stream.index, "Data packets"),
    _rule(stream.device_time, "Data packets"),
    _rule(stream.rate, "Data packets"),
    _rule(stream.status, "Status"),
    _rule(stream.start_twice, "Control point"),
    _rule(stream.stop, "Control point"),
    _rule(stream.restart, "Data packets"),
    _rule(stream.marked_test_signal, "Data packets"),
    _rule(stream.disconnection, "Control point"),
)
"""In the order in which a sensor is asked: from a fresh connection on, the last one breaks it."""
