"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Time says more about the machine than about the code: no test asks for it.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared corpora; tests that need it skip where it is not there."""
    folder = Path(os.environ.get("COUNTERSPAM_SHARED", ROOT.parent / "shared"))
    if not (folder / "corpora").is_dir():
        pytest.skip("the shared corpora are not here (set COUNTERSPAM_SHARED to their folder)")
    return folder
