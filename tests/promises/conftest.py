"""A home for each need: with an account, and without one."""

import pytest

from tests.home import Home

from .needs import ASKING, CHOOSING, NEEDS, Need


@pytest.fixture
def home(home: Home) -> Home:
    """A home whose requests come after the same delay every time."""
    home.identify("home")
    return home


@pytest.fixture(params=NEEDS, ids=str)
def need(request: pytest.FixtureRequest) -> Need:
    """What a device needs, said in each way that there is."""
    return request.param


@pytest.fixture(params=ASKING, ids=str)
def asking(request: pytest.FixtureRequest) -> Need:
    """What Flatpeak is asked for."""
    return request.param


@pytest.fixture(params=CHOOSING, ids=str)
def choosing(request: pytest.FixtureRequest) -> Need:
    """What takes the best hours of a night, and makes up for what was missed."""
    return request.param
