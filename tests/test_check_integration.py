"""The offline check finds the mistakes that Home Assistant and HACS would refuse."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Any

import pytest

from scripts.check_integration import check_repository

REPOSITORY = Path(__file__).parents[1]
INTEGRATION = "custom_components/sample_meter"
BRAND = REPOSITORY / "custom_components/flatpeak/brand"

MANIFEST = {
    "domain": "sample_meter",
    "name": "Sample meter",
    "codeowners": ["@someone"],
    "config_flow": True,
    "documentation": "https://example.com/docs",
    "iot_class": "cloud_polling",
    "issue_tracker": "https://example.com/issues",
    "version": "1.2.0",
}
ENGLISH: dict[str, Any] = {
    "config": {
        "step": {"user": {"data": {"token": "Token"}, "data_description": {"token": "Yours"}}},
        "error": {"refused": "{service} refused it"},
    },
    "entity": {"sensor": {"reading": {"name": "Reading"}}},
    "exceptions": {"no_meter": {"message": "There is no meter {name}"}},
    "selector": {"unit": {"options": {"kwh": "kWh", "mwh": "MWh"}}},
    "services": {
        "read": {
            "name": "Read meter",
            "description": "Reads the meter now.",
            "fields": {
                "unit": {"name": "Unit", "description": "In which unit."},
                "digits": {"name": "Digits", "description": "How many of them."},
            },
            "sections": {"shape": {"name": "Shape"}},
        }
    },
}
ICONS = {
    "entity": {"sensor": {"reading": {"default": "mdi:meter-electric"}}},
    "services": {"read": {"service": "mdi:eye", "sections": {"shape": "mdi:tune"}}},
}
SERVICES = """
read:
  fields:
    unit:
      required: true
      selector:
        select:
          translation_key: unit
          options: [kwh, mwh]
    shape:
      collapsed: true
      fields:
        digits:
          selector:
            number:
              min: 0
              max: 3
"""
CODE = 'hass.services.async_register(DOMAIN, "read", handler)'
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-01\n\n## [1.1.0] - 2026-10-01\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository of a small integration in which nothing is wrong."""
    write(tmp_path / "README.md", "Read me")
    write(tmp_path / "LICENSE", "Free")
    write(tmp_path / "CHANGELOG.md", CHANGELOG)
    write(tmp_path / "hacs.json", {"name": "Sample meter", "homeassistant": "2026.10.0"})
    root = tmp_path / INTEGRATION
    write(root / "manifest.json", MANIFEST)
    write(root / "translations/en.json", ENGLISH)
    write(root / "translations/de.json", ENGLISH)
    write(root / "icons.json", ICONS)
    write(root / "services.yaml", SERVICES)
    write(root / "services.py", CODE)
    write(root / "config_flow.py", "")
    (root / "brand").mkdir()
    for image in ("icon.png", "logo@2x.png"):
        (root / "brand" / image).write_bytes((BRAND / image).read_bytes())
    return tmp_path


