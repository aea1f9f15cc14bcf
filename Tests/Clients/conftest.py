"""Fixtures for every client: the binary under test, and nodes that are stopped afterwards."""

import os
from pathlib import Path

import pytest

from fixture_server import FixtureServer, fixture_binary
from harness import ROOT, Node


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "alone: measures time, or asks so much that others would be late beside it")


@pytest.fixture(scope="session")
def binary():
    path = Path(os.environ.get("PEER_AGENT_BIN") or ROOT / ".build/debug/peer-agent")
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is not there: run ./dev build, or set PEER_AGENT_BIN")
    return path


@pytest.fixture
def make_node(binary, tmp_path):
    """Makes initialised nodes by name; stops them at the end and shows their logs."""
    made = []

    def make(name, *options):
        made.append(Node(binary, tmp_path, name).init(*options))
        return made[-1]

    yield make
    for node in made:
        node.stop()
        node.show()  # Only printed by pytest when the test failed.


@pytest.fixture
def node(make_node):
    return make_node("ann")


@pytest.fixture(scope="session")
def fixtures(tmp_path_factory):
    """One conformance fixture server for every test that leaves it as it was."""
    server = FixtureServer(fixture_binary(), tmp_path_factory.mktemp("fixtures"))
    yield server
    assert server.stop() == 0


@pytest.fixture
def own_fixtures(tmp_path):
    """A fixture server that a test may change, end and start again."""
    server = FixtureServer(fixture_binary(), tmp_path)
    yield server
    if server.process.poll() is None:
        assert server.stop() == 0
