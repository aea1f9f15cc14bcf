"""backup, restore, doctor, export and verify: what an operator does when things matter."""

import fcntl
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import tarfile
import threading
from pathlib import Path

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cli import Shell, call, running
from hostile import until

DOMAIN = b"peer-agent/event/1"


@pytest.fixture
def lab(make_node):
    node = make_node("ann", "--server-name", "Lab")
    shell = Shell(node)
    for number in range(3):
        shell("send", "general", f"message {number}")
    return node


def texts(shell, **options):
    return [m["text"] for m in shell.lines("read", "general", "--json", **options)]


# Backup

def test_s325_a_backup_is_private_and_a_plain_archive(lab, tmp_path):
    shell, file = Shell(lab), tmp_path / "b.backup"
    assert shell.out("backup", str(file)).strip() == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as archive:
        assert archive.getnames() == [
            "node.db", "agent.db", "identity", "local-keys", "manifest.json"]
        manifest = json.load(archive.extractfile("manifest.json"))
        for part in manifest["parts"]:
            data = archive.extractfile(part["name"]).read()
            assert hashlib.blake2b(data, digest_size=32).hexdigest() == part["blake2b_256"]
    assert manifest["peer_id"] == lab.peer_id
    assert "alreadyExists" in shell.fails(1, "backup", str(file))
    assert sorted(os.listdir(tmp_path)) == sorted(["ann", "b.backup"])


