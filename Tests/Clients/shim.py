"""Builds `shim.c`, which stands between a node and the system."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("shim.c")


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    """Environments in which what rarely happens happens: `shim(CLOCK=-1)`."""
    compiler = next(filter(None, map(shutil.which, ["cc", "clang", "gcc"])), None)
    if compiler is None:
        pytest.skip("no C compiler")
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", library, SOURCE, "-ldl"], check=True)

    def environment(**chosen):
        return {"LD_PRELOAD": str(library)} | {
            f"SHIM_{name}": str(value) for name, value in chosen.items()}

    return environment
