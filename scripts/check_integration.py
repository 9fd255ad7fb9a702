"""Check the integration's files against the rules of Home Assistant and HACS, without a network.

Usage: check_integration.py REPOSITORY

The rules are those of Home Assistant's own checker (hassfest) and of the HACS action, as far as
they apply to one integration. Some are stricter: names, descriptions and icons, which those two
demand of integrations in core only, are demanded of ours as well.
"""

import ast
from collections.abc import Callable, Iterator
from functools import cached_property
import json
from pathlib import Path
import re
import string
import sys
from typing import Any
from urllib.parse import urlparse

from awesomeversion import AwesomeVersion, AwesomeVersionException, AwesomeVersionStrategy
import homeassistant  # before voluptuous, which it puts its own successor in the place of
from homeassistant.const import Platform
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv, selector
from homeassistant.util.yaml import load_yaml_dict
import voluptuous as vol

type Table = dict[str, Any]  # what a JSON or YAML file holds; the schemas below say more
type Shape = dict[Any, Any]  # a part of a schema
type Check = Callable[[Any], Any]

CORE = Path(homeassistant.__file__).parent / "components"
OLDEST_HOME_ASSISTANT = "2026.10.0"

# --- values ---------------------------------------------------------------------------------

KEY = re.compile(r"(?!.*[_-]{2})(?![_-])[a-z0-9_-]+(?<![_-])")
ADDRESS = re.compile(r"([a-z0-9]+://|www\.)[a-z0-9]+([-.][a-z0-9]+)*\.[a-z]{2,5}", re.IGNORECASE)


def key(value: Any) -> str:
    """Accept the key of a text or an icon."""
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise vol.Invalid(f"{value!r} cannot be a key")
    return value


def text(value: Any) -> str:
    """Accept a text as Home Assistant shows it."""
    words: str = cv.string_with_no_html(value)
    if words != words.strip():
        raise vol.Invalid("blanks before or after the text")
    if ADDRESS.search(words):
        raise vol.Invalid("an address in the text, where a placeholder for it belongs")
    if "[%key:" in words:
        raise vol.Invalid("references with [%key:…%] are resolved in core only")
    if re.search(r"'{\w+}'", words):
        raise vol.Invalid("single quotes around a placeholder switch it off")
    try:
        wrong = [name for name in placeholders(words) if not name.isidentifier()]
    except ValueError as err:
        raise vol.Invalid(str(err)) from err
    if wrong:
        raise vol.Invalid(f"{wrong[0]!r} cannot be a placeholder")
    return words


def plain(value: Any) -> str:
    """Accept a text in a place where nothing fills placeholders."""
    words = text(value)
    if placeholders(words):
        raise vol.Invalid("placeholders are not filled here")
    return words


def placeholders(words: str) -> set[str]:
    """Return the names of the placeholders in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def icon(value: Any) -> str:
    """Accept a Material Design icon."""
    if not isinstance(value, str) or not re.fullmatch(r"mdi:[a-z0-9-]+", value):
        raise vol.Invalid(f"{value!r} is not an mdi: icon")
    return value


def version(value: Any) -> str:
    """Accept a version that Home Assistant loads a custom integration with."""
    known = AwesomeVersionStrategy
    try:
        AwesomeVersion(
            value,
            ensure_strategy=[
                *(known.CALVER, known.SEMVER, known.SIMPLEVER, known.BUILDVER, known.PEP440)
            ],
        )
    except (AwesomeVersionException, TypeError) as err:
        raise vol.Invalid(f"{value!r} is not a version") from err
    return str(value)


def address(value: Any) -> str:
    """Accept the https address of a page that is not one of core's."""
    url = urlparse(str(value))
    if url.scheme != "https" or not url.netloc:
        raise vol.Invalid(f"{value!r} is not an https address")
    if (url.netloc, url.path[:13]) == ("www.home-assistant.io", "/integrations"):
        raise vol.Invalid("this page describes an integration in core")
    return str(value)


