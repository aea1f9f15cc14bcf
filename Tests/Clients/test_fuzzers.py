"""Public programs that look for faults of MCP servers find none here; their seeds are fixed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from raw import RawClient
from schema import LEGACY, MODERN
from tour import tapped

SCRIPTS = Path(sys.executable).parent
SECONDS = 240
SEED = "20260728"


# This fixture exists for its schema alone; whatever it is asked it answers `ok`.
LOOSE = {"json_schema_2020_12_tool"}


def fuzz(folder, tools, *arguments):
    """Runs the fuzzer and judges what it reports, since its exit code says nothing about that."""
    done = subprocess.run(
        [SCRIPTS / "mcp-fuzzer", "--seed", SEED, "--no-network", "--no-corpus", "--timeout", "5",
         "--output-dir", str(folder), "--fs-root", str(folder), *arguments],
        cwd=folder, env=dict(os.environ) | {"HOME": str(folder.parent)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=SECONDS)
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said[-4_000:]
    assert done.returncode == 0, said[-4_000:]
    summary = json.loads((folder / "run_summary.json").read_text())
    assert summary["status"] == "completed", summary
    reported = folder / "findings.json"
    findings = json.loads(reported.read_text())["findings"] if reported.exists() else []
    assert len(findings) == summary["findings"]["total"]
    schemas = {tool["name"]: tool["inputSchema"] for tool in tools}
    faults = [finding for finding in findings if not is_lawful(finding, schemas)]
    assert not faults, json.dumps(faults, indent=1)[:4_000]
    return summary


def is_lawful(finding, schemas):
    """Whether what was called malformed was as it should be, and only looked odd.

    Every value of a text field is text, and where nothing is asked for, nothing may be sent.
    """
    if finding["category"] != "accepted_malformed":
        return False
    if finding["kind"] != "tool" or finding["target"] in LOOSE:
        return True
    return Draft202012Validator(schemas[finding["target"]]).is_valid(finding["evidence"]["input"])


@pytest.mark.parametrize("mode", ["tools", "protocol", "resources", "prompts"])
def test_fuzzer_over_http(own_fixtures, tmp_path, mode):
    tools = own_fixtures.modern().round("tools/list", {})["tools"]
    folder = tmp_path / "out"
    folder.mkdir()
    summary = fuzz(
        folder, tools, "--mode", mode, "--protocol", "streamablehttp",
        "--endpoint", own_fixtures.url, "--runs", "3", "--runs-per-type", "2")
    assert mode != "tools" or set(summary["tools"]["by_name"]) == {one["name"] for one in tools}
    assert own_fixtures.process.poll() is None
    assert own_fixtures.modern().tool("test_simple_text")["content"]


@pytest.mark.parametrize("mode", ["tools", "protocol"])
def test_fuzzer_over_stdio(make_node, tmp_path, mode):
    node = make_node("ann", "--server-name", "harbour")
    asked = RawClient(node.spawn(), MODERN)
    tools = asked.result("tools/list")["tools"]
    assert asked.close() == 0
    command = " ".join([node.binary, *node.run_arguments("--consent", "human")])
    folder = tmp_path / "out"
    folder.mkdir()
    summary = fuzz(
        folder, tools, "--mode", mode, "--protocol", "stdio", "--endpoint", command,
        "--runs", "3", "--runs-per-type", "2")
    assert mode != "tools" or set(summary["tools"]["by_name"]) == {one["name"] for one in tools}
    doctor = node.command("doctor", "--data-dir", str(node.data))
    assert doctor.returncode == 0


def test_idprobe_finds_no_answer_of_others(fixtures, tmp_path):
    done = subprocess.run(
        [SCRIPTS / "mcp-idprobe", "--url", fixtures.url, "--tool", "greet", "--rounds", "8",
         "--settle", "0.2", "--json"],
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
    evidence = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr
    assert "leak" not in str(evidence.get("verdict", "")).lower(), evidence


@pytest.mark.parametrize("revision", [MODERN, *LEGACY])
def test_s250_audits_of_a_recorded_session_find_nothing(make_node, tmp_path, revision):
    node = make_node("ann", "--server-name", "harbour")
    tap = tapped(node, tmp_path / "tap")
    process = subprocess.Popen(
        [tap.command, *tap.arguments, *node.run_arguments()], env=tap.environment,
        cwd=node.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    node.processes.append(process)
    client = RawClient(process, revision)
    client.start()
    client.result("tools/list")
    client.call("send_message", channel="#general", body="recorded")
    assert client.call("read_channel", channel="#nowhere")["isError"]
    client.result("resources/list")
    client.result("prompts/list")
    client.call("wait_for_messages", timeout_s=0)
    assert client.close() == 0
    session = tmp_path / "session.jsonl"
    with session.open("w") as lines:
        for line in tap.file.read_text().splitlines():
            frame = json.loads(line[1:])
            kind = "request" if "method" in frame else "response"
            lines.write(json.dumps({"direction": kind} | frame) + "\n")
    # The first wants an `initialize`, which the modern era has not.
    for program in ["mcp-schema-audit"] * (revision != MODERN) + ["mcp-session-audit"]:
        done = subprocess.run(
            [SCRIPTS / program, str(session)], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=SECONDS)
        assert done.returncode == 0, done.stdout + done.stderr
