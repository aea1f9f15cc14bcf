"""Public programs that look for faults of MCP servers find none here; their seeds are fixed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from http_node import serve  # noqa: F401

SCRIPTS = Path(sys.executable).parent
SECONDS = 240
SEED = "20260728"


def fuzz(folder, *arguments):
    """Runs the fuzzer; returns what it printed and its reports."""
    done = subprocess.run(
        [SCRIPTS / "mcp-fuzzer", "--seed", SEED, "--no-network", "--no-corpus", "--timeout", "10",
         "--output-dir", str(folder), "--fs-root", str(folder), *arguments],
        cwd=folder, env=dict(os.environ) | {"HOME": str(folder)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=SECONDS)
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said[-4_000:]
    assert done.returncode == 0, said[-4_000:]
    return said


@pytest.mark.parametrize("mode", ["tools", "protocol", "resources", "prompts"])
def test_fuzzer_over_http(fixtures, tmp_path, mode):
    fuzz(tmp_path, "--mode", mode, "--protocol", "streamablehttp", "--endpoint", fixtures.url,
         "--runs", "3", "--runs-per-type", "2")
    assert fixtures.process.poll() is None
    assert fixtures.modern().tool("test_simple_text")["content"]


@pytest.mark.parametrize("mode", ["tools", "protocol"])
def test_fuzzer_over_stdio(node, tmp_path, mode):
    command = " ".join([node.binary, *node.run_arguments("--consent", "human")])
    folder = tmp_path / "out"
    folder.mkdir()
    fuzz(folder, "--mode", mode, "--protocol", "stdio", "--endpoint", command,
         "--runs", "2", "--runs-per-type", "2")


def test_idprobe_finds_no_answer_of_others(fixtures, tmp_path):
    done = subprocess.run(
        [SCRIPTS / "mcp-idprobe", "--url", fixtures.url, "--tool", "greet", "--rounds", "8",
         "--settle", "0.2", "--json"],
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
    evidence = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr
    assert "leak" not in str(evidence.get("verdict", "")).lower(), evidence
