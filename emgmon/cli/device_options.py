"""Options of the commands for sensors, streams and the program itself."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgmon.cli.adding import Commands, command
from emgmon.cli.numbers import real, whole


def add_scan(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon scan``."""
    parser = command(commands, "scan", "scan:run", "list the Bluetooth sensors that can be heard")
    parser.add_argument("--seconds", type=real(0.5, 120), default=6.0, help="how long to listen (default 6)")
    parser.add_argument("--all", action="store_true", help="also devices that emgmon does not know")
    parser.add_argument("--adapter", default="", metavar="HCI", help="Linux: which radio, as in hci1")
    parser.add_argument("--radio", default="", metavar="tcp:HOST:PORT", help="the virtual radio of 'emgmon simulate'")


def add_sensors(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon sensors``."""
    parser = command(commands, "sensors", "sensors:run", "list the kinds of sensors that emgmon knows, or explain one")
    parser.add_argument("name", nargs="?", default="", help="explain this one")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print everything known as JSON")
    form.add_argument("--markdown", action="store_true", help="print the tables of docs/devices.md")


def add_check_firmware(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon check-firmware``."""
    text = "examine a sensor that speaks the open profile, rule by rule; exit code 0 all kept, 3 with a broken one"
    parser = command(commands, "check-firmware", "check_firmware:run", text)
    parser.add_argument("address", help="its address or name, as 'emgmon scan' lists them")
    parser.add_argument("--seconds", type=real(3, 600), default=6.0, help="how long the streams run (default 6)")
    parser.add_argument("--scan-seconds", type=real(0.5, 120), default=8.0, help="how long to look (default 8)")
    parser.add_argument("--adapter", default="", metavar="HCI", help="Linux: which radio, as in hci1")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def add_doctor(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon doctor``."""
    text = "check this computer: Bluetooth, display, disk, versions; exit code 0 all well, 3 with something to do"
    parser = command(commands, "doctor", "doctor:run", text)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def add_simulate(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon simulate``."""
    parser = command(commands, "simulate", "simulate:run", "be a sensor, worn by a person who does glute bridges")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--device", default="", metavar="KIND", help="one sensor, as in umyo; 'list' names all")
    what.add_argument("--kit", default="", metavar="KIT", help="all sensors that one person wears, as in mixed")
    air = parser.add_argument_group("air (nothing listens or sends without one of these)")
    air.add_argument(
        "--listen",
        nargs="?",
        const="127.0.0.1:7300",
        metavar="HOST:PORT",
        help="a virtual radio for other processes (default 127.0.0.1:7300, this computer alone), which reach it with "
        "'--radio tcp:HOST:PORT'",
    )
    air.add_argument("--hci", metavar="NAME", help="a real adapter in Bumble's words, as in usb:0; one sensor only")
    parser.add_argument("--reps", type=whole(1, 30), default=8, help="repetitions, 1 to 30 (default 8)")
    parser.add_argument("--seed", type=whole(0, 2**31), default=1, help="another person and day (default 1)")
    parser.add_argument("--speed", type=real(0.1, 8), default=1.0, help="times real time, 0.1 to 8 (default 1)")
    parser.add_argument("--loop", action="store_true", help="again and again until Ctrl-C")


def add_lsl(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon lsl``."""
    text = "take streams of Lab Streaming Layer as sensors, and send what a session found as such streams"
    parser = command(commands, "lsl", "lsl:listing", text)
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    listing = command(parts, "list", "lsl:listing", "list the streams that answer")
    listing.add_argument("--wait", type=real(0.1, 60), default=2.0, help="seconds to listen (default 2)")
    record = command(parts, "record", "lsl:record", "record one set from streams, and tell its repetitions")
    record.add_argument("--out", type=Path, required=True, metavar="FILE.mcap")
    where = "NAME=MUSCLE/SIDE[,MUSCLE/SIDE...]"
    record.add_argument("--place", action="append", default=[], metavar=where, help="where a stream's channels sit")
    record.add_argument("--exercise", default="bridge_2leg", metavar="ID", help="'emgmon exercises' lists them")
    record.add_argument("--rest", type=real(0, 120), default=10.0, help="seconds of rest before (default 10)")
    record.add_argument("--seconds", type=real(1, 36000), help="end after this long, rest included (default: Ctrl-C)")
    record.add_argument("--wait", type=real(0.1, 60), default=2.0, help="seconds to listen (default 2)")
    record.add_argument("--json", action="store_true", help="print the summary as JSON")
    send = command(parts, "send", "lsl:send", "send what a recording's session found, at its pace")
    send.add_argument("recording", type=Path)
    send.add_argument("--speed", type=real(0.1, 100), default=1.0, help="times real time (default 1)")


def add_validate(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``emgmon validate``."""
    text = "measure the program's promises on simulated signals whose truth is known"
    parser = command(commands, "validate", "validate:run", text)
    parser.add_argument("--quick", action="store_true", help="fewer simulations")
    parser.add_argument("--rows", default="", metavar="PATTERN", help="only rows of these names: 'onset*,order'")
    text = "instead, each simulated sensor (or those of these kinds: 'emgmon,npg') under each fault of the link"
    parser.add_argument("--faults", nargs="?", const="", metavar="KINDS", help=text)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--markdown", action="store_true", help="as the page docs/validation.md")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it there")
    parser.add_argument("--strict", action="store_true", help="exit code 3 when a target is missed")
