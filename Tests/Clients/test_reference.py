"""The page docs/reference.md says what the program says."""

import subprocess
import sys

from harness import ROOT


def test_the_reference_is_up_to_date(binary):
    checked = subprocess.run(
        [sys.executable, str(ROOT / "Tests/Reference/reference.py"), str(binary), "--check"],
        capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
