"""Files between two processes: through the official SDK, and through the command line."""

import base64
import contextlib
import hashlib
import json
import os

from cli import Shell, running
from harness import within
from http_node import serve  # noqa: F401
from scenario import invite
from test_sdk2 import connected, peer

PART = 256 * 1024
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg==")


def b64(data):
    return base64.b64encode(data).decode()


async def upload(host, channel, name, data, size=None, part=PART):
    """Hands a file over part by part; returns the facts of the post."""
    known = None
    for offset in range(0, len(data), part):
        piece = data[offset:offset + part]
        last = offset + len(piece) == len(data)
        arguments = {"offset": offset, "data": b64(piece)}
        if known is None:
            arguments |= {"filename": name, "size": size or len(data)}
        else:
            arguments["upload_id"] = known
        if last:
            arguments |= {"last": True, "channel": channel, "caption": "look"}
        facts = (await host.call("upload_file", **arguments)).facts
        known = facts["upload_id"]
        assert facts["received"] == offset + len(piece)
    return facts


async def download(guest, file_id, length=PART):
    data = b""
    while True:
        facts = (await guest.call(
            "download_file", file_id=file_id, offset=len(data), length=length, raw=True)).facts
        assert facts["encoding"] == "base64"
        data += base64.b64decode(facts["data"], validate=True)
        if not facts["has_more"]:
            return data, facts


@contextlib.asynccontextmanager
async def pair(make_node, *options):
    """Two agents on two nodes in one server, and its channel."""
    ann, bob = make_node("ann"), make_node("bob")
    async with connected(ann, options=options) as first:
        address = await ann.address()
        async with connected(bob, options=("--peer", address, *options)) as second:
            host, guest = peer(ann, first), peer(bob, second)
            created = await host.call("create_server", name="harbour")
            server = created.data["server_id"]
            await invite(host, guest, server)
            yield host, guest, f"{server}/general", (ann, bob), (first, second)


@within(60)
async def test_a_file_goes_from_one_agent_to_another(make_node):
    async with pair(make_node) as (host, guest, general, _, clients):
        after = await guest.cursor()
        data = os.urandom(700_001)
        sent = await upload(host, general, "plan.bin", data)
        assert sent["outcome"] in ("applied", "queued")
        assert sent["size"] == len(data)
        page = await guest.call("wait_for_messages", after=after, timeout_s=20)
        shown = page.facts["messages"][-1]
        assert shown["file"] == {
            "id": sent["file_id"], "name": "plan.bin", "size": len(data),
            "mime": "application/octet-stream"}
        assert shown["text"] == "look"
        assert "plan.bin" in page.text
        got, facts = await download(guest, sent["file_id"])
        assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()
        assert facts["local"] is True and facts["filename"] == "plan.bin"
        again, _ = await download(host, sent["file_id"], length=100_000)
        assert again == data


@within(60)
async def test_small_files_text_and_pictures(make_node):
    async with pair(make_node) as (host, guest, general, _, (_, client)):
        after = await guest.cursor()
        text = "first line\nsecond: ça va ? 🦊\n"
        note = (await host.call(
            "share_file_inline", channel=general, filename="note.txt",
            data=b64(text.encode()))).facts
        picture = (await host.call(
            "share_file_inline", channel=general, filename="dot.png", data=b64(PNG),
            mime="image/png")).facts
        while True:
            page = await guest.call("wait_for_messages", after=after, timeout_s=20)
            after = page.cursor
            names = [m.get("file", {}).get("name") for m in page.facts["messages"]]
            if "dot.png" in names:
                break
        read = (await guest.call("download_file", file_id=note["file_id"])).facts
        assert (read["encoding"], read["data"], read["mime"]) == ("text", text, "text/plain")
        result = await client.call_tool("download_file", {"file_id": picture["file_id"]})
        images = [block for block in result.content if block.type == "image"]
        assert base64.b64decode(images[0].data) == PNG
        assert images[0].mime_type == "image/png"
        assert "data" not in result.structured_content
        contents = (await client.read_resource(f"peer://file/{note['file_id']}")).contents[0]
        assert (contents.text, contents.mime_type) == (text, "text/plain")
        contents = (await client.read_resource(f"peer://file/{picture['file_id']}")).contents[0]
        assert base64.b64decode(contents.blob) == PNG


@within(60)
async def test_what_is_refused_and_how(make_node):
    async with pair(make_node) as (host, guest, general, _, _):
        async def code(tool, **arguments):
            return (await host.refused(tool, **arguments)).error_code

        share = {"channel": general, "filename": "a", "data": b64(b"x")}
        assert await code("share_file_inline", **share | {"data": "!"}) == "invalid_argument"
        assert await code("share_file_inline", **share | {"data": ""}) == "invalid_argument"
        over = b64(bytes(PART + 1))
        assert await code("share_file_inline", **share | {"data": over}) == "too_large"
        for name in ["../a", "a\\b", "..", "a\u0007", "\u202egpj.a", "n" * 256, ""]:
            given = await code("share_file_inline", **share | {"filename": name})
            assert given == "invalid_argument", name
        fake = share | {"mime": "image/png"}
        assert await code("share_file_inline", **fake) == "invalid_argument"
        first = {"offset": 0, "data": b64(b"xyz"), "filename": "a"}
        assert await code("upload_file", **first) == "invalid_argument", "size is needed"
        assert await code("upload_file", **first, size=25 * 2**20 + 1) == "too_large"
        begun = (await host.call("upload_file", **first, size=10)).facts["upload_id"]
        later = {"upload_id": begun, "data": b64(b"x")}
        assert await code("upload_file", **later, offset=4) == "conflict"
        assert await code("upload_file", **later, offset=3, last=True,
                          channel=general) == "conflict"
        rest = later | {"data": b64(bytes(8))}
        assert await code("upload_file", **rest, offset=3) == "too_large"
        assert await code("upload_file", upload_id="0" * 32, offset=0,
                          data=b64(b"x")) == "unknown_file"
        missing = f"{'0' * 64}.0"
        assert await code("download_file", file_id=missing) == "unknown_file"
        assert await code("download_file", file_id="x") == "invalid_argument"


