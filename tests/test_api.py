"""What a script may rely on: it is there, typed, documented, and light to import."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import emgmon

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")


@pytest.mark.parametrize("name", emgmon.__all__)
def test_every_public_name_is_there(name):
    assert getattr(emgmon, name) is not None


def test_every_public_name_is_documented_and_none_besides():
    documented = re.findall(r"^\.\. auto\w+:: emgmon\.(\w+)$", PAGE, re.MULTILINE)
    assert sorted([*documented, "__version__"]) == sorted(emgmon.__all__)


def test_what_a_type_checker_sees_is_what_there_is():
    tree = ast.parse(Path(emgmon.__file__).read_text("utf-8"))
    homes = {
        name.name: part.module
        for part in ast.walk(tree)
        if isinstance(part, ast.ImportFrom) and str(part.module).startswith("emgmon.")
        for name in part.names
    }
    assert homes == emgmon._HOMES
    assert (Path(emgmon.__file__).parent / "py.typed").exists()


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="analyze"):
        emgmon.analyze  # noqa: B018


def test_a_script_loads_neither_the_window_nor_the_radio():
    script = "import sys, emgmon; emgmon.analyse, emgmon.read_recording, emgmon.session_html; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    loaded = set(done.stdout.split())
    assert not loaded & {"PySide6", "pyqtgraph", "bleak", "bumble", "h11", "firmware_sim"}


@pytest.mark.slow
def test_the_code_of_the_page_runs(tmp_path, monkeypatch, capsys):
    (tmp_path / "recordings").symlink_to(ROOT / "recordings")
    monkeypatch.chdir(tmp_path)
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(code, "api.md", "exec"), {})  # noqa: S102 - our own page
    assert "Training aid" in capsys.readouterr().out
    assert "<!doctype html>" in (tmp_path / "session.html").read_text("utf-8").lower()