def requirement(value: Any) -> str:
    """Accept a package in one certain version."""
    if "==" not in str(value):
        raise vol.Invalid(f"{value!r} is not pinned with ==")
    return str(value)


def other_integration(value: Any) -> str:
    """Accept the domain of an integration in core."""
    if not (CORE / str(value) / "manifest.json").is_file():
        raise vol.Invalid(f"there is no integration {value!r}")
    return str(value)


def not_empty(value: Any) -> Any:
    """Accept anything but nothing."""
    if value is None:
        raise vol.Invalid("value is empty")
    return value


# --- schemas --------------------------------------------------------------------------------


def table(values: Any, keys: Check = key) -> Check:
    """Accept a mapping whose keys follow a rule."""
    return cv.schema_with_slug_keys(values, slug_validator=keys)


def optional(names: str, value: Any) -> Shape:
    """Give several optional keys the same value."""
    return {vol.Optional(name): value for name in names.split()}


def descriptions_have_fields(flow: Table) -> Table:
    """Accept a flow in which nothing is explained that is not asked."""
    for name, step in flow["step"].items():
        for part in (step, *step.get("sections", {}).values()):
            if orphans := part.get("data_description", {}).keys() - part.get("data", {}).keys():
                raise vol.Invalid(f"step {name} explains what it does not ask: {sorted(orphans)}")
    return flow


FIELD_TEXTS = optional("data data_description", {str: text})
FLOW: Shape = {
    vol.Optional("flow_title"): text,
    vol.Required("step"): {
        str: {
            **optional("title description submit", text),
            **optional("menu_options menu_option_descriptions", {str: text}),
            **FIELD_TEXTS,
            vol.Optional("sections"): {str: {**optional("name description", text), **FIELD_TEXTS}},
        }
    },
    **optional("error abort progress create_entry", {str: text}),
}
STEPS = vol.All(vol.Schema(FLOW), descriptions_have_fields)
SUBENTRY_STEPS = vol.All(
    vol.Schema(
        {
            **FLOW,
            vol.Required("entry_type"): text,
            vol.Required("initiate_flow"): {vol.Required("user"): text, str: text},
        }
    ),
    descriptions_have_fields,
)
FIELDS = table({vol.Required("name"): text, vol.Required("description"): text})
SERVICE_TEXTS: Shape = {
    vol.Required("name"): text,
    vol.Required("description"): text,
    vol.Optional("fields"): FIELDS,
    vol.Optional("sections"): table(
        {vol.Required("name"): text, vol.Optional("description"): text}
    ),
}
AUTOMATION_TEXTS: Shape = {
    vol.Required("name"): text,
    vol.Required("description"): text,
    # Core leaves the fields that all triggers have (behavior, for) without a description.
    vol.Optional("fields"): table({vol.Required("name"): text, vol.Optional("description"): text}),
}
STATES = table(plain)
TEXTS = vol.Schema(
    {
        vol.Optional("title"): text,
        **optional("config options", STEPS),
        vol.Optional("config_subentries"): table(SUBENTRY_STEPS, cv.slug),
        vol.Optional("selector"): table(
            {
                **optional("choices options unit_of_measurement", table(text)),
                vol.Optional("fields"): FIELDS,
            },
            cv.slug,
        ),
        vol.Optional("issues"): {
            str: vol.All(
                cv.has_at_least_one_key("description", "fix_flow"),
                {
                    vol.Required("title"): text,
                    vol.Exclusive("description", "words"): text,
                    vol.Exclusive("fix_flow", "words"): STEPS,
                },
            )
        },
        vol.Optional("device"): table({vol.Optional("name"): text}),
        vol.Optional("entity"): table(
            table(
                {
                    vol.Optional("name"): text,
                    vol.Optional("unit_of_measurement"): plain,
                    vol.Optional("state"): STATES,
                    vol.Optional("state_attributes"): table(
                        {vol.Optional("name"): plain, vol.Optional("state"): STATES}
                    ),
                }
            ),
            cv.slug,
        ),
        vol.Optional("exceptions"): table({vol.Required("message"): text}, cv.slug),
        vol.Optional("services"): table(SERVICE_TEXTS),
        **optional("conditions triggers", table(AUTOMATION_TEXTS, cv.underscore_slug)),
        vol.Optional("system_health"): {vol.Optional("info"): table(text)},
        vol.Optional("common"): {cv.slug: text},
    }
)