@within(90)
async def test_the_command_line_sends_and_fetches(make_node, tmp_path):
    async with pair(make_node) as (host, guest, general, (ann, bob), _):
        after = await guest.cursor()
        source = ann.home / "report final.bin"
        source.write_bytes(os.urandom(1_500_000))
        sent = ann.command(
            "upload", general, str(source), "--data-dir", str(ann.data), "--json")
        facts = json.loads(sent.stdout)
        await guest.call("wait_for_messages", after=after, timeout_s=20)
        folder = bob.home / "in"
        folder.mkdir()
        fetch = ["download", facts["file_id"], str(folder), "--data-dir", str(bob.data)]
        got = bob.command(*fetch)
        target = folder / "report final.bin"
        assert got.stdout.strip() == str(target)
        assert target.read_bytes() == source.read_bytes()
        assert os.listdir(folder) == ["report final.bin"]
        assert "100 %" in got.stderr
        # What is there stays, unless it may go.
        target.write_bytes(b"mine")
        refused = bob.command(*fetch, check=False)
        assert refused.returncode == 1 and "--overwrite" in refused.stderr
        assert target.read_bytes() == b"mine"
        # A link is replaced, never followed.
        outside = bob.home / "outside"
        outside.write_bytes(b"outside")
        target.unlink()
        target.symlink_to(outside)
        assert bob.command(*fetch, check=False).returncode == 1
        bob.command(*fetch, "--overwrite")
        assert outside.read_bytes() == b"outside"
        assert not target.is_symlink() and target.read_bytes() == source.read_bytes()
        empty = ann.home / "empty"
        empty.write_bytes(b"")
        for path in [empty, ann.home, ann.home / "missing", "/dev/zero"]:
            refused = ann.command(
                "upload", general, str(path), "--data-dir", str(ann.data), check=False)
            assert refused.returncode == 1, path


@within(60)
async def test_only_ciphertext_lies_on_the_disk_of_either(make_node):
    async with pair(make_node) as (host, guest, general, nodes, _):
        canary = b"canary-" + os.urandom(8).hex().encode()
        data = canary * 20_000
        sent = await upload(host, general, "secret.txt", data)
        for _ in range(50):
            page = await guest.call("read_channel", channel=general)
            if any("file" in message for message in page.facts["messages"]):
                break
        got, _ = await download(guest, sent["file_id"])
        assert got == data
        for node in nodes:
            chunks = list((node.data / "blobs").iterdir())
            assert chunks, "chunks are kept"
            for path in node.data.rglob("*"):
                if path.is_file() and not path.is_socket():
                    assert canary not in path.read_bytes(), path
            assert {oct(path.stat().st_mode & 0o777) for path in chunks} == {"0o600"}


def test_send_posts_a_file_with_a_caption(make_node, tmp_path):
    ann = make_node("ann", "--server-name", "Lab")
    shell = Shell(ann)
    path = tmp_path / "map.bin"
    path.write_bytes(os.urandom(PART + 1_000))
    # Whether a node runs or not; then one is started for as long as it takes.
    first = shell.out("send", "general", "where it is", "--file", str(path)).strip()
    with running(ann):
        second = shell.out(
            "send", "general", "--file", str(path), "--reply-to", first).strip()
        shown = shell.lines("read", "general", "--json")
        assert [line["id"] for line in shown] == [first, second]
        assert shown[0]["text"] == "where it is" and shown[1]["reply_to"] == first
        target = tmp_path / "back.bin"
        shell.out("download", second + ".0", str(target))
        assert target.read_bytes() == path.read_bytes()
    assert str(tmp_path) in shell.fails(
        1, "send", "general", "--file", str(tmp_path / "none"))
    assert "--file" in shell.fails(
        2, "send", "general", "--file", str(path), "--client-msg-id", "x")


def test_a_part_of_a_file_points_to_the_whole(serve):  # noqa: F811
    client = serve("ann").client()
    client.call("create_server", name="harbour")
    data = os.urandom(3_000)
    shared = client.call(
        "share_file_inline", channel="#general", filename="a.bin", data=b64(data))
    file = shared["structuredContent"]["file_id"]
    part = client.call("download_file", file_id=file, length=1_000)
    [link] = [block for block in part["content"] if block["type"] == "resource_link"]
    assert link["uri"] == f"peer://file/{file}" and link["name"] == "a.bin"
    assert part["structuredContent"]["truncated"] is True
    [whole] = client.result("resources/read", {"uri": link["uri"]})["contents"]
    assert base64.b64decode(whole["blob"]) == data and whole["mimeType"] == link["mimeType"]
    rest = client.call("download_file", file_id=file, offset=1_000)
    assert all(block["type"] != "resource_link" for block in rest["content"])
    assert "truncated" not in rest["structuredContent"]
