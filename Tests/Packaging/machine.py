"""A throwaway machine: a small Debian in namespaces of its own, begun by systemd."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".build-packaging"
# What the machine has besides what the package says it depends on, and the essential packages.
PACKAGES = ("dbus", "systemd", "systemd-sysv")
CGROUPS = Path("/sys/fs/cgroup")
SECONDS = 60

# Runs with namespaces of its own; `$1` is the folder that becomes the root.
BOOT = r"""
set -euo pipefail
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
for place in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$place"; done
chmod 1777 "$root/tmp"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
    mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
    mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
    mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified" || true
fi
exec chroot "$root" /usr/bin/env -i container=packaging PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --log-target=console --log-level=warning --show-status=no
"""


class Impossible(Exception):
    """Why no such machine can be started here."""


class Machine:
    """Started with `with`; nothing of it stays, and nothing of this machine is changed."""

    def __init__(self, depends):
        """`depends`: names of packages that are there from the start."""
        for tool in ("mmdebstrap", "unshare", "nsenter"):
            if not shutil.which(tool):
                raise Impossible(f"{tool} is not here; ./dev test-packaging installs it")
        if os.geteuid() != 0:
            raise Impossible("only root can make one")
        self.packages = ",".join(sorted({*PACKAGES, *depends}))
        self.folder = Path(tempfile.mkdtemp(prefix="packaging-"))
        self.root = self.folder / "root"
        self.group = f"packaging-{os.getpid()}"
        self.process = None

    def __enter__(self):
        try:
            self.root.mkdir()
            subprocess.run(
                ["tar", "--extract", "--file", base(self.packages), "--directory", self.root],
                check=True)
            (self.root / "etc/machine-id").write_text("0123456789abcdef" * 2 + "\n")
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def boot(self):
        self.console = open(self.folder / "console", "wb")
        script = self.folder / "boot"
        script.write_text(BOOT)
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--fork",
             "--kill-child", "bash", str(script), str(self.root)],
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.console,
            preexec_fn=self.enter_group)
        self.init = self.wait(self.find_init, "its first process")
        self.wait(self.is_up, "systemd")

    def groups(self):
        """Where process groups of systemd are counted here, old and new layout."""
        if (CGROUPS / "cgroup.controllers").exists():
            return [CGROUPS / self.group]
        return [CGROUPS / name / self.group for name in ("systemd", "unified")
                if (CGROUPS / name).is_dir()]

    def enter_group(self):
        for group in self.groups():
            group.mkdir()
            (group / "cgroup.procs").write_text(str(os.getpid()))

    def find_init(self):
        if self.process.poll() is not None:
            raise Impossible("no namespaces can be made here: " + self.said())
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = children.read_text().split()
        if found and Path(f"/proc/{found[0]}/comm").read_text() == "systemd\n":
            return int(found[0])
        return None

    def is_up(self):
        state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        if state == "degraded":
            failed = self.out("systemctl", "--failed", "--no-legend", "--plain")
            raise Impossible(f"systemd starts, but without {failed}")
        return state == "running"

    def said(self):
        self.console.flush()
        return (self.folder / "console").read_text(errors="replace")[-2_000:]

    def wait(self, look, what, seconds=SECONDS):
        """Asks again until it is so; each question starts a process, which is pause enough."""
        end = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > end:
                raise AssertionError(f"no {what} within {seconds} s\n{self.said()}")
        return found

    def inside(self, *spaces):
        return ["nsenter", "--target", str(self.init), *spaces]

    def run(self, *command, check=True, user=None, text=None, timeout=SECONDS):
        if user:
            command = ("runuser", "-u", user, "--", *command)
        done = subprocess.run(
            [*self.inside("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root",
                          "--wd=/"), "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
             "DEBIAN_FRONTEND=noninteractive", *command],
            input=text, capture_output=True, text=True, timeout=timeout)
        if check and done.returncode:
            raise AssertionError(
                f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def out(self, *command, **options):
        return self.run(*command, **options).stdout.strip()

    def show(self, *properties):
        """What systemd knows of the service, by property."""
        told = self.out("systemctl", "show", "peer-agent", "--property", ",".join(properties))
        return dict(line.split("=", 1) for line in told.splitlines())

    def request(self, method, path, body=None, headers=None, seconds=SECONDS):
        """One HTTP request to the machine's loopback, which only its own network reaches."""
        asked = json.dumps([method, path, body, headers or {}, seconds])
        done = subprocess.run(
            [*self.inside("--net"), "python3", "-c", ASK], input=asked, capture_output=True,
            text=True, timeout=seconds + 10)
        if done.returncode:
            return None
        return json.loads(done.stdout)

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            init = getattr(self, "init", None)
            if init:
                os.kill(init, signal.SIGRTMIN + 14)  # systemd: power off at once.
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for group in self.groups():
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)
        # The mounts lived in a namespace that is gone; here it is a plain folder.
        shutil.rmtree(self.folder, ignore_errors=True)


ASK = """
import http.client, json, sys
method, path, body, headers, seconds = json.load(sys.stdin)
connection = http.client.HTTPConnection("127.0.0.1", 9100, timeout=seconds)
connection.request(method, path, body, headers)
answer = connection.getresponse()
json.dump([answer.status, answer.read().decode()], sys.stdout)
"""


def base(packages):
    """The packed root of the machine, made once for this release of the system.

    Essential packages alone: the usual smallest system has `apt` and what that is linked with.
    """
    lines = Path("/etc/os-release").read_text().splitlines()
    release = dict(line.split("=", 1) for line in lines if "=" in line)
    name = release["VERSION_CODENAME"].strip('"')
    path = CACHE / f"{name}.tar"
    stamp = CACHE / f"{name}.packages"
    if not path.exists() or not stamp.exists() or stamp.read_text() != packages:
        CACHE.mkdir(exist_ok=True)
        print(f"making a small {name} in {CACHE.name}/ (once, about 90 s)", flush=True)
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=essential", f"--include={packages}", name,
             str(path) + ".new.tar"], check=True)
        os.rename(str(path) + ".new.tar", path)
        stamp.write_text(packages)
    return path
