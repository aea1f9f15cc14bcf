"""Fixtures for every client: the binary under test, and nodes that are stopped afterwards."""

import os
from pathlib import Path

import pytest

from fixture_server import FixtureServer, fixture_binary
from harness import ROOT, Node
from schema import Schema


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "alone: measures time, or asks so much that others would be late beside it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    Schema.unchecked = 0
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "teardown" and Schema.unchecked:
        report.user_properties.append(("unchecked", Schema.unchecked))
    return report


def pytest_terminal_summary(terminalreporter):
    """Says what was not looked at because the shared data is absent (PEER_SHARED)."""
    reports = [one for list in terminalreporter.stats.values() for one in list]
    skipped = [one for one in terminalreporter.stats.get("skipped", [])
               if "shared data is absent" in str(one.longrepr)]
    counts = [dict(getattr(one, "user_properties", [])).get("unchecked", 0) for one in reports
              if getattr(one, "when", None) == "teardown"]
    loose = [count for count in counts if count]
    if skipped or loose:
        terminalreporter.section("shared data is absent", yellow=True)
        terminalreporter.line(
            f"{len(skipped)} tests were skipped; {len(loose)} tests ran with {sum(loose)} frames "
            "that no schema was held against")


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
