"""Other software at pinned versions: Debian packages and a Python environment of their own.

`packages.txt` and `requirements.txt` beside this file are the only lists. What cannot be had is
told by name, so that a table can say so; nothing is left out in silence.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE.parents[1] / ".venv-peers"
MINUTES = 10


def enter(script):
    """Goes on inside the environment: installs what is missing, then runs `script` again there."""
    if Path(sys.prefix) == ENVIRONMENT:
        return
    problems = [*packages(), *environment()]
    python = ENVIRONMENT / "bin/python"
    if not python.exists():
        sys.exit(f"no Python environment: {'; '.join(problems)}")
    os.environ["PEERS_NOT_INSTALLED"] = "\n".join(problems)
    os.execv(python, [str(python), str(Path(script).resolve()), *sys.argv[1:]])


def not_installed():
    """What could not be had, a line each, as `enter` found it."""
    return os.environ.get("PEERS_NOT_INSTALLED", "").splitlines()


def lines(name):
    text = (HERE / name).read_text()
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def packages():
    """Installs missing Debian packages one by one; returns what could not be had and why."""
    missing = [one for one in lines("packages.txt") if not is_present(one)]
    if not missing:
        return []
    if not shutil.which("apt-get"):
        return [f"{one}: this system has no apt-get" for one in missing]
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and not shutil.which("sudo"):
        return [f"{one}: neither root nor sudo" for one in missing]
    print("installing", *missing, file=sys.stderr)
    run([*root, "apt-get", "update", "-qq"])
    problems = []
    for one in missing:
        quiet = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-qq", "-y"]
        if problem := run([*quiet, "--no-install-recommends", one]):
            problems.append(f"{one}: {problem}")
    return problems


def is_present(package):
    """Whether a package of that version is there; a program not from Debian counts as well."""
    name, _, version = package.partition("=")
    told = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", name], capture_output=True,
        text=True) if shutil.which("dpkg-query") else None
    if told and told.returncode == 0:
        state, _, found = told.stdout.partition(" ")
        return state == "installed" and found.startswith(version.rstrip("*"))
    return shutil.which(name) is not None


def environment():
    """Makes the environment again when a list or Python has changed; returns what is missing."""
    wanted = sys.version.encode() + b"".join(
        (HERE / name).read_bytes() for name in ("requirements.txt", "constraints.txt"))
    stamp = ENVIRONMENT / "installed"
    digest = hashlib.sha256(wanted).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return []
    print(f"installing requirements.txt into {ENVIRONMENT.name}", file=sys.stderr)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if problem := run([sys.executable, "-m", "venv", str(ENVIRONMENT)]):
        return [f"a virtual environment: {problem}"]
    pip = [str(ENVIRONMENT / "bin/pip"), "install", "--quiet", "--disable-pip-version-check",
           "-c", str(HERE / "constraints.txt")]
    if run([*pip, "-r", str(HERE / "requirements.txt")]) is None:
        stamp.write_text(digest)
        return []
    # One that is missing must not take the others with it.
    told = [(one, run([*pip, one])) for one in lines("requirements.txt")]
    return [f"{one}: {problem}" for one, problem in told if problem]


def run(command):
    """Runs to the end; returns what went wrong in one line, or None."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=MINUTES * 60)
    except (OSError, subprocess.TimeoutExpired) as problem:
        return f"{type(problem).__name__}"
    if done.returncode == 0:
        return None
    told = [line for line in done.stdout.splitlines() if line.strip()]
    return told[-1].strip() if told else f"ended with {done.returncode}"
