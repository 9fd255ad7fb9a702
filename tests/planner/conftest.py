"""The planner needs neither Home Assistant nor words."""

import pytest


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Start no Home Assistant."""


@pytest.fixture(autouse=True)
def _words() -> None:
    """Nothing is said here."""