STATE_ICONS: Shape = {
    vol.Optional("default"): icon,
    vol.Optional("state"): table(icon),
    vol.Optional("range"): {vol.Coerce(float): icon},
}
STEP_ICONS: Shape = {"step": {str: optional("section sections", {str: icon})}}
ICONS = vol.Schema(
    {
        vol.Optional("entity"): table(
            table({**STATE_ICONS, vol.Optional("state_attributes"): table(STATE_ICONS)}),
            vol.In([platform.value for platform in Platform]),
        ),
        vol.Optional("services"): table(
            {vol.Required("service"): icon, vol.Optional("sections"): table(icon)}
        ),
        vol.Optional("triggers"): table({vol.Required("trigger"): icon}, cv.underscore_slug),
        vol.Optional("conditions"): table({vol.Required("condition"): icon}, cv.underscore_slug),
        **optional("config options", STEP_ICONS),
    }
)

ANCHORS: Shape = {vol.Remove(vol.All(str, vol.Match(r"^\."))): object}  # parts reused by YAML
TARGET: Shape = {vol.Optional("target"): vol.Any(selector.TargetSelector.CONFIG_SCHEMA, None)}
FIELD: Shape = {
    **optional("example default", not_empty),
    vol.Optional("required"): bool,
    vol.Optional("selector"): selector.validate_selector,
}
SERVICE_FIELD: Shape = {**FIELD, vol.Optional("filter"): dict, vol.Optional("advanced"): bool}
SECTION: Shape = {vol.Optional("collapsed"): bool, vol.Required("fields"): {str: SERVICE_FIELD}}
SERVICES = vol.Schema(
    {
        **ANCHORS,
        cv.slug: vol.Any(
            None, {**TARGET, vol.Optional("fields"): {str: vol.Any(SERVICE_FIELD, SECTION)}}
        ),
    }
)
AUTOMATIONS = vol.Schema(
    {
        **ANCHORS,
        cv.underscore_slug: vol.Any(
            None,
            {
                **TARGET,
                vol.Optional("fields"): {str: {**FIELD, vol.Optional("context"): {str: str}}},
            },
        ),
    }
)

MANIFEST = vol.Schema(
    {
        vol.Required("domain"): cv.slug,
        vol.Required("name"): vol.All(str, vol.Length(min=1)),
        vol.Required("codeowners"): [vol.Match(r"^@", msg="an owner is named @like_this")],
        vol.Required("documentation"): address,
        vol.Required("issue_tracker"): address,
        vol.Required("version"): version,
        vol.Required("iot_class"): vol.In(
            [
                *("assumed_state", "calculated", "cloud_polling", "cloud_push"),
                *("local_polling", "local_push"),
            ]
        ),
        vol.Optional("integration_type"): vol.In(["device", "entity", "helper", "hub", "service"]),
        vol.Optional("requirements"): [requirement],
        **optional("dependencies after_dependencies", [other_integration]),
        **optional("loggers", [str]),
        **optional("config_flow single_config_entry import_executor", bool),
    }
)
HACS = vol.Schema(
    {
        vol.Required("name"): str,
        vol.Required("homeassistant"): vol.In(
            [OLDEST_HOME_ASSISTANT], msg=f"must be {OLDEST_HOME_ASSISTANT}, the oldest tested"
        ),
        **optional("content_in_root hide_default_branch render_readme", bool),
        vol.Optional("hacs"): str,
        vol.Optional("country"): vol.Any(str, [str]),
    }
)

