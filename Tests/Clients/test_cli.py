"""The few commands that everything else in this folder stands on."""

import re
import stat

from cli import Shell, running


def test_init_makes_a_private_identity(node):
    assert re.fullmatch(r"[0-9a-f]{64}", node.peer_id)
    identity = node.data / "identity"
    assert identity.stat().st_size == 32
    assert stat.S_IMODE(identity.stat().st_mode) == 0o600
    assert stat.S_IMODE(node.data.stat().st_mode) == 0o700


def test_status_names_the_node(node):
    shown = node.command("status", "--data-dir", str(node.data)).stdout
    assert node.peer_id[:16] in shown
    assert "ann" in shown


def test_a_key_that_others_can_read_is_refused(node):
    (node.data / "identity").chmod(0o644)
    refused = node.command("run", "--print-peer-id", "--data-dir", str(node.data), check=False)
    assert refused.returncode == 4
    assert "chmod 600" in refused.stderr
    assert refused.stdout == ""


def test_wrong_usage_is_told_on_stderr(node):
    refused = node.command("run", "--no-such-flag", check=False)
    assert refused.returncode == 2
    assert "--no-such-flag" in refused.stderr
    assert refused.stdout == ""


def test_init_can_make_the_first_server(make_node):
    node = make_node("bob", "--server-name", "harbour")
    assert "harbour" in node.command("status", "--data-dir", str(node.data)).stdout


def test_status_of_a_running_node_says_where_it_listens_and_what_waits(make_node):
    node = make_node("ann", "--server-name", "harbour")
    shell = Shell(node)
    guest = make_node("bob").peer_id
    with running(node):
        shell("invite", guest)
        shell("send", "general", "to somebody who is away")
        [told] = shell.lines("status", "--json")
        [address] = told["node"]["listening"]
        assert re.fullmatch(r"127\.0\.0\.1:[1-9][0-9]*", address)
        queue = told["node"]["queue"]
        assert queue["events"] >= 1 and queue["oldest_at"].endswith("Z")
        shown = shell.out("status")
        assert address in shown and queue["oldest_at"] in shown


def test_hooks_need_no_node_that_runs(make_node):
    shell = Shell(make_node("ann", "--server-name", "harbour"))
    [made] = shell.lines("hook", "create", "--channel", "#general", "--label", "ci", "--json")
    assert made["id"].startswith("h_") and len(made["secret"]) == 64
    assert [row["id"] for row in shell.lines("hook", "list", "--json")] == [made["id"]]
    shell("hook", "revoke", made["id"])
    [row] = shell.lines("hook", "list", "--json")
    assert "revoked_at" in row
    assert "no such channel" in shell.fails(8, "hook", "create", "--channel", "#none")
