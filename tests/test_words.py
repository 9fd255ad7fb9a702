"""Whatever the code says to people has words, and there are no words that nothing says.

Keys that the code puts together at run time are out of sight here; those are watched while
flows, actions and repairs run in the other tests.
"""

import ast
from collections.abc import Iterator
from functools import cached_property
import json
from pathlib import Path
from typing import Any

from homeassistant.const import Platform

from custom_components.flatpeak.homes import words
from custom_components.flatpeak.model import Direction
from custom_components.flatpeak.model.errors import FlatpeakError

ROOT = Path(__file__).parents[1] / "custom_components/flatpeak"

# Repairs whose keys are put together.
REPAIRS_BY_DIRECTION = {f"no_tariff_{direction}" for direction in Direction}


class Said:
    """The translation keys of an integration's code, as far as reading finds them."""

    def __init__(self, root: Path) -> None:
        """Read all modules."""
        self.trees = {
            file.relative_to(root).as_posix(): ast.parse(file.read_text("utf-8"))
            for file in root.rglob("*.py")
        }

    @cached_property
    def literals(self) -> set[str]:
        """Every string in the code."""
        return {text for tree in self.trees.values() for text in strings(tree)}

    @cached_property
    def constants(self) -> dict[str, str]:
        """The strings that have a name at the top of a module."""
        return {
            name.id: text
            for tree in self.trees.values()
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and isinstance(node.value, ast.Constant)
            and isinstance(text := node.value.value, str)
            for name in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(name, ast.Name)
        }

    def keys(self, value: ast.expr) -> Iterator[str | None]:
        """Yield what an expression can be, None for what only a running program knows."""
        match value:
            case ast.Constant(value=str(key)):
                yield key
            case ast.Name(id=name):
                yield self.constants.get(name)
            case ast.IfExp(body=one, orelse=other):
                yield from self.keys(one)
                yield from self.keys(other)
            case ast.Call(func=ast.Name(id="words")):
                yield from keys_of_failures()
            case _:
                yield None

    def raised(self) -> set[str | None]:
        """Return the keys of exceptions."""
        return {
            key
            for tree in self.trees.values()
            for call in calls(tree)
            if "translation_domain" in call and "translation_key" in call
            for key in self.keys(call["translation_key"])
        }

    def repairs(self) -> set[str | None]:
        """Return the keys of repair issues."""
        return {
            key
            for tree in self.trees.values()
            for call in calls(tree, "async_create_issue")
            for key in self.keys(call["translation_key"])
        }

    def devices(self) -> set[str | None]:
        """Return the keys of devices' names."""
        return {
            key
            for tree in self.trees.values()
            for call in calls(tree, "DeviceInfo")
            if "translation_key" in call
            for key in self.keys(call["translation_key"])
        }

    def entities(self, platform: str) -> set[str | None]:
        """Return the keys of a platform's entities: those of their descriptions."""
        found: set[str | None] = set()
        for tree in self.trees.values():
            for name, call in named_calls(tree):
                if platform_of(name) != platform:
                    continue
                known = (call.get("translation_key", call["key"]), call.get("sold"))
                keys = {key for one in known if one is not None for key in self.keys(one)}
                # prices have a sensor of each kind in each direction
                ways = ("", "export_", "local_") if name.startswith("Price") else ("",)
                found |= {f"{way}{key}" for way in ways for key in keys}
        return found


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield the strings in a piece of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def calls(tree: ast.AST, name: str = "") -> Iterator[dict[str, ast.expr]]:
    """Yield the named arguments of each call, of one function or of all."""
    return (arguments for called, arguments in named_calls(tree) if called.endswith(name))


def named_calls(tree: ast.AST) -> Iterator[tuple[str, dict[str, ast.expr]]]:
    """Yield the name and the named arguments of each call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            arguments = {word.arg: word.value for word in node.keywords if word.arg}
            yield ast.unparse(node.func), arguments


def platform_of(name: str) -> str | None:
    """Return the platform that the name of a description ends in."""
    end = name.removesuffix("Description").removesuffix("Entity")
    found = [one for one in Platform if end.endswith(one.title().replace("_", ""))]
    return max(found, key=len, default=None) if name.endswith("Description") else None


def keys_of_failures() -> set[str]:
    """Return the key of every error of the API, present and future."""
    kinds: list[type[FlatpeakError]] = [FlatpeakError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return {words(kind.__new__(kind)) for kind in kinds}


def read(name: str) -> dict[str, Any]:
    """Return one of the integration's JSON files."""
    content: dict[str, Any] = json.loads((ROOT / name).read_text("utf-8"))
    return content


