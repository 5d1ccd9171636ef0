"""The options of the phone view, read."""

from __future__ import annotations

import argparse

from emgmon.live import PhoneSettings


def phone_of(options: argparse.Namespace) -> PhoneSettings:
    """Read what was asked for of the phone view."""
    return PhoneSettings(options.phone, options.lan, options.port)
