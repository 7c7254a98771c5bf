"""Where the tests find real material: a folder beside the checkout, which need not be there."""

from pathlib import Path

import pytest

__all__ = ["shared_data"]

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Return the path of a file or folder of real material, or skip the test that asks."""
    path = _SHARED / name
    if not path.exists():
        pytest.skip(f"needs ../shared/data/{name}, which is not beside this checkout")
    return path
