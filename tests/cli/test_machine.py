"""What the commands say of this computer and of the sensors that emgmon knows."""

import json
from pathlib import Path

import pytest

from emgmon.cli import build_parser, doctor, main
from emgmon.cli.scan import radio_of
from emgmon.devices import DRIVERS
from emgmon.devices.facts import packaged
from emgmon.errors import BluetoothUnavailable

DEVICES_MD = Path(__file__).parents[2] / "docs" / "devices.md"


async def _no_radio(_radio, _length_s):
    raise BluetoothUnavailable("No Bluetooth: this computer has no Bluetooth radio; plug in an adapter.")


async def _silence(_radio, _length_s):
    return []


def test_doctor_tells_what_is_missing_and_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "scan", _no_radio)
    assert main(["doctor"]) == 3
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if " Bluetooth " in line]
    assert line.startswith("missing")
    assert line.endswith("plug in an adapter.")
    assert all(line.split(maxsplit=1)[0] in {"ok", "to", "missing"} for line in lines)


def test_doctor_is_content_when_all_is_there(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(doctor, "scan", _silence)
    monkeypatch.setattr(doctor, "why_no_window", lambda: "")
    monkeypatch.setattr(doctor, "why_no_sound", lambda: "")
    monkeypatch.setattr(doctor, "RFKILL", tmp_path)
    monkeypatch.setattr(doctor, "DEBUGFS", tmp_path)
    monkeypatch.setattr(doctor, "LEAST_FREE_MB", 0)
    assert main(["doctor", "--json"]) == 0
    assert {line["about"] for line in json.loads(capsys.readouterr().out)} >= {"Bluetooth", "display", "sound", "disk"}


def test_doctor_says_where_sessions_are_kept_and_whether_they_can_be(monkeypatch, tmp_path):
    monkeypatch.setenv("EMGMON_STORE", str(tmp_path / "new" / "s.db"))
    assert doctor.store() == [
        doctor.Line("sessions", "ok", f"{tmp_path / 'new' / 's.db'}, made with the first session")
    ]
    monkeypatch.setattr(doctor.os, "access", lambda path, _mode: path != tmp_path)
    (line,) = doctor.store()
    assert line.state == "missing"
    assert "give another place with --store" in line.text
    monkeypatch.setenv("EMGMON_STORE", "postgresql+psycopg://u:secret@h/x")
    assert "secret" not in doctor.store()[0].text


@pytest.mark.parametrize(
    ("installed", "module", "state", "text"),
    [
        (False, None, "ok", "the extra 'fast'"),
        (True, object(), "ok", "compiled"),
        (True, None, "to do", "cannot be used"),
    ],
)
def test_doctor_compiles_the_loops_where_they_can_be(monkeypatch, installed, module, state, text):
    loaded = []
    monkeypatch.setattr(doctor.util, "find_spec", lambda _name: installed or None)
    monkeypatch.setattr(doctor.compiled, "load", lambda: loaded.append(1))
    monkeypatch.setattr(doctor.compiled, "kernel", lambda: module)
    (line,) = doctor.loops()
    assert (line.state, len(loaded)) == (state, int(installed))
    assert text in line.text


def test_doctor_sees_a_blocked_radio_a_long_interval_and_a_full_disk(monkeypatch, tmp_path):
    for name, value in (("type", "bluetooth"), ("soft", "1"), ("hard", "0")):
        path = tmp_path / "rfkill" / "rfkill0" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value)
    adapter = tmp_path / "debug" / "hci0"
    adapter.mkdir(parents=True)
    (adapter / "conn_min_interval").write_text("24")
    (adapter / "conn_max_interval").write_text("40")
    monkeypatch.setattr(doctor, "scan", _silence)
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    monkeypatch.setattr(doctor, "RFKILL", tmp_path / "rfkill")
    monkeypatch.setattr(doctor, "DEBUGFS", tmp_path / "debug")
    monkeypatch.setattr(doctor, "LEAST_FREE_MB", 1e12)
    assert any("rfkill unblock" in line.text for line in doctor.bluetooth())
    (interval,) = doctor.interval()
    assert interval.state == doctor.TO_DO
    assert "30 to 50 ms" in interval.text
    assert doctor.disk()[0].state == doctor.TO_DO


def test_an_adapter_is_chosen_by_name():
    assert radio_of("hci1").client_kwargs == {"bluez": {"adapter": "hci1"}} == radio_of("hci1").scanner_kwargs
    assert not radio_of("").client_kwargs
    assert build_parser().parse_args(["scan", "--adapter", "hci1"]).adapter == "hci1"


def test_every_driver_is_listed_with_what_it_was_tried_on(capsys):
    assert main(["sensors"]) == 0
    text = capsys.readouterr().out
    for driver in DRIVERS:
        if driver.name != "imported":
            (line,) = [line for line in text.splitlines() if line.startswith(f"{driver.name} ")]
            assert "simulator only" in line


@pytest.mark.parametrize("name", sorted(packaged()))
def test_one_sensor_is_explained(name, capsys):
    assert main(["sensors", name]) == 0
    assert packaged()[name].title in capsys.readouterr().out


def test_an_unknown_sensor_is_one_line(capsys):
    assert main(["sensors", "abacus"]) == 1
    assert "No sensor is called 'abacus'" in capsys.readouterr().err


def test_devices_md_is_what_the_command_prints(capsys):
    assert main(["sensors", "--markdown"]) == 0
    assert DEVICES_MD.read_text("utf-8").endswith(capsys.readouterr().out)


def test_sensors_as_json(capsys):
    assert main(["sensors", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["umyo"]["signals"]["emg"]["rate_hz"] == 1116


def test_the_demo_lists_its_kits_and_refuses_others(capsys):
    assert main(["demo", "--device", "list"]) == 0
    assert "umyo" in capsys.readouterr().out
    assert main(["demo", "--device", "abacus"]) == 1
    assert "there are emgmon, umyo" in capsys.readouterr().err
