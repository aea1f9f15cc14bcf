"""Canonical encoding compared with an independent library."""

import pytest


def test_differential():
    pytest.skip("the binary has no command that encodes or decodes yet")
