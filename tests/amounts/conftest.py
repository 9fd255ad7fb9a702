"""The home of these tests asks after the same delay every time they run."""

import pytest

from tests.home import Home


@pytest.fixture
def home(home: Home) -> Home:
    """A home whose requests come about half a minute after the moment."""
    home.identify("home")
    return home
