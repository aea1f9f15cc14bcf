"""The few commands that everything else in this folder stands on."""

import re
import stat


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
