"""What a real browser does with the page for people, beside nodes that agents use."""

import re

import pytest

from browser import Browser, driver_program
from http_node import HTTPNode, serve  # noqa: F401
from test_http_wire import until

LAST = "#messages > li:last-child"


@pytest.fixture
def browser(tmp_path):
    if not driver_program():
        pytest.fail("chromedriver is not there; Debian's package is chromium-driver")
    browser = Browser(tmp_path)
    yield browser
    browser.close()


def page(served):
    return served.url.removesuffix("/mcp") + "/chat"


@pytest.fixture
def harbour(serve, browser):  # noqa: F811
    """Ann's page, and Ben's node in the same server."""
    unlimited = ("--limit", "posting=0")
    ann, ben = serve("ann", *unlimited), serve("ben", *unlimited)
    host, guest = ann.client(), ben.client()
    host.call("create_server", name="harbour")
    made = host.call(
        "generate_invite", recipient_peer_id=ben.ready["peer_id"], confirm=True)
    code = made["structuredContent"]["invite_code"]
    guest.call("accept_invite", code=code, confirm=True)
    browser.open(f"{page(ann)}#{ann.token}")
    browser.until(lambda: browser.text("#title") == "#general")
    browser.until(lambda: "ben" in " ".join(browser.texts("#members li")).lower())
    return ann, ben


def bodies(client):
    found = client.call("read_channel", channel="#general")
    return [message["text"] for message in found["structuredContent"]["messages"]]


def test_the_token_leaves_the_address_and_only_the_tab_keeps_it(harbour, browser):
    ann, _ = harbour
    assert browser.address == page(ann)
    assert browser.run("return [sessionStorage.length, localStorage.length, document.cookie]") == [
        1, 0, ""]
    browser.open(page(ann))
    browser.until(lambda: browser.text("#title") == "#general")
    browser.click("#leave")
    browser.until(lambda: browser.run("return !document.getElementById('entrance').hidden"))
    assert browser.run("return sessionStorage.length") == 0


def test_a_wrong_and_a_revoked_token_are_said(serve, browser):  # noqa: F811
    ann = serve()
    browser.open(f"{page(ann)}#pat_{'0' * 64}")
    browser.until(lambda: "invalid" in (browser.text("#entrance-error") or ""))
    made = ann.make_token("--scope", "messaging")
    browser.type("#token", made["token"])
    browser.click("#entrance button")
    browser.until(lambda: browser.run("return !document.getElementById('chat').hidden"))
    # A token that may not create channels is offered no button for it.
    assert browser.run("return document.getElementById('create').hidden")
    ann.node.command("token", "revoke", made["id"], "--data-dir", str(ann.node.data))
    browser.until(lambda: "invalid" in (browser.text("#entrance-error") or ""))


def test_people_and_agents_talk(harbour, browser):
    ann, ben = harbour
    guest = ben.client()
    browser.type("#body", "good morning\uE007")
    until(lambda: "good morning" in bodies(guest))
    guest.call("send_message", channel="#general", body="a reply from ben")
    browser.until(lambda: "a reply from ben" in browser.text("#messages"))
    # What a person has in front of him is read.
    until(lambda: ann.client().call("inbox")["structuredContent"]["unread"] == 0)
    browser.hover(LAST)
    browser.click(LAST + " button[title=Reply]")
    assert "a reply from ben" in browser.text("#context")
    browser.type("#body", "an answer\uE007")
    until(lambda: "an answer" in bodies(guest))
    found = guest.call("read_channel", channel="#general", format="detailed")
    last = found["structuredContent"]["messages"][-1]
    assert last["reply_preview"]["text"] == "a reply from ben"


def test_a_newcomer_founds_a_server_and_others_join_it(serve, browser):  # noqa: F811
    ann, ben = serve("ann"), serve("ben")
    browser.open(f"{page(ann)}#{ann.token}")
    browser.until(lambda: browser.run("return !document.getElementById('chat').hidden"))
    browser.click("#found")
    browser.type("#answer", "lighthouse\uE007")
    browser.until(lambda: browser.text("#title") == "#general")
    browser.click("#invite")
    browser.type("#answer", ben.ready["peer_id"] + "\uE007")
    # What it means is asked before it is done; then comes what to hand over.
    browser.until(lambda: ben.ready["peer_id"][:8] in (browser.text("#question") or ""))
    browser.click("#yes")
    code = browser.until(lambda: re.search(r"pa1_[\w-]+", browser.text("#question") or ""))[0]
    browser.click("#yes")
    # The same window, now at Ben's page: he pastes what he was given.
    browser.open(f"{page(ben)}#{ben.token}")
    browser.until(lambda: browser.run("return !document.getElementById('chat').hidden"))
    browser.click("#join")
    browser.type("#answer", code + "\uE007")
    browser.until(lambda: browser.run("return document.getElementById('dialog').open")
                  and "pa1_" not in browser.text("#question"))
    browser.click("#yes")
    browser.until(lambda: "lighthouse" in browser.text("#places"))
    browser.until(lambda: browser.text("#title") == "#general")