QUALITY_RULES = """
action-setup appropriate-polling brands common-modules config-flow config-flow-test-coverage
dependency-transparency docs-actions docs-conditions docs-high-level-description
docs-installation-instructions docs-removal-instructions docs-triggers entity-event-setup
entity-unique-id has-entity-name runtime-data test-before-configure test-before-setup
unique-config-entry

action-exceptions config-entry-unloading docs-configuration-parameters
docs-installation-parameters entity-unavailable integration-owner log-when-unavailable
parallel-updates reauthentication-flow test-coverage

devices diagnostics discovery discovery-update-info docs-data-update docs-examples
docs-known-limitations docs-supported-devices docs-supported-functions docs-troubleshooting
docs-use-cases dynamic-devices entity-category entity-device-class entity-disabled-by-default
entity-translations exception-translations icon-translations reconfiguration-flow repair-issues
stale-devices

async-dependency inject-websession strict-typing
"""
PROGRESS = vol.Any(
    vol.In(["done", "todo"]),
    {vol.Required("status"): vol.In(["done", "todo"]), vol.Optional("comment"): str},
    {vol.Required("status"): "exempt", vol.Required("comment"): vol.All(str, vol.Length(min=1))},
    msg="done, todo, or exempt with a comment",
)
QUALITY_SCALE = vol.Schema(
    {vol.Required("rules"): {vol.Required(rule): PROGRESS for rule in QUALITY_RULES.split()}}
)

# --- files ----------------------------------------------------------------------------------


class Folder:
    """A folder whose files are read and checked; what is wrong with them is collected."""

    def __init__(self, path: Path) -> None:
        """Begin with nothing wrong."""
        self.path = path
        self.problems: list[str] = []
        self.broken: set[str] = set()  # files not worth comparing with others

    def has(self, name: str) -> bool:
        """Tell whether there is a file of this name."""
        return (self.path / name).is_file()

    def wrong(self, name: str, what: str) -> None:
        """Note what is wrong with a file."""
        self.problems.append(f"{name}: {what}")

    def read(self, name: str, schema: Check | None = None) -> Table:
        """Return what a file holds, or nothing when there is none or it breaks its schema."""
        file = self.path / name
        if not file.is_file():
            return {}
        try:
            content: Table = (
                load_yaml_dict(str(file))
                if file.suffix == ".yaml"
                else json.loads(file.read_text("utf-8"))
            )
            return schema(content) or {} if schema else content
        except vol.MultipleInvalid as err:
            for one in err.errors:
                self.wrong(name, f"{one.msg} (at {' → '.join(map(str, one.path)) or 'the top'})")
        except (HomeAssistantError, ValueError) as err:
            self.wrong(name, f"cannot be read: {err}")
        self.broken.add(name)
        return {}