def test_a_killed_backup_leaves_nothing_for_long(lab, tmp_path):
    """What it leaves goes with the next one; what others work in, or made, stays."""
    shell, place = Shell(lab), tmp_path / "backups"
    place.mkdir()

    def leave(name, *files, mode=0o700, lock=True):
        folder = place / name
        folder.mkdir(mode=mode)
        for file in [*files, *["lock"] * lock]:
            (folder / file).write_bytes(b"x")
        return folder

    with running(lab) as process:
        process.send_signal(signal.SIGSTOP)  # The copy is not even begun.
        try:
            killed = subprocess.Popen(
                [lab.binary, "backup", str(place / "a.backup"), "--data-dir", str(lab.data)],
                env=lab.environment)
            until(lambda: list(place.glob(".peer-agent-*/lock")))
            killed.kill()
            killed.wait()
        finally:
            process.send_signal(signal.SIGCONT)
        gone = [*place.iterdir(), leave(".peer-agent-aaaaaa", "node.db", "node.db-wal", "a" * 64)]
        assert len(gone) == 2
        busy = leave(".peer-agent-bbbbbb", "backup")
        kept = [busy, leave(".peer-agent-cccccc", "node.db", lock=False),
                leave(".peer-agent-dddddd", "letters.txt"), leave(".peer-agent-eeeeeeeee"),
                leave(".peer-agent-ffffff", "node.db", mode=0o755), leave("peer-agent-gggggg")]
        (place / ".peer-agent-hhhhhh").symlink_to(kept[1])
        with open(busy / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shell("backup", str(place / "b.backup"))
    assert all(not folder.exists() for folder in gone)
    held = {one.name for one in place.iterdir()}
    assert held == {one.name for one in kept} | {".peer-agent-hhhhhh", "b.backup"}
    assert all(any(folder.iterdir()) for folder in kept)


def test_s325_no_keys_means_no_keys(lab, tmp_path):
    seed = (lab.data / "identity").read_bytes()
    file = tmp_path / "b.backup"
    Shell(lab)("backup", str(file), "--no-keys")
    with tarfile.open(file) as archive:
        assert archive.getnames() == ["node.db", "agent.db", "manifest.json"]
    assert seed not in file.read_bytes()


def test_s325_a_backup_under_load_holds_everything_acknowledged_before(lab, tmp_path):
    shell, file = Shell(lab), tmp_path / "b.backup"
    sent, stop = [], threading.Event()
    with running(lab, "--limit", "posting=0"):
        def write():
            while not stop.is_set():
                sent.append(shell.out("send", "general", "load " * 200).strip())
        writer = threading.Thread(target=write)
        writer.start()
        while len(sent) < 5:
            assert writer.is_alive()
        before = list(sent)
        shell("backup", str(file))
        stop.set()
        writer.join()
    target = tmp_path / "restored"
    shell("restore", str(file), data=target)
    held = {m["id"] for m in shell.lines("read", "general", "--json", "--limit", "1000",
                                         data=target)}
    assert set(before) <= held


def test_s325_a_restored_node_is_the_same_peer_and_does_not_write_yet(lab, tmp_path):
    shell, file, target = Shell(lab), tmp_path / "b.backup", tmp_path / "restored"
    shell("backup", str(file))
    shell("send", "general", "after the backup")
    shell("restore", str(file), data=target)
    assert texts(shell, data=target) == ["message 0", "message 1", "message 2"]
    status = json.loads(shell.out("status", "--json", data=target))
    assert status["recovering"] and status["peer_id"] == lab.peer_id
    for name in ("identity", "local-keys", "node.db"):
        assert stat.S_IMODE((target / name).stat().st_mode) == 0o600
    # The number of the lost message must never be used again.
    assert "recovering" in shell.fails(1, "send", "general", "again", data=target)


def handed_over(shell, tmp_path):
    """A file of three chunks in general, which is nowhere else any more."""
    source = tmp_path / "plan.bin"
    content = os.urandom(600_000)
    source.write_bytes(content)
    file_id = shell.lines("upload", "general", str(source), "--json")[0]["file_id"]
    source.unlink()
    return file_id, content


def lose(lab):
    """What a machine that is replaced does not have."""
    for name in os.listdir(lab.data):
        path = lab.data / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize("is_running", [True, False])
def test_files_come_back_with_a_backup(lab, tmp_path, is_running):
    shell, file, got = Shell(lab), tmp_path / "b.backup", tmp_path / "got.bin"
    bare = tmp_path / "bare.backup"
    with running(lab):
        file_id, content = handed_over(shell, tmp_path)
        if is_running:
            shell("backup", str(file))
    if not is_running:
        shell("backup", str(file))
    shell("backup", str(bare), "--no-files")
    with tarfile.open(file) as archive:
        chunks = [name for name in archive.getnames() if name.startswith("blobs/")]
        assert len(chunks) == 3 and content[:64] not in file.read_bytes()
        assert json.load(archive.extractfile("manifest.json"))["chunks"] == 3
    with tarfile.open(bare) as archive:
        assert not [name for name in archive.getnames() if name.startswith("blobs/")]
    lose(lab)
    shell("restore", str(file))
    assert stat.S_IMODE((lab.data / "blobs").stat().st_mode) == 0o700
    with running(lab):
        shell("download", file_id, str(got))
    assert got.read_bytes() == content


def test_a_chunk_that_was_damaged_before_its_backup_does_not_spoil_the_rest(lab, tmp_path):
    shell, file = Shell(lab), tmp_path / "b.backup"
    with running(lab):
        handed_over(shell, tmp_path)
        bad = sorted((lab.data / "blobs").iterdir())[0]
        data = bytearray(bad.read_bytes())
        data[1_000] ^= 1
        bad.write_bytes(data)
        good_id, content = handed_over(shell, tmp_path)
        shell("backup", str(file))
    lose(lab)
    assert "1 parts of files were damaged" in shell("restore", str(file)).stderr
    assert len(list((lab.data / "blobs").iterdir())) == 5
    with running(lab):
        shell("download", good_id, str(tmp_path / "good.bin"))
        assert (tmp_path / "good.bin").read_bytes() == content


def test_s325_restore_does_not_harm_what_is_there(lab, tmp_path):
    shell, file = Shell(lab), tmp_path / "b.backup"
    shell("backup", str(file))
    shell("send", "general", "newer")
    assert "notEmpty" in shell.fails(1, "restore", str(file))
    with running(lab):
        assert "in use" in shell.fails(5, "restore", str(file), "--force")
    shell("restore", str(file), "--force")
    assert len(texts(shell)) == 3
    aside = [name for name in os.listdir(lab.data) if name.startswith("replaced-")]
    assert len(aside) == 1 and (lab.data / aside[0] / "high-water").exists()


@pytest.mark.parametrize("harm", ["cut", "flip", "name", "not", "empty"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(lab, tmp_path, harm):
    shell, file, target = Shell(lab), tmp_path / "b.backup", tmp_path / "restored"
    shell("backup", str(file))
    data = bytearray(file.read_bytes())
    if harm == "cut":
        data = data[: len(data) // 2]
    elif harm == "flip":
        data[100_000] ^= 1
    elif harm == "name":
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            info = tarfile.TarInfo("../outside")
            info.size = 3
            archive.addfile(info, io.BytesIO(b"bad"))
        data = buffer.getvalue()
    elif harm == "not":
        data = b"this is no backup" * 100
    else:
        data = b""
    file.write_bytes(data)
    assert "badBackup" in shell.fails(1, "restore", str(file), data=target)
    assert [n for n in os.listdir(target) if n != "lock"] == []
    assert not (tmp_path / "outside").exists()


# Doctor

def test_s323_doctor_on_a_healthy_directory(lab):
    shell = Shell(lab)
    lines = shell.lines("doctor", "--json")
    assert {line["verdict"] for line in lines} == {"fine"}, lines
    found = {line["subject"]: line["finding"] for line in lines}
    assert "all signed and chained" in next(v for k, v in found.items() if k.startswith("server"))
    assert "each linked" in found["audit"]


def test_doctor_while_the_node_runs_says_what_it_could_not_see(lab):
    shell = Shell(lab)
    with running(lab):
        done = shell("doctor", code=5)
        assert "skip  store" in done.stdout and "running" in done.stdout


def rows(lab, sql, *values, name="node.db"):
    database = sqlite3.connect(lab.data / name)
    try:
        result = database.execute(sql, values).fetchall()
        database.commit()
        return result
    finally:
        database.close()


def test_s323_doctor_finds_an_altered_signature(lab):
    ref, envelope = rows(lab, "SELECT ref, envelope FROM events ORDER BY ref DESC LIMIT 1")[0]
    altered = envelope[:-1] + bytes([envelope[-1] ^ 1])
    rows(lab, "UPDATE events SET envelope = ? WHERE ref = ?", altered, ref)
    done = Shell(lab)("doctor", code=6)
    assert "badSignature" in done.stdout and "restore" in done.stdout


def test_s323_doctor_finds_a_lost_event(lab):
    rows(lab, "DELETE FROM events WHERE seq = 3")
    done = Shell(lab)("doctor", code=6)
    assert "are gone" in done.stdout


def test_s323_doctor_rebuilds_what_follows_from_events(lab):
    shell = Shell(lab)
    rows(lab, "DELETE FROM texts")
    assert "peer-agent doctor --rebuild" in shell("doctor", code=6).stdout
    assert "events give state" in shell("doctor", "--rebuild").stderr
    shell("doctor")
    assert texts(shell) == ["message 0", "message 1", "message 2"]
    assert "says what it said before" in shell("doctor", "--rebuild").stderr


def test_s297_s323_doctor_finds_an_audit_record_that_was_changed(lab):
    rows(lab, "UPDATE audit SET record = replace(record, 'applied', 'refused') WHERE n = 2",
         name="agent.db")
    rows(lab, "UPDATE audit SET record = record || ' ' WHERE n = 1", name="agent.db")
    done = Shell(lab)("doctor", code=6)
    assert "audit record 1 was changed" in done.stdout


@pytest.mark.parametrize("harm, code, words", [
    ("newer", 1, "later version"), ("foreign", 6, "another program"),
    ("truncated", 6, "only"), ("key", 4, "chmod 600"), ("config", 3, "check-config"),
    ("open", 0, "chmod 700"), ("none", 4, "init"),
])
def test_s323_doctor_names_finding_and_fix(lab, harm, code, words):
    shell = Shell(lab)
    if harm == "newer":
        rows(lab, "PRAGMA user_version = 9999")
    elif harm == "foreign":
        rows(lab, "PRAGMA application_id = 5")
    elif harm == "truncated":
        os.truncate(lab.data / "node.db", 100)
    elif harm == "key":
        (lab.data / "identity").chmod(0o644)
    elif harm == "config":
        (lab.data / "config.json").write_text("{ wrong }")
    elif harm == "open":
        lab.data.chmod(0o755)
    done = shell("doctor", code=code, data=lab.home / "gone" if harm == "none" else None)
    assert words in done.stdout, done.stdout
    assert not (lab.home / "gone").exists()


@pytest.fixture
def sealed(lab, binary, tmp_path):
    """Runs a command on a directory in which its owner may read everything and write nothing."""
    uid = os.geteuid() or 54_321
    program = shutil.copy(binary, tmp_path / "peer-agent")
    for above in [tmp_path, *tmp_path.parents]:
        if os.geteuid() == 0 and Path("/tmp") in above.parents:
            above.chmod(0o755)
    found = [lab.data, *lab.data.rglob("*")]
    for path in found:
        if os.geteuid() == 0:
            os.chown(path, uid, uid)
        path.chmod(0o500 if path.is_dir() else 0o400)

    def become():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)

    def command(*words):
        return subprocess.run(
            [program, *words, "--data-dir", str(lab.data)], env=lab.environment, cwd="/",
            preexec_fn=become, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60)

    yield command
    for path in found:
        path.chmod(0o700 if path.is_dir() else 0o600)


def held(folder):
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes())
            for path in sorted(folder.iterdir()) if path.is_file()}


def test_s323_doctor_on_a_directory_that_cannot_be_written(lab, sealed):
    before = held(lab.data)
    done = sealed("doctor", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    [bad] = [line for line in lines if line["verdict"] == "problem"]
    assert done.returncode == 1
    assert str(lab.data) in bad["finding"] and "readOnly" in bad["finding"]
    assert {line["verdict"] for line in lines if line is not bad} == {"fine"}
    for words in (["doctor", "--rebuild"], ["read", "general"], ["send", "general", "x"]):
        refused = sealed(*words)
        assert refused.returncode == 1 and "readOnly" in refused.stderr, (words, refused)
    assert held(lab.data) == before


def test_s323_what_helps_a_directory_that_cannot_be_written_is_to_make_it_writable(sealed):
    lines = [json.loads(line) for line in sealed("doctor", "--json").stdout.splitlines()]
    [bad] = [line for line in lines if line["verdict"] == "problem"]
    assert bad["subject"] == "directory" and "writ" in bad["fix"] and "key" not in bad["fix"]


# Export and verify

def exported(shell, tmp_path, name="log.jsonl"):
    file = tmp_path / name
    shell("export", "--format", "events", "--output", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return file


def check(text):
    """Reads an exported log with nothing of the program: hashes, signatures and chains."""
    head, *events, end = [json.loads(line) for line in text.splitlines()]
    assert head["peer_agent_export"] == 1
    ids, heads = hashlib.blake2b(digest_size=32), {}
    for event in events:
        payload, signature = cbor2.loads(bytes.fromhex(event["envelope"]))
        id = hashlib.blake2b(DOMAIN + payload, digest_size=32).hexdigest()
        assert id == event["id"], "the id is not that of the bytes"
        fields = cbor2.loads(payload)
        authors = [f for f in fields if isinstance(f, bytes) and len(f) == 32]
        for author in authors:
            try:
                Ed25519PublicKey.from_public_bytes(author).verify(signature, DOMAIN + payload)
                break
            except (InvalidSignature, ValueError):
                continue
        else:
            raise AssertionError("no author in the event has signed it")
        heads.setdefault(author, []).append(id)
        ids.update(bytes.fromhex(id))
    assert end["end"]["events"] == len(events)
    assert end["end"]["ids_blake2b_256"] == ids.hexdigest()
    return len(events)


@pytest.mark.parametrize("live", [False, True])
def test_s329_an_exported_log_is_checked_by_itself_and_by_others(lab, tmp_path, live):
    shell = Shell(lab)
    if live:
        with running(lab):
            file = exported(shell, tmp_path)
    else:
        file = exported(shell, tmp_path)
    assert check(file.read_text()) == 8
    told = json.loads(shell("verify", "--file", str(file), "--json").stdout)
    assert told["events"] == 8 and told["messages"] == 3
    assert told["state_hash"] == json.loads(shell.out("status", "--json"))["servers"][0][
        "state_hash"]


def test_s329_one_altered_byte_anywhere_is_reported(lab, tmp_path):
    shell = Shell(lab)
    text = exported(shell, tmp_path).read_text()
    lines = text.splitlines(keepends=True)
    altered = tmp_path / "altered.jsonl"
    for number, line in enumerate(lines):
        place = len(line) * (number + 1) // (len(lines) + 1)
        while line[place] not in "0123456789abcdef":
            place += 1
        changed = line[:place] + ("0" if line[place] != "0" else "1") + line[place + 1:]
        if number == 0:
            changed = line.replace(line[40], "f" if line[40] != "f" else "e", 1)
        altered.write_text("".join(lines[:number] + [changed] + lines[number + 1:]))
        done = shell("verify", "--file", str(altered), code=10)
        assert "badExport" in done.stderr, (number, done.stderr)


@pytest.mark.parametrize("harm", ["lost", "twice", "swapped", "cut", "end", "foreign"])
def test_s329_events_taken_out_added_or_moved_are_reported(lab, tmp_path, harm):
    shell = Shell(lab)
    lines = exported(shell, tmp_path).read_text().splitlines(keepends=True)
    if harm == "lost":
        del lines[4]
    elif harm == "twice":
        lines.insert(4, lines[4])
    elif harm == "swapped":
        lines[4], lines[5] = lines[5], lines[4]
    elif harm == "cut":
        lines = lines[:-1]
    elif harm == "end":
        del lines[-2]
    else:
        lines = ["{}\n"]
    file = tmp_path / "harmed.jsonl"
    file.write_text("".join(lines))
    assert "badExport" in shell("verify", "--file", str(file), code=10).stderr


def test_messages_are_exported_as_they_are_read(lab):
    shell = Shell(lab)
    assert [m["text"] for m in shell.lines("export")] == ["message 0", "message 1", "message 2"]
    assert "--format" in shell.fails(2, "export", "--format", "xml")


def test_an_export_that_does_not_begin_leaves_no_file(lab, tmp_path):
    """With two servers somebody has to choose."""
    shell = Shell(lab)
    with running(lab):
        made = subprocess.run(
            [lab.binary, "run", "--data-dir", str(lab.data), "--scope", "full"],
            env=lab.environment, capture_output=True, text=True, timeout=60,
            input=call(1, "create_server", name="Second"))
    second = json.loads(made.stdout)["result"]["structuredContent"]["server_id"]
    file = tmp_path / "log"
    for options in [("--output", str(file)), ()]:
        assert second[:16] in shell.fails(2, "export", "--format", "events", *options)
    assert not file.exists()
    shell("export", "--format", "events", "--output", str(file), "--server", second)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    # One that ends half way is taken away again.
    texts = tmp_path / "texts"
    said = shell("export", "--output", str(texts), "--server", "0" * 64, code=2).stderr
    assert said and not texts.exists()
