"""A browser test is skipped where Chromium is missing, and fails there in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT


@pytest.mark.parametrize(
    ("in_ci", "closing"), [(False, "1 passed, 1 skipped"), (True, "1 passed, 1 error")]
)
def test_missing_chromium(tmp_path: Path, in_ci: bool, closing: str) -> None:
    (tmp_path / "test_page.py").write_text(
        "import pytest\n\ndef test_other(): ...\n\n@pytest.mark.browser\ndef test_page(): ...\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    environment |= {"PATH": str(tmp_path), "PYTHONPATH": str(ROOT)} | (
        {"CI": "true"} if in_ci else {}
    )
    options = ["-p", "no:cacheprovider", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
        timeout=60,
    )
    assert closing in done.stdout, done.stdout + done.stderr
    assert "no Chromium" in done.stdout
