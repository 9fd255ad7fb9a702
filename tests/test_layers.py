"""The shape of the code: imports point down, and nothing is too big to be read.

Whoever reads a room has to know the rooms below it, and no other.
"""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path

from homeassistant.const import Platform
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.flatpeak.config_flow import FlatpeakConfigFlow
from custom_components.flatpeak.engine import KINDS
from custom_components.flatpeak.entities import FACES
from custom_components.flatpeak.forms import CODECS
from custom_components.flatpeak.model import KindName

REPOSITORY = Path(__file__).parents[1]
INTEGRATION = "custom_components.flatpeak"
ROOT = REPOSITORY.joinpath(*INTEGRATION.split("."))
SIMULATOR = REPOSITORY / "simulator"

PLATFORMS = ("binary_sensor", "calendar", "number", "sensor", "switch", "time")
_FACE = {"const", "coordinator", "engine", "entities", "entity", "homes", "model"}

# A room is a module or a folder of the integration. What is in no row has no place yet:
# give it one.
MAY_IMPORT: dict[str, set[str]] = {
    "const": set(),
    "model": set(),
    "planner": {"model"},
    "engine": {"model", "planner"},
    "api": {"const", "model"},
    "prices": {"const", "model"},
    "forms": {"const", "model"},
    "storage": {"api", "const", "engine", "forms", "model"},
    "homes": {"api", "const", "engine", "forms", "model", "planner", "prices", "storage"},
    "issues": {"const", "engine", "homes"},
    "coordinator": {"const", "engine", "forms", "homes", "issues", "model", "storage"},
    "entity": {"const", "coordinator"},
    "entities": _FACE - {"entities"},
    **dict.fromkeys(PLATFORMS, _FACE),
    "actions": {"const", "coordinator", "forms", "homes", "model", "planner"},
    "services": {"actions", "const"},
    "flows": {"const", "coordinator", "forms", "model", "prices"},
    "config_flow": {"api", "const", "flows", "homes", "model"},
    "diagnostics": {"const", "coordinator", "homes", "model"},
}
ENTRANCE = "__init__"  # wires the rooms together, so it may import them all

# What of the outside a room may not touch.
_OUTSIDE = {"homeassistant", "aiohttp", "asyncio", "logging", "random", "time", "clock"}
MAY_NOT_TOUCH = {
    "const": {"homeassistant"},
    **dict.fromkeys(("model", "planner", "engine"), _OUTSIDE),
    "api": {"homeassistant"},
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
    # who answers, and from where, is known to few
    for room in ("engine", "coordinator", "entity", "entities", "actions", *PLATFORMS):
        assert not {"api", "prices"} & MAY_IMPORT[room], room


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
        (
            "custom_components/flatpeak/storage/store.py",
            f"from {INTEGRATION} import api, homes",
            "homes",
        ),
        ("custom_components/flatpeak/coordinator.py", "from . import FlatpeakEntry", "imports"),
        ("custom_components/flatpeak/coordinator.py", "from .api import FlatpeakClient", "imports"),
        ("custom_components/flatpeak/engine/turn.py", "from ..forms import CODECS", "imports"),
        (
            "custom_components/flatpeak/engine/kinds/base.py",
            "from ...const import DOMAIN",
            "imports",
        ),
        ("custom_components/flatpeak/homes/base.py", "from ..coordinator import Plan", "imports"),
        ("custom_components/flatpeak/entities/time.py", "from ..sensor import Plan", "imports"),
        ("custom_components/flatpeak/sensor.py", "from .. import other", "imports"),
        (
            "custom_components/flatpeak/entity.py",
            "if TYPE_CHECKING:\n    from .services import handler",
            "imports",
        ),
        (
            "custom_components/flatpeak/engine/intervals.py",
            "def late():\n    from ..coordinator import Plan",
            "imports",
        ),
        ("custom_components/flatpeak/const.py", "from homeassistant.const import Platform", "home"),
        (
            "custom_components/flatpeak/engine/turn.py",
            "import homeassistant.util.dt",
            "homeassistant",
        ),
        ("custom_components/flatpeak/api/wire.py", "from homeassistant import core", "home"),
        ("custom_components/flatpeak/planner/__init__.py", "import aiohttp", "aiohttp"),
        ("custom_components/flatpeak/planner/__init__.py", "import logging", "logging"),
        ("custom_components/flatpeak/planner/__init__.py", "from time import time", "time"),
        ("custom_components/flatpeak/planner/__init__.py", "x = datetime.now(UTC)", "clock"),
        ("custom_components/flatpeak/engine/turn.py", "import asyncio", "asyncio"),
        ("custom_components/flatpeak/engine/turn.py", "from random import random", "random"),
        ("custom_components/flatpeak/engine/kinds/base.py", "x = datetime.utcnow()", "clock"),
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
        ("custom_components/flatpeak/engine/kinds/base.py", "from ..state import HomeState"),
        ("custom_components/flatpeak/engine/kinds/base.py", "from ...planner import revised"),
        ("custom_components/flatpeak/engine/turn.py", "from datetime import datetime, time"),
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


# What can be read in one go


# Names that mean something to whoever knows Home Assistant: it loads these files itself, or its
# own integrations have them.
KNOWN_NAMES = {
    *Platform,
    *("__init__", "config_flow", "const", "coordinator", "diagnostics", "entity", "services"),
    *("condition", "issues", "llm", "trigger"),
}
MOST_FILES = 15
MOST_LINES = 400
MOST_FIELDS = 12


def test_the_top_level_is_small_and_has_the_names_of_home_assistant() -> None:
    """Whoever opens the folder knows where to begin."""
    names = {file.stem for file in ROOT.glob("*.py")}
    assert names - KNOWN_NAMES == set()
    assert len(names) <= MOST_FILES


def test_no_file_is_long() -> None:
    """What is longer than this has more than one subject."""
    lengths = {
        str(file.relative_to(REPOSITORY)): len(file.read_text("utf-8").splitlines())
        for file in chain(ROOT.rglob("*.py"), SIMULATOR.rglob("*.py"))
    }
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def fields_of(class_: ast.ClassDef) -> set[str]:
    """Return the fields of an object that can be given another value."""
    decorators = [ast.unparse(one) for one in class_.decorator_list]
    if any("frozen=True" in one for one in decorators):
        return set()
    found: set[str] = set()
    for node in class_.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)) if any(
                one.startswith("dataclass") for one in decorators
            ):
                found.add(name)
            case ast.FunctionDef(name="__init__"):
                found |= set(assigned(node))
    return found