def test_own_messages_are_edited_reacted_to_and_deleted(harbour, browser):
    _, ben = harbour
    guest = ben.client()
    browser.type("#body", "first words\uE007")
    browser.until(lambda: "first words" in browser.text("#messages"))
    browser.hover(LAST)
    browser.click(LAST + " button[title=Edit]")
    browser.run("document.getElementById('body').value = ''")
    browser.type("#body", "second words\uE007")
    browser.until(lambda: "second words" in browser.text("#messages"))
    until(lambda: "second words" in bodies(guest))
    browser.hover(LAST)
    browser.click(LAST + " button[title=React]")
    browser.until(lambda: browser.texts(".reaction.mine"))
    browser.hover(LAST)
    browser.click(LAST + " button[title=Delete]")
    browser.until(lambda: browser.run("return document.getElementById('dialog').open"))
    browser.click("#yes")
    browser.until(lambda: browser.texts("#messages .gone"))
    assert "second words" not in browser.text("#messages")


def test_hostile_text_and_names_stay_text(harbour, browser):
    _, ben = harbour
    guest = ben.client()
    hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script> javascript:x'
    guest.call("set_display_name", name="<b>Ben</b>")
    guest.call("send_message", channel="#general", body=hostile + " https://a.example/?q=<i>")
    browser.until(lambda: hostile in browser.text("#messages"))
    browser.until(lambda: "<b>Ben</b>" in " ".join(browser.texts("#members li")))
    marked = "return document.querySelectorAll('#chat :is(img, script, i, b)').length"
    assert browser.run(marked) == 0
    # Only what it says is where it leads.
    assert browser.run("return [...document.querySelectorAll('#messages a')].map(a => a.href)") == [
        "https://a.example/?q="]
    assert browser.run("return document.title").startswith(("#general", "general", "("))


def test_a_direct_conversation_is_asked_about_first(harbour, browser):
    _, ben = harbour
    browser.run("[...document.querySelectorAll('#members button')]"
                ".find(b => b.title === arguments[0]).click()", ben.ready["peer_id"])
    browser.until(lambda: browser.run("return document.getElementById('dialog').open"))
    assert ben.ready["peer_id"][:8] in browser.text("#question")
    browser.click("#yes")
    browser.until(lambda: browser.text("#title").startswith("@"))
    browser.type("#body", "between us\uE007")
    guest = ben.client()

    def inbox():
        return str(guest.call("inbox", include_messages=True)["structuredContent"])

    until(lambda: "between us" in inbox())


def test_a_file_goes_up_and_comes_down(harbour, browser, tmp_path):
    _, ben = harbour
    content = bytes(range(256)) * 1_300  # Two parts.
    (tmp_path / "chart.bin").write_bytes(content)
    browser.run("document.getElementById('file').hidden = false")
    browser.type("#file", str(tmp_path / "chart.bin"))
    browser.until(lambda: "chart.bin" in browser.text("#messages"))
    (tmp_path / "chart.bin").unlink()
    browser.run("[...document.querySelectorAll('#messages button')]"
                ".find(b => b.innerText.startsWith('chart.bin')).click()")
    until(lambda: (tmp_path / "chart.bin").exists()
          and (tmp_path / "chart.bin").read_bytes() == content)


def test_a_long_history_is_read_to_its_beginning_without_gaps(harbour, browser):
    ann, ben = harbour
    guest = ben.client()
    for number in range(70):
        guest.call("send_message", channel="#general", body=f"number {number}.")
    browser.until(lambda: "number 69." in browser.text("#messages"))
    browser.open(page(ann))
    browser.until(lambda: "number 69." in (browser.text("#messages") or ""))
    assert "number 10." not in browser.text("#messages")
    browser.click("#older")
    browser.until(lambda: "number 0." in browser.text("#messages"))
    browser.until(lambda: browser.run("return document.getElementById('older').hidden"))
    shown = re.findall(r"number (\d+)\.", browser.text("#messages"))
    assert shown == [str(number) for number in range(70)]


def test_what_was_written_is_found(harbour, browser):
    _, ben = harbour
    guest = ben.client()
    for body in ["the tide turns at noon", "nothing to see"]:
        guest.call("send_message", channel="#general", body=body)
    browser.until(lambda: "nothing to see" in browser.text("#messages"))
    browser.type("#query", "tide\uE007")
    browser.until(lambda: browser.text("#title") == "1 found")
    assert "the tide turns at noon" in browser.text("#messages")
    assert "nothing to see" not in browser.text("#messages")


def test_a_node_that_was_killed_is_found_again(harbour, browser):
    ann, ben = harbour
    browser.type("#body", "before\uE007")
    browser.until(lambda: "before" in browser.text("#messages"))
    ann.process.kill()
    ann.process.wait(10)
    browser.until(lambda: "trying again" in browser.text("#link"))
    again = HTTPNode(ann.node, bind=f"127.0.0.1:{ann.port}")
    browser.until(lambda: "trying again" not in browser.text("#link"), 40)
    again.client().call("send_message", channel="#general", body="after")
    browser.until(lambda: "after" in browser.text("#messages"), 40)
    assert browser.text("#messages").count("before") == 1
    assert again.stop() == 0
