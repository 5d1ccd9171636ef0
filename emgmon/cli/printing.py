"""Prints a report to PDF with the browser that is installed, so that the pages are those that one sees."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from emgmon.errors import EmgmonError

BROWSER_SETTING = "EMGMON_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge", "brave")
ELSEWHERE = {
    "win32": (
        r"Microsoft\Edge\Application\msedge.exe",
        r"Google\Chrome\Application\chrome.exe",
        r"BraveSoftware\Brave-Browser\Application\brave.exe",
    ),
    "darwin": (
        "Google Chrome.app/Contents/MacOS/Google Chrome",
        "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        "Chromium.app/Contents/MacOS/Chromium",
    ),
}
"""Where they are when they are not on the path, below the folders of programs."""

PATIENCE_S = 120.0
BY_HAND = "open the report in a browser and print it there"


def browser() -> Path | None:
    """Return the browser that prints: the one named by ``EMGMON_BROWSER``, else the first of Chromium's kin."""
    named = os.environ.get(BROWSER_SETTING)
    if named:
        return Path(named)
    on_path = (shutil.which(name) for name in NAMES)
    return next((Path(found) for found in (*on_path, *_elsewhere()) if found), None)


def print_pdf(page: Path, pdf: Path) -> None:
    """Print an HTML file to PDF.

    Parameters
    ----------
    page, pdf : path

    Raises
    ------
    EmgmonError
        When there is no such browser, or it fails or takes more than two minutes; the HTML file stays.
    """
    program = browser()
    if program is None:
        raise EmgmonError(
            f"{pdf}: not made: printing needs Chrome, Chromium or Edge and none was found. Install one, name it in "
            f"{BROWSER_SETTING}, or {BY_HAND}"
        )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        draft = Path(profile) / "report.pdf"
        command = [
            str(program),
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-extensions",
            "--no-pdf-header-footer",
            f"--user-data-dir={profile}",
            f"--print-to-pdf={draft}",
            page.resolve().as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses to start for root otherwise
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)  # noqa: S603 - our own words
            shutil.copyfile(draft, pdf)
        except (OSError, subprocess.SubprocessError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise EmgmonError(f"{pdf}: not made: {program.name} could not print ({why}); {BY_HAND}") from error


def _elsewhere() -> Iterator[str]:
    folders = {
        "win32": [os.environ.get(name, "") for name in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")],
        "darwin": ["/Applications", str(Path.home() / "Applications")],
    }.get(sys.platform, [])
    for place in ELSEWHERE.get(sys.platform, ()):
        yield from (str(found) for folder in folders if folder and (found := Path(folder) / place).is_file())