def texts_in(node: dict[str, Any], at: str = "") -> Iterator[str]:
    """Yield the place of every text."""
    for name, value in node.items():
        if isinstance(value, dict):
            yield from texts_in(value, f"{at}{name}.")
        else:
            yield f"{at}{name}"


def test_every_exception_has_words() -> None:
    """The exceptions raised are those worded, no more and no fewer."""
    said = Said(ROOT)
    raised = said.raised()
    worded = set(read("translations/en.json").get("exceptions", {}))
    assert raised - {None} <= worded
    unseen = said.literals if None in raised else set()
    assert worded <= raised | unseen


def test_every_repair_has_words() -> None:
    """The repair issues created are those worded, no more and no fewer."""
    said = Said(ROOT)
    created = said.repairs() | REPAIRS_BY_DIRECTION
    worded = set(read("translations/en.json").get("issues", {}))
    assert created - {None} <= worded
    unseen = said.literals if None in created else set()
    assert worded <= created | unseen


def test_every_device_has_words() -> None:
    """The devices with translated names are those worded, no more and no fewer."""
    assert Said(ROOT).devices() == set(read("translations/en.json").get("device", {}))


def test_every_entity_has_words_and_an_icon() -> None:
    """The entities of each platform are those worded and drawn, no more and no fewer."""
    said = Said(ROOT)
    texts, icons = (read(name)["entity"] for name in ("translations/en.json", "icons.json"))
    for platform in Platform:
        keys = said.entities(platform)
        assert keys == set(texts.get(platform, {})), platform
        assert keys == set(icons.get(platform, {})), platform


def test_every_language_says_the_same() -> None:
    """No text is missing in any language, and none is there in one only."""
    english = set(texts_in(read("translations/en.json")))
    for file in (ROOT / "translations").glob("*.json"):
        assert set(texts_in(read(f"translations/{file.name}"))) == english, file.name


def test_reading_finds_the_keys(tmp_path: Path) -> None:
    """What these tests rely on: keys are found in each of the ways that code gives them."""
    (tmp_path / "const.py").write_text('LOST: Final = "lost"')
    (tmp_path / "services.py").write_text(
        'raise Error(translation_domain=DOMAIN, translation_key="late" if late else LOST)\n'
        "raise Error(translation_domain=DOMAIN, translation_key=words(err))\n"
        "raise Error(translation_domain=DOMAIN, translation_key=key)\n"
        'ir.async_create_issue(hass, DOMAIN, "x", translation_key="broken")\n'
    )
    (tmp_path / "sensor.py").write_text(
        'COST = PlanSensorDescription(key="cost")\n'
        'PLAN = SensorEntityDescription(key="a", translation_key="plan")\n'
        'raise Error(translation_domain=DOMAIN, translation_key="far")\n'
        'DeviceInfo(translation_key="house" if house else "flat")\n'
    )
    (tmp_path / "entities").mkdir()
    (tmp_path / "entities/car.py").write_text(
        'COST = CarSensorDescription(key="costs", sold="income")\n'
        'PRICE = PriceSensorDescription(key="price")\n'
        'LIMIT = TargetNumberDescription(key="limit", translation_key="cap")\n'
        'ON = BinarySensorEntityDescription(key="on")\n'
    )
    said = Said(tmp_path)
    assert said.raised() == {"late", "lost", "far", None} | keys_of_failures()
    assert said.repairs() == {"broken"}
    prices = {"price", "export_price", "local_price"}
    assert said.entities("sensor") == {"cost", "plan", "costs", "income"} | prices
    assert said.entities("number") == {"cap"}
    assert said.entities("binary_sensor") == {"on"}
    assert said.entities("switch") == set()
    assert said.devices() == {"house", "flat"}
    assert {"invalid_auth", "unknown"} <= keys_of_failures()