class Integration(Folder):
    """The folder of one integration."""

    @cached_property
    def manifest(self) -> Table:
        """What the integration says about itself."""
        return self.read("manifest.json", MANIFEST)

    @cached_property
    def english(self) -> Table:
        """The texts that all others are translated from."""
        return self.read("translations/en.json", TEXTS)

    @cached_property
    def icons(self) -> Table:
        """The icons of entities and actions."""
        return self.read("icons.json", ICONS)

    @cached_property
    def literals(self) -> set[str]:
        """Every string that stands in the code."""
        return {
            node.value
            for file in self.path.rglob("*.py")
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

    def check(self) -> list[str]:
        """Return all that is wrong."""
        self.check_manifest()
        self.check_translations()
        self.check_entities()
        self.check_described("services", SERVICES, r"\.async_register\(|_entity_service\(")
        self.check_described("triggers", AUTOMATIONS, r"def async_get_triggers\(")
        self.check_described("conditions", AUTOMATIONS, r"def async_get_conditions\(")
        self.read("quality_scale.yaml", QUALITY_SCALE)
        self.check_brand()
        return self.problems

    def check_manifest(self) -> None:
        """Look at what no schema can say about the manifest."""
        keys = list(self.manifest)
        if keys != sorted(keys, key=lambda name: (name != "domain", name != "name", name)):
            self.wrong("manifest.json", "keys are not sorted: domain, name, then by the alphabet")
        domain = self.manifest.get("domain", self.path.name)
        if domain != self.path.name:
            self.wrong("manifest.json", f"domain {domain} is not the folder's name")
        if (CORE / domain).exists():
            self.wrong("manifest.json", f"domain {domain} is an integration in core")
        if self.manifest.get("config_flow", False) != self.has("config_flow.py"):
            self.wrong("manifest.json", "config_flow and config_flow.py: only one of them is there")

    def check_translations(self) -> None:
        """Compare the languages with English."""
        if self.has("strings.json"):
            self.wrong("strings.json", "only core reads it; put the texts in translations/en.json")
        if not self.has("translations/en.json"):
            self.wrong("translations/en.json", "is missing")
        english = dict(texts_in(self.english))
        for file in sorted((self.path / "translations").glob("*.json")):
            if file.name == "en.json" or not english:
                continue
            name = f"translations/{file.name}"
            other = dict(texts_in(self.read(name, TEXTS)))
            if not other:
                continue
            for at in sorted(other.keys() - english.keys()):
                self.wrong(name, f"{at} is not in English")
            for at in sorted(english.keys() - other.keys()):
                self.wrong(name, f"{at} is not translated")
            for at in sorted(english.keys() & other.keys()):
                if placeholders(english[at]) != placeholders(other[at]):
                    self.wrong(name, f"{at} has other placeholders than in English")

    def check_entities(self) -> None:
        """See that entities have both words and icons."""
        words, icons = (
            {(platform, name) for platform, names in of.get("entity", {}).items() for name in names}
            for of in (self.english, self.icons)
        )
        if self.broken & {"translations/en.json", "icons.json"}:
            return
        for platform, name in sorted(words - icons):
            self.wrong("icons.json", f"{platform} {name} has texts and no icon")
        for platform, name in sorted(icons - words):
            self.wrong("icons.json", f"{platform} {name} has an icon and no texts")

    def check_described(self, kind: str, schema: Check, registering: str) -> None:
        """See that code, YAML, texts and icons speak of the same actions, triggers, conditions."""
        file = f"{kind}.yaml"
        code = "\n".join(path.read_text("utf-8") for path in self.path.rglob("*.py"))
        if not self.has(file) and re.search(registering, code):
            self.wrong(file, "is missing, though the code registers some")
        described = self.read(file, schema)
        if self.broken & {file, "translations/en.json", "icons.json"}:
            return
        texts, icons = self.english.get(kind, {}), self.icons.get(kind, {})
        for name in sorted(described.keys() | texts.keys() | icons.keys()):
            if name not in described:
                self.wrong(file, f"{name} has texts or an icon, and is not described")
                continue
            if name not in self.literals:
                self.wrong(file, f"{name} is not in the code")
            if name not in icons:
                self.wrong(file, f"{name} has no icon")
            if name not in texts:
                self.wrong(file, f"{name} has no texts")
            else:
                for what in self.unlike(described[name] or {}, texts[name], icons.get(name, {})):
                    self.wrong(file, f"{name}: {what}")

    def unlike(self, described: Table, texts: Table, icons: Table) -> Iterator[str]:
        """Compare the fields of one action, trigger or condition with their texts."""
        top: Table = {name: field or {} for name, field in (described.get("fields") or {}).items()}
        sections = {name: field["fields"] for name, field in top.items() if "fields" in field}
        fields = {name: field for name, field in top.items() if name not in sections}
        for inside in sections.values():
            fields.update({name: field or {} for name, field in inside.items()})
        for what, ours, theirs in (
            ("field", fields.keys(), texts.get("fields", {}).keys()),
            ("section", sections.keys(), texts.get("sections", {}).keys()),
        ):
            yield from (f"{what} {name} has no texts" for name in sorted(ours - theirs))
            yield from (f"texts for no such {what}: {name}" for name in sorted(theirs - ours))
        for name in sorted(icons.get("sections", {}).keys() - sections.keys()):
            yield f"an icon for no such section: {name}"
        for name, field in fields.items():
            yield from (f"field {name}: {what}" for what in self.options_without_text(field))

    def options_without_text(self, field: Table) -> Iterator[str]:
        """Find the options of a field that would be shown as they are written in YAML."""
        select = (field.get("selector") or {}).get("select") or {}
        if kind := select.get("translation_key"):
            known = self.english.get("selector", {}).get(kind, {}).get("options", {})
            for option in select["options"]:
                if option not in known:
                    yield f"option {option} has no text"

    def check_brand(self) -> None:
        """Look at the images by which Home Assistant and HACS show the integration."""
        if not self.has("brand/icon.png"):
            self.wrong("brand/icon.png", "is missing")
        for file in sorted((self.path / "brand").glob("*")):
            name = f"brand/{file.name}"
            known = re.fullmatch(r"(dark_)?(icon|logo)(@2x)?\.png", file.name)
            if not known:
                self.wrong(name, "is no image that Home Assistant asks for")
                continue
            size = size_of(file)
            scale = 2 if known[3] else 1
            if known[2] == "icon" and size != (256 * scale, 256 * scale):
                self.wrong(name, f"is {size[0]}x{size[1]}, not {256 * scale}x{256 * scale}")
            if known[2] == "logo" and not 128 * scale <= min(size) <= 256 * scale:
                self.wrong(name, f"its shorter side has not {128 * scale} to {256 * scale} pixels")


def texts_in(node: Table, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield all texts of a translation with their places."""
    for name, value in node.items():
        if isinstance(value, dict):
            yield from texts_in(value, f"{at}{name}.")
        else:
            yield f"{at}{name}", value


def size_of(image: Path) -> tuple[int, int]:
    """Return width and height of a PNG, nothing when it is none."""
    head = image.read_bytes()[:24]
    if head[:8] != b"\x89PNG\r\n\x1a\n":
        return 0, 0
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


def check_repository(root: Path) -> list[str]:
    """Return all that is wrong with a repository of one integration."""
    repository = Folder(root)
    for name in ("README.md", "LICENSE", "hacs.json"):
        if not repository.has(name):
            repository.wrong(name, "is missing")
    repository.read("hacs.json", HACS)
    manifests = sorted(root.glob("custom_components/*/manifest.json"))
    if len(manifests) != 1:
        repository.wrong("custom_components", f"HACS wants one integration, not {len(manifests)}")
    for file in manifests:
        integration = Integration(file.parent)
        repository.problems += integration.check()
        released = newest_release(root / "CHANGELOG.md")
        if released not in {None, integration.manifest.get("version")}:
            repository.wrong("CHANGELOG.md", f"{released} is not the version in manifest.json")
    return repository.problems


def newest_release(changelog: Path) -> str | None:
    """Return the version of the topmost heading that has one, like ## [1.2.3]."""
    if not changelog.is_file():
        return None
    heading = re.search(r"^## \[(\d[^\]]*)\]", changelog.read_text("utf-8"), re.MULTILINE)
    return heading[1] if heading else None


def main() -> int:
    """Check the repository named on the command line."""
    root = Path(sys.argv[1])
    problems = check_repository(root)
    print("\n".join(problems) or "the integration's files are as Home Assistant and HACS want them")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
