"""What every test may use: the project's place, and the material that is not part of it."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root."""
    return PROJECT


@pytest.fixture(scope="session")
def material() -> Path:
    """Recordings and descriptions that are not part of the project; a test that needs them is skipped where they are absent."""
    place = (PROJECT / os.environ.get("VOICEBOT_TEST_MATERIAL", "../shared")).resolve()
    if not place.is_dir():
        pytest.skip(f"needs test material, and there is none at {place} (VOICEBOT_TEST_MATERIAL)")
    return place
