"""What a probe is told while a node may not write."""

import shutil

import pytest

from http_node import serve  # noqa: F401
from schema import require_schemas


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def test_s324_a_copied_data_directory_is_alive_but_not_ready(serve, make_node):  # noqa: F811
    node = make_node("ann")
    first = serve(node=node)
    first.client().call("create_server", name="Harbour")
    anonymous = first.client(token="")
    assert anonymous.request("GET", "/readyz").status == 200
    assert first.stop() == 0

    copy = node.data.with_name("copy")
    shutil.copytree(node.data, copy)
    shutil.rmtree(node.data)
    copy.rename(node.data)
    anonymous = serve(node=node).client(token="")
    assert anonymous.request("GET", "/healthz").status == 200
    answer = anonymous.request("GET", "/readyz")
    assert (answer.status, answer.body) == (503, b"recovering\n")