def assigned(function: ast.AST) -> Iterator[str]:
    """Name what a function assigns to `self`."""
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name


def test_no_class_has_many_fields_that_change() -> None:
    """Nobody can keep more of them in mind, nor what may be true of them at once."""
    many = {
        f"{file.relative_to(ROOT)} {node.name}": len(fields)
        for file in sorted(ROOT.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and len(fields := fields_of(node)) > MOST_FIELDS
    }
    assert many == {}


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("class Car:\n wheels: int\n def __init__(self):\n  self.a = self.b = 1", {"a", "b"}),
        ("class Car:\n def __init__(self, c):\n  self.a, (self.b, c.d) = c", {"a", "b"}),
        ("class Car:\n def __init__(self):\n  self.a: int = 1\n  self.b.c = self.d", {"a"}),
        ("class Car:\n def __init__(self):\n  if x:\n   self.a = 1\n  self.a = 2", {"a"}),
        ("class Car:\n def drive(self):\n  self.a = 1", set()),
        ("@dataclass\nclass Car:\n a: int\n b: int = 0\n C = 3", {"a", "b"}),
        ("@dataclass(slots=True)\nclass Car:\n a: int", {"a"}),
        ("@dataclass(frozen=True, slots=True)\nclass Car:\n a: int", set()),
    ],
)
def test_fields_are_found(source: str, fields: set[str]) -> None:
    """What the test above relies on."""
    (class_,) = ast.parse(source).body
    assert fields_of(class_) == fields


# A kind is one file per layer, and one row in a registry


def test_every_registry_has_every_kind() -> None:
    """A kind of schedule is there in all layers, or in none."""
    flows = FlatpeakConfigFlow.async_get_supported_subentry_types(MockConfigEntry())
    for registry in (KINDS, CODECS, FACES, flows):
        assert set(registry) == set(KindName)
    assert all(kind.name is name for name, kind in KINDS.items())


@pytest.mark.parametrize("room", ["engine/kinds", "forms", "entities", "flows"])
def test_every_kind_has_a_file_of_its_own_in_each_layer(room: str) -> None:
    """The same name everywhere, so that whoever looks for one finds it."""
    files = {file.stem for file in (ROOT / room).glob("*.py")}
    assert {kind.name.lower() for kind in KindName} - files == set()
