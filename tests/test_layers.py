"""Imports point down: whoever reads a room has to know the rooms below it, and no other."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
INTEGRATION = "custom_components.flatpeak"

PLATFORMS = ("binary_sensor", "calendar", "number", "sensor", "switch", "time")

# A room is a module or a folder of the integration. What is in no row has no place yet:
# give it one.
MAY_IMPORT: dict[str, set[str]] = {
    "const": set(),
    "model": set(),
    "planner": {"model"},
    "api": {"const", "model"},
    "failures": {"api", "const", "model"},
    "prices": {"const", "model"},
    "pace": {"api", "const", "model"},
    "alarm": set(),
    "forms": {"const", "model"},
    "stored": {"forms", "model"},
    "store": {"api", "const", "forms", "model", "stored"},
    "pricing": {"alarm", "api", "const", "failures", "model", "pace", "store", "stored"},
    "location": {"const", "model", "pricing", "store"},
    "account": {"api", "const", "failures", "location", "model", "pace", "store"},
    "local": {
        *("api", "const", "failures", "location", "model", "pace", "planner", "prices", "store"),
    },
    "schedule": {"const", "location", "model"},
    "windows": {
        *("alarm", "api", "const", "failures", "location", "model", "pace", "planner"),
        *("schedule", "stored"),
    },
    "duration": {"const", "forms", "model", "planner", "stored", "windows"},
    "limit": {"forms", "model", "planner", "stored", "windows"},
    "amount": {
        *("const", "forms", "location", "model", "pace", "planner", "schedule", "stored"),
    },
    "repairs": {"amount", "const", "model"},
    "asking": {"amount", "api", "const", "location", "model", "planner"},
    "site": {
        *("alarm", "amount", "api", "asking", "const", "failures", "forms", "location", "model"),
        *("pace", "planner", "repairs", "stored"),
    },
    "price_sensor": {"const", "entity", "location", "model", "pricing"},
    "runtime": {"amount", "duration", "limit", "location", "model", "pricing", "site"},
    "entity": {"const", "location", "model", "pricing", "schedule", "site"},
    **{
        face: {
            *("amount", "const", "duration", "entity", "limit", "location", "model", "pricing"),
            *("price_sensor", "runtime", "site"),
        }
        for face in PLATFORMS
    },
    "actions": {"api", "const", "failures", "forms", "location", "model", "planner", "runtime"},
    "services": {"actions", "const"},
    "flows": {"api", "const", "forms", "model", "prices", "runtime"},
    "config_flow": {"api", "const", "failures", "flows", "model", "prices"},
    "diagnostics": {"const", "location", "model", "runtime"},
}
ENTRANCE = "__init__"  # wires the rooms together, so it may import them all

# What of the outside a room may not touch.
MAY_NOT_TOUCH = {
    "const": {"homeassistant"},
    "model": {"homeassistant", "logging", "time", "clock"},
    "planner": {"homeassistant", "aiohttp", "logging", "time", "clock"},
    "api": {"homeassistant"},
    "pace": {"homeassistant"},
}

# The simulator meets the integration over HTTP; only the nouns and their arithmetic are shared.
SIMULATOR_MAY_IMPORT = {"model", "planner"}


def imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Name in full what a file of this package imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package itself, each further one a step out of it.
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            module = ".".join([*(above if node.level else ()), *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def touched(tree: ast.AST, package: str) -> Iterator[str]:
    """Name the outside packages a file imports, and say "clock" where it reads one."""
    yield from (name.partition(".")[0] for name in imported(tree, package))
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(
                attr="now" | "today" | "utcnow",
                value=ast.Name(id="date" | "datetime") | ast.Attribute(attr="date" | "datetime"),
            ):
                yield "clock"


def imported_of_ours(file: Path, package: str) -> Iterator[tuple[str, str | None]]:
    """Name what a file imports of the integration, each with the room it lies in."""
    for name in imported(ast.parse(file.read_text("utf-8")), package):
        if name == INTEGRATION:
            yield name, ENTRANCE
        elif name.startswith(INTEGRATION + "."):
            yield name, name.removeprefix(INTEGRATION + ".").partition(".")[0]
        elif name.startswith("custom_components"):
            yield name, None  # a step out of the integration


def wrong_in(file: Path, room: str, inside: Path) -> Iterator[str]:
    """Report what one file of a room imports or touches and may not."""
    package = ".".join([INTEGRATION, *inside.parent.parts])
    for name, other in imported_of_ours(file, package):
        if other not in {room, *MAY_IMPORT[room]}:
            yield f"{inside} imports {name}"
    tree = ast.parse(file.read_text("utf-8"))
    for what in sorted(MAY_NOT_TOUCH.get(room, set()) & set(touched(tree, package))):
        yield f"{inside} touches {what}"


def wrong_arrows(repository: Path) -> Iterator[str]:
    """Report every import of the integration and the simulator that does not point down."""
    root = repository.joinpath(*INTEGRATION.split("."))
    for file in sorted(root.rglob("*.py")):
        inside = file.relative_to(root)
        room = inside.parts[0].removesuffix(".py")
        if room in MAY_IMPORT:
            yield from wrong_in(file, room, inside)
        elif room != ENTRANCE:
            yield f"{inside} is in no row of MAY_IMPORT"
    for file in sorted((repository / "simulator").rglob("*.py")):
        inside = file.relative_to(repository)
        for name, other in imported_of_ours(file, ".".join(inside.parent.parts)):
            if other not in SIMULATOR_MAY_IMPORT:
                yield f"{inside} imports {name}"


def test_imports_point_down() -> None:
    """The integration and the simulator import only what the table allows."""
    assert list(wrong_arrows(REPOSITORY)) == []


def test_the_table_points_down() -> None:
    """No room is above itself, and the promises of the design hold in the table."""
    TopologicalSorter(MAY_IMPORT).prepare()  # raises CycleError
    assert "api" not in MAY_IMPORT["planner"]
    assert "planner" not in MAY_IMPORT["api"]
    for face in ("entity", *PLATFORMS):
        assert "api" not in MAY_IMPORT[face]


@pytest.mark.parametrize(
    ("path", "source", "problem"),
    [
        ("custom_components/flatpeak/model.py", "from . import const", "imports"),
        ("custom_components/flatpeak/model.py", "from .const import DOMAIN", "imports"),
        ("custom_components/flatpeak/planner/duration.py", "from ..api import Client", "imports"),
        ("custom_components/flatpeak/planner/duration.py", "from .. import const", "imports"),
        ("custom_components/flatpeak/api/client.py", "from ..planner import plan", "imports"),
        ("custom_components/flatpeak/sensor.py", "from .api.client import Client", "imports"),
        ("custom_components/flatpeak/entity.py", f"import {INTEGRATION}.api.errors", "imports"),
        ("custom_components/flatpeak/store.py", f"from {INTEGRATION} import planner", "imports"),
        ("custom_components/flatpeak/windows.py", "from . import FlatpeakEntry", "imports"),
        ("custom_components/flatpeak/sensor.py", "from .. import other", "imports"),
        (
            "custom_components/flatpeak/entity.py",
            "if TYPE_CHECKING:\n    from .services import handler",
            "imports",
        ),
        (
            "custom_components/flatpeak/pace.py",
            "def late():\n    from .coordinator import Plan",
            "imports",
        ),
        ("custom_components/flatpeak/const.py", "from homeassistant.const import Platform", "home"),
        ("custom_components/flatpeak/pace.py", "import homeassistant.util.dt", "homeassistant"),
        ("custom_components/flatpeak/api/wire.py", "from homeassistant import core", "home"),
        ("custom_components/flatpeak/planner/__init__.py", "import aiohttp", "aiohttp"),
        ("custom_components/flatpeak/planner/__init__.py", "import logging", "logging"),
        ("custom_components/flatpeak/planner/__init__.py", "from time import time", "time"),
        ("custom_components/flatpeak/planner/__init__.py", "x = datetime.now(UTC)", "clock"),
        ("custom_components/flatpeak/model.py", "x = datetime.date.today()", "clock"),
        ("custom_components/flatpeak/attic.py", "", "no row"),
        ("custom_components/flatpeak/attic/box.py", "", "no row"),
        ("simulator/server.py", f"from {INTEGRATION}.api import wire", "imports"),
        ("simulator/server.py", f"from {INTEGRATION} import DOMAIN", "imports"),
        ("simulator/server.py", f"import {INTEGRATION}", "imports"),
    ],
)
def test_a_wrong_arrow_is_found(tmp_path: Path, path: str, source: str, problem: str) -> None:
    """Each kind of violation is reported, once, and with its file."""
    write(tmp_path, path, source)
    (found,) = wrong_arrows(tmp_path)
    assert Path(path).name in found
    assert problem in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("custom_components/flatpeak/__init__.py", "from .api import Client"),
        ("custom_components/flatpeak/planner/duration.py", "from ..model import Slot"),
        ("custom_components/flatpeak/planner/duration.py", "from .. import model"),
        ("custom_components/flatpeak/planner/__init__.py", "from .duration import plan"),
        ("custom_components/flatpeak/planner/__init__.py", "x = wish.now, time.now, self.now"),
        ("custom_components/flatpeak/sensor.py", "from homeassistant.util import dt"),
        ("simulator/server.py", f"from {INTEGRATION}.planner.duration import plan"),
        ("simulator/server.py", f"from {INTEGRATION} import model"),
        ("simulator/server.py", "from .state import World"),
    ],
)
def test_a_right_arrow_is_let_through(tmp_path: Path, path: str, source: str) -> None:
    """What the table allows is reported by nobody."""
    write(tmp_path, path, source)
    assert list(wrong_arrows(tmp_path)) == []


def write(repository: Path, path: str, source: str) -> None:
    """Put one file into a made-up repository."""
    file = repository / path
    file.parent.mkdir(parents=True)
    file.write_text(source, "utf-8")