def write(file: Path, content: object) -> None:
    """Write a text, or JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


type Mistake = Callable[[Path], None]


def without(name: str) -> Mistake:
    """Forget a file."""
    return lambda repository: (repository / name).unlink()


def with_text(name: str, old: str, new: str) -> Mistake:
    """Change some words of a file."""

    def change(repository: Path) -> None:
        before = (repository / name).read_text("utf-8")
        assert old in before
        write(repository / name, before.replace(old, new, 1))

    return change


def with_file(name: str, content: str) -> Mistake:
    """Add a file, or write another over it."""
    return lambda repository: write(repository / name, content)


def with_image(name: str, image: str) -> Mistake:
    """Put one of our images in the place of another."""

    def change(repository: Path) -> None:
        (repository / INTEGRATION / "brand" / name).write_bytes((BRAND / image).read_bytes())

    return change


def in_ours(mistake: Callable[..., Mistake], name: str, *words: str) -> Mistake:
    """Make the mistake inside the integration."""
    return mistake(f"{INTEGRATION}/{name}", *words)


@pytest.mark.parametrize(
    ("mistake", "problem"),
    [
        # the repository
        (without("LICENSE"), "LICENSE: is missing"),
        (without("hacs.json"), "hacs.json: is missing"),
        (with_text("hacs.json", "2026.10.0", "2025.1.0"), "hacs.json: must be 2026.10.0"),
        (with_text("hacs.json", "name", "title"), "hacs.json: "),
        (with_text("CHANGELOG.md", "[1.2.0]", "[1.3.0]"), "CHANGELOG.md: 1.3.0 is not"),
        (with_file("custom_components/b/manifest.json", "{}"), "one integration, not 2"),
        # the manifest
        (in_ours(with_text, "manifest.json", "cloud_polling", "clouds"), "iot_class"),
        (in_ours(with_text, "manifest.json", "1.2.0", "soon"), "'soon' is not a version"),
        (in_ours(with_text, "manifest.json", "https", "http"), "not an https address"),
        (in_ours(with_text, "manifest.json", "@someone", "someone"), "@like_this"),
        (in_ours(with_text, "manifest.json", "_meter", "_clock"), "not the folder's name"),
        (in_ours(with_text, "manifest.json", '"name"', '"zone": 1, "name"'), "(at zone)"),
        (
            in_ours(with_text, "manifest.json", '"config_flow": true, ', ""),
            "only one of them is there",
        ),
        (
            in_ours(with_text, "manifest.json", '"config_flow"', '"requirements": ["a"], "a"'),
            "'a' is not pinned",
        ),
        (
            in_ours(with_text, "manifest.json", '"config_flow"', '"dependencies": ["x"], "a"'),
            "no integration 'x'",
        ),
        (
            in_ours(with_text, "manifest.json", '"codeowners"', '"loggers": [], "codeowners"'),
            "keys are not sorted",
        ),
        (in_ours(with_text, "manifest.json", "{", ""), "manifest.json: cannot be read"),
        # the texts
        (in_ours(with_file, "strings.json", "{}"), "strings.json: only core reads it"),
        (in_ours(with_text, "translations/en.json", "Yours", " Yours"), "blanks"),
        (in_ours(with_text, "translations/en.json", "Yours", "<b>Yours</b>"), "HTML"),
        (in_ours(with_text, "translations/en.json", "Yours", "https://a.example"), "address"),
        (in_ours(with_text, "translations/en.json", "Yours", "[%key:common%]"), "core only"),
        (in_ours(with_text, "translations/en.json", "{name}", "'{name}'"), "single quotes"),
        (in_ours(with_text, "translations/en.json", "{name}", "{a-b}"), "'a-b' cannot be"),
        (in_ours(with_text, "translations/en.json", "{name}", "{name"), "exceptions"),
        (in_ours(with_text, "translations/en.json", "reading", "Reading"), "cannot be a key"),
        (in_ours(with_text, "translations/en.json", '"token": "Token"', ""), "does not ask"),
        (in_ours(with_text, "translations/de.json", "no_meter", "lost"), "lost.message is not in"),
        (in_ours(with_text, "translations/de.json", "no_meter", "lost"), "message is not trans"),
        (in_ours(with_text, "translations/de.json", "{name}", "{meter}"), "other placeholders"),
        # icons
        (in_ours(with_text, "icons.json", "mdi:eye", "eye"), "not an mdi: icon"),
        (in_ours(with_text, "icons.json", '"sensor"', '"sonsor"'), "icons.json: "),
        (in_ours(with_text, "icons.json", "reading", "power"), "sensor reading has texts and no"),
        (in_ours(with_text, "icons.json", "reading", "power"), "sensor power has an icon and no"),
        (in_ours(with_text, "icons.json", '"shape"', '"form"'), "no such section: form"),
        # actions and triggers
        (in_ours(without, "services.yaml"), "services.yaml: is missing"),
        (in_ours(with_text, "services.yaml", "min: 0", "low: 0"), "services.yaml: "),
        (in_ours(with_text, "services.yaml", "read:", "show:"), "show is not in the code"),
        (in_ours(with_text, "services.yaml", "read:", "show:"), "show has no icon"),
        (in_ours(with_text, "services.yaml", "read:", "show:"), "show has no texts"),
        (in_ours(with_text, "services.yaml", "read:", "show:"), "read has texts or an icon, and"),
        (in_ours(with_text, "services.yaml", "digits:", "places:"), "field places has no texts"),
        (in_ours(with_text, "services.yaml", "digits:", "places:"), "no such field: digits"),
        (in_ours(with_text, "services.yaml", "shape:", "form:"), "section form has no texts"),
        (in_ours(with_text, "services.yaml", "mwh]", "gwh]"), "option gwh has no text"),
        (in_ours(with_file, "trigger.py", "def async_get_triggers(): ..."), "triggers.yaml: is"),
        # the rest
        (in_ours(with_file, "quality_scale.yaml", "rules:\n  brands: done"), "quality_scale.yaml"),
        (in_ours(without, "brand/icon.png"), "brand/icon.png: is missing"),
        (in_ours(with_file, "brand/photo.png", ""), "brand/photo.png: is no image"),
        (in_ours(with_file, "brand/icon.png", "not a picture"), "icon.png: is 0x0"),
        (with_image("icon@2x.png", "icon.png"), "icon@2x.png: is 256x256"),
        (with_image("logo@2x.png", "logo.png"), "logo@2x.png: its shorter side"),
    ],
)
def test_a_mistake_is_found(repository: Path, mistake: Mistake, problem: str) -> None:
    """Each mistake, made in a sound integration, is reported."""
    mistake(repository)
    assert problem in "\n".join(check_repository(repository))


def test_nothing_is_found_in_a_sound_integration(repository: Path) -> None:
    """No mistake, no report."""
    assert check_repository(repository) == []


@pytest.mark.parametrize(
    ("progress", "accepted"),
    [
        ("done", True),
        ("todo", True),
        ({"status": "exempt", "comment": "Nothing to discover."}, True),
        ({"status": "exempt"}, False),
        ("perhaps", False),
    ],
)
def test_quality_scale(repository: Path, progress: object, accepted: bool) -> None:
    """All rules have to be there, each with a known progress."""
    scale = repository / INTEGRATION / "quality_scale.yaml"
    write(scale, "rules: {}")
    rules = [line.rpartition(" ")[2][:-1] for line in check_repository(repository)]
    assert len(rules) == 54
    write(scale, json.dumps({"rules": dict.fromkeys(rules, "done") | {"brands": progress}}))
    assert (check_repository(repository) == []) is accepted


def test_nothing_is_found_in_ours() -> None:
    """The integration of this repository is sound."""
    assert check_repository(REPOSITORY) == []
