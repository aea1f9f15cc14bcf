"""Headers of 2026-07-28 that repeat what the body says: MCP 2.2, H2 and H3."""

import base64

import pytest


def encoded(text):
    return "=?base64?" + base64.b64encode(text.encode()).decode() + "?="


def ask(client, headers, **arguments):
    frame = client.frame("tools/call", {"name": "test_x_mcp_header", "arguments": arguments})
    answer = client.post(frame, headers)
    return answer.status, answer.json


@pytest.mark.parametrize("headers", [
    {"Mcp-Name": "greet"}, {"Mcp-Name": None}, {"Mcp-Method": None},
    {"Mcp-Method": "TOOLS/CALL"}, {"MCP-Protocol-Version": "2025-11-25x"},
    {"Mcp-Name": "TEST_SIMPLE_TEXT"}, {"Mcp-Name": "=?base64?!!!?="},
    {"Mcp-Name": "=?base64?dGVzdF9zaW1wbGVfdGV4dA?="}, {"Mcp-Name": "=?base64?/w==?="},
])
def test_a_header_that_differs_is_refused(fixtures, headers):
    client = fixtures.modern()
    answer = client.post(
        client.frame("tools/call", {"name": "test_simple_text", "arguments": {}}), headers)
    assert answer.status == 400 and answer.json["error"]["code"] == -32020


@pytest.mark.parametrize("headers", [
    {"mcp-name": "test_simple_text"}, {"MCP-NAME": "  test_simple_text\t"},
    {"Mcp-Name": encoded("test_simple_text")}, {"mCp-MeThOd": "tools/call"},
])
def test_names_of_headers_have_no_case_and_values_no_edges(fixtures, headers):
    client = fixtures.modern()
    frame = client.frame("tools/call", {"name": "test_simple_text", "arguments": {}})
    own = {k: v for k, v in client.headers(frame).items()
           if k.lower() not in {name.lower() for name in headers}}
    import json
    answer = client.request(
        "POST", headers=own | headers, body=json.dumps(frame).encode())
    assert answer.status == 200


def test_an_argument_and_its_header_come_together(fixtures):
    client = fixtures.modern()
    status, body = ask(client, {"Mcp-Param-Region": "eu"}, region="eu")
    assert status == 200 and body["result"]["content"][0]["text"] == "region=eu"
    assert ask(client, {})[0] == 200
    assert ask(client, {}, region=None)[0] == 200
    status, _ = ask(client, {"Mcp-Param-Region": encoded("käse")}, region="käse")
    assert status == 200
    for headers, arguments in [
        ({}, {"region": "eu"}), ({"Mcp-Param-Region": "eu"}, {}),
        ({"Mcp-Param-Region": "eu"}, {"region": None}),
        ({"Mcp-Param-Region": "us"}, {"region": "eu"}),
        ({"Mcp-Param-Region": "EU"}, {"region": "eu"}),
        ({"Mcp-Param-Region": "=?base64?ZXU?="}, {"region": "eu"}),
        ({"Mcp-Param-Region": "=?base64?*?="}, {"region": "eu"}),
    ]:
        status, body = ask(client, headers, **arguments)
        assert status == 400 and body["error"]["code"] == -32020, (headers, arguments)
