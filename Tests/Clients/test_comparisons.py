"""What the comparisons with other software judge by, without running any of it."""

import asyncio
import importlib.util
import shutil
import sys

import pytest

from harness import ROOT

FOLDER = ROOT / "Benchmarks/peers"


@pytest.fixture
def part(monkeypatch):
    """Loads one file of the comparisons under a name of its own."""

    def load(name):
        monkeypatch.syspath_prepend(str(FOLDER))
        spec = importlib.util.spec_from_file_location(f"peers_{name}", FOLDER / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    return load


def test_a_bar_on_a_ratio_and_a_bar_on_a_value(part):
    row = part("table").Row
    assert row("time", 2.0, 1.0, bar=1.3).holds is False
    assert row("time", 1.3, 1.0, bar=1.3).holds is True
    assert row("rate", 2.0, 1.0, bar=1.0, is_more_better=True).holds is True
    assert row("rate", 0.9, 1.0, bar=1.0, is_more_better=True).holds is False
    assert row("bytes", 92, bar=110).holds is True
    assert row("bytes", 111, bar=110).holds is False
    assert row("time", 5.0, 1.0).holds is None


def test_rows_that_lose_say_so_whichever_way_is_better(part):
    row = part("table").Row
    assert row("time", 2.0, 1.0).verdict == "we lose"
    assert row("time", 1.0, 2.0).verdict == ""
    assert row("rate", 1.0, 2.0, is_more_better=True).verdict == "we lose"
    assert row("bytes", 111, bar=110).verdict == "≤ 110 **missed**"
    assert row("time", 1.0, 1.0, bar=1.3).verdict == "≤ 1.3 ×"


def test_what_was_not_measured_stands_in_the_table_with_its_reason(part):
    table = part("table")
    told = table.text([table.Row("fan-out by nobody", None, note="nobody is not installed")])
    assert "| fan-out by nobody [1] | – | – |" in told
    assert told.endswith("[1] nobody is not installed")


def test_records_are_told_apart_by_their_lengths(part):
    records = part("proxy").records
    stream = b"\x00\x20" + bytes(32) + b"\x01\x00" + bytes(256)
    assert records(stream) == [32, 256]
    assert records(stream + b"\x00") == [32, 256]
    assert records(b"") == []


def test_a_proxy_counts_both_ways_is_cut_and_heals_at_the_same_address(part):
    proxy = part("proxy")

    async def run():
        async def echo(reader, writer):
            while data := await reader.read(100):
                writer.write(data * 2)
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        way = proxy.Proxy("127.0.0.1", server.sockets[0].getsockname()[1], keeps=True)
        await way.open()
        address = way.address
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"hello")
        assert await reader.readexactly(10) == b"hellohello"
        passage = await way.await_passage(1)
        assert (passage.bytes_out, passage.bytes_back) == (5, 10)
        assert (bytes(passage.out), bytes(passage.back)) == (b"hello", b"hellohello")
        await way.cut()
        try:
            assert await reader.read() == b""
        except ConnectionResetError:
            pass  # One of the two, as the system likes.
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(host, int(port))
        await way.open()
        assert way.address == address
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"again")
        assert await reader.readexactly(10) == b"againagain"
        assert len(way.passages) == 2
        writer.close()
        await way.cut()
        server.close()

    asyncio.run(asyncio.wait_for(run(), 60))


def test_every_package_has_a_version(part):
    installing = part("installing")
    listed = installing.lines("requirements.txt") + installing.lines("constraints.txt")
    assert listed and all("==" in line for line in listed)
    names = [line.split("=")[0] for line in installing.lines("packages.txt")]
    assert {"nats-server", "prosody", "wrk"} <= set(names)


def test_a_package_of_another_version_is_not_the_one_that_is_wanted(part):
    installing = part("installing")
    assert not installing.is_present("no-such-package=1.0-*")
    if shutil.which("dpkg-query"):
        assert not installing.is_present("bash=0.0.1-*")
