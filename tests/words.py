"""Watch that all that is said in a test has English words: forms, errors, repairs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import string
from typing import Any
from unittest.mock import patch

from homeassistant import data_entry_flow as flow
from homeassistant.core import ServiceRegistry
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations

from custom_components.flatpeak.const import DOMAIN

_STEP = flow.FlowManager._async_handle_step
_CALL = ServiceRegistry.async_call
_ISSUE = ir.IssueRegistry.async_get_or_create

type Placeholders = Mapping[str, Any] | None


class _Watch:
    """Collects what has no words."""

    def __init__(self, problems: set[str]) -> None:
        self.problems = problems

    async def texts(self, hass, category: str) -> dict[str, str]:
        return await async_get_translations(hass, "en", category, {DOMAIN})

    def check(self, texts: dict[str, str], key: str, given: Placeholders) -> None:
        if (text := texts.get(key)) is None:
            self.problems.add(f"no words for {key}")
            return
        for _, name, _, _ in string.Formatter().parse(text):
            if name and name not in (given or {}):
                self.problems.add(f"placeholder {{{name}}} is not given: {key}")

    def check_fields(self, texts, at: str, schema, given: Placeholders) -> None:
        for field, value in getattr(schema, "schema", {}).items():
            if isinstance(value, flow.section):
                self.check(texts, f"{at}.sections.{field.schema}.name", given)
                self.check_fields(texts, f"{at}.sections.{field.schema}", value.schema, given)
            else:
                self.check(texts, f"{at}.data.{field.schema}", given)
                self.check(texts, f"{at}.data_description.{field.schema}", given)

    async def step(self, manager, handler, result) -> None:
        match type(manager).__name__:
            case "ConfigEntriesFlowManager":
                domain, category, base = handler.handler, "config", "config"
            case "ConfigSubentryFlowManager":
                entry_id, kind = handler.handler
                domain = manager.hass.config_entries.async_get_entry(entry_id).domain
                category, base = "config_subentries", f"config_subentries.{kind}"
            case _:
                return
        if domain != DOMAIN:
            return
        texts, root = await self.texts(manager.hass, category), f"component.{DOMAIN}.{base}"
        given = result.get("description_placeholders")
        if result["type"] is flow.FlowResultType.FORM:
            at = f"{root}.step.{result['step_id']}"
            self.check_fields(texts, at, result["data_schema"], given)
            for text in ("title", "description"):
                self.check(texts, f"{at}.{text}", given)
            for error in (result.get("errors") or {}).values():
                self.check(texts, f"{root}.error.{error}", given)
        ours = result.get("translation_domain") in (None, DOMAIN)
        if result["type"] is flow.FlowResultType.ABORT and ours:
            self.check(texts, f"{root}.abort.{result['reason']}", given)


@contextmanager
def watch_words(problems: set[str]) -> Iterator[None]:
    """Collect what has no words while it is said."""
    watch = _Watch(problems)

    async def step(manager, handler, *args, **kwargs):
        result = await _STEP(manager, handler, *args, **kwargs)
        await watch.step(manager, handler, result)
        return result

    async def call(registry, *args, **kwargs):
        try:
            return await _CALL(registry, *args, **kwargs)
        except HomeAssistantError as err:
            if err.translation_domain == DOMAIN:
                texts = await watch.texts(registry._hass, "exceptions")
                key = f"component.{DOMAIN}.exceptions.{err.translation_key}.message"
                watch.check(texts, key, err.translation_placeholders)
            raise

    def issue(registry, domain, issue_id, **kwargs):
        if domain == DOMAIN:
            given = kwargs.get("translation_placeholders")
            registry.hass.async_create_task(check_issue(registry.hass, kwargs, given))
        return _ISSUE(registry, domain, issue_id, **kwargs)

    async def check_issue(hass, kwargs, given) -> None:
        texts = await watch.texts(hass, "issues")
        for part in ("title", "description"):
            key = f"component.{DOMAIN}.issues.{kwargs['translation_key']}.{part}"
            watch.check(texts, key, given)

    with (
        patch.object(flow.FlowManager, "_async_handle_step", step),
        patch.object(ServiceRegistry, "async_call", call),
        patch.object(ir.IssueRegistry, "async_get_or_create", issue),
    ):
        yield
