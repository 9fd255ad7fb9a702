"""The flow of a home: an account and its location, or prices; the rest is in `flows`."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol
from yarl import URL

from .api import FlatpeakClient
from .const import (
    CONF_ACCOUNT_ID,
    CONF_ADVANCED,
    CONF_API_KEY,
    CONF_API_URL,
    CONF_LOCATION_ID,
    DASHBOARD_URL,
    DEFAULT_API_URL,
    DOMAIN,
    LOGGER,
    SUBENTRY_AMOUNT,
    SUBENTRY_DURATION,
    SUBENTRY_LIMIT,
)
from .flows import AmountFlow, DurationFlow, PriceFlow, PriceLimitFlow, SiteFlow, is_local
from .homes import words
from .model import Location
from .model.errors import FlatpeakError, FlatpeakNotFoundError

_ACCOUNT = TextSelector(TextSelectorConfig(autocomplete="off"))
_KEY = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
_ADDRESS = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
_MAX_NAMED = 5


def _account_schema(
    typed: Mapping[str, Any], *, api_url: str = DEFAULT_API_URL, key_is_known: bool = False
) -> vol.Schema:
    """Ask for the account; a key that is known already may be left out.

    The section is open once another address was typed: it may be what is wrong.
    """
    usual = typed.get(CONF_ADVANCED, {}).get(CONF_API_URL, DEFAULT_API_URL) == DEFAULT_API_URL
    key = vol.Optional(CONF_API_KEY) if key_is_known else vol.Required(CONF_API_KEY)
    address = vol.Schema({vol.Optional(CONF_API_URL, default=api_url): _ADDRESS})
    return vol.Schema(
        {
            vol.Required(CONF_ACCOUNT_ID): _ACCOUNT,
            key: _KEY,
            # without a default of its own: it would hide the ones inside from the browser
            vol.Optional(CONF_ADVANCED): section(address, {"collapsed": usual}),
        }
    )


REAUTH_SCHEMA = vol.Schema(
    {vol.Required(CONF_ACCOUNT_ID): _ACCOUNT, vol.Required(CONF_API_KEY): _KEY}
)


class FlatpeakConfigFlow(PriceFlow, domain=DOMAIN):
    """An account, then one of its locations; or a home that has none."""

    VERSION = 1

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self._account: dict[str, Any] = {}
        self._locations: tuple[Location, ...] = ()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Offer the kinds of schedules."""
        return {
            SUBENTRY_AMOUNT: AmountFlow,
            SUBENTRY_DURATION: DurationFlow,
            SUBENTRY_LIMIT: PriceLimitFlow,
        }

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> SiteFlow:
        """Ask for what holds for the whole home."""
        return SiteFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where prices are to come from."""
        return self.async_show_menu(step_id="user", menu_options=["account", "prices"])

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account, and log in."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._account = _account(user_input)
            errors = await self._load_locations()
            if not errors and not self._locations:
                errors["base"] = "no_location"
            if not errors:
                return await self.async_step_location()
        return self._ask("account", _account_schema(user_input or {}), user_input, errors)

    async def async_step_location(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the location: one of the list, or an id."""
        errors: dict[str, str] = {}
        if user_input is not None:
            location_id = user_input[CONF_LOCATION_ID].strip()
            found = await self._find(location_id, errors)
            if found is not None:
                # as Flatpeak spells it, which need not be how it was typed
                await self.async_set_unique_id(found.id)
                self._abort_if_unique_id_configured()
                return self.async_create_entry(
                    title=found.label, data={**self._account, CONF_LOCATION_ID: found.id}
                )
        options = [SelectOptionDict(value=one.id, label=one.label) for one in self._locations]
        selector = SelectSelector(
            SelectSelectorConfig(
                options=options, custom_value=True, mode=SelectSelectorMode.DROPDOWN
            )
        )
        schema = vol.Schema(
            {vol.Required(CONF_LOCATION_ID, default=self._locations[0].id): selector}
        )
        # the list shows a chosen location by its id, so the names stand above it
        names = [f"{one.label} ({one.id})" for one in self._locations[:_MAX_NAMED]]
        more = ["…"] if len(self._locations) > _MAX_NAMED else []
        return self._ask("location", schema, user_input, errors, found=", ".join(names + more))

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on with the first schedule: without one there is nothing to switch."""
        flow = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_DURATION),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"])
        return result

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin when Flatpeak refused the account."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for new credentials."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            self._account = _account({**entry.data, **user_input})
            errors = await self._check(entry)
            if not errors:
                return self._renew(entry)
        shown = user_input or {CONF_ACCOUNT_ID: entry.data[CONF_ACCOUNT_ID]}
        return self._ask("reauth_confirm", REAUTH_SCHEMA, shown, errors)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the account or the address, or where prices come from."""
        entry = self._get_reconfigure_entry()
        if is_local(entry):
            return await self.async_step_prices()
        errors: dict[str, str] = {}
        if user_input is not None:
            key = user_input.get(CONF_API_KEY, "").strip() or entry.data[CONF_API_KEY]
            self._account = _account({**user_input, CONF_API_KEY: key})
            errors = await self._check(entry)
            if not errors:
                return self._renew(entry)
        api_url = entry.data.get(CONF_API_URL, DEFAULT_API_URL)
        schema = _account_schema(user_input or {}, api_url=api_url, key_is_known=True)
        shown = user_input or {CONF_ACCOUNT_ID: entry.data[CONF_ACCOUNT_ID]}
        return self._ask("reconfigure", schema, shown, errors)

    def _ask(
        self,
        step_id: str,
        schema: vol.Schema,
        user_input: dict[str, Any] | None,
        errors: dict[str, str],
        **placeholders: str,
    ) -> ConfigFlowResult:
        """Show a form with what was typed, but for the key."""
        typed = {name: value for name, value in (user_input or {}).items() if name != CONF_API_KEY}
        return self._show(step_id, schema, typed, errors, dashboard=DASHBOARD_URL, **placeholders)

    def _renew(self, entry: ConfigEntry) -> ConfigFlowResult:
        """Store the account."""
        if entry.update_listeners and entry.data == {**entry.data, **self._account}:
            # nothing to listen to, but the old credentials are good again
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self._finish(entry, data_updates=self._account)

    async def _check(self, entry: ConfigEntry) -> dict[str, str]:
        """Tell what is wrong with the account for the location of an entry."""
        errors = await self._load_locations()
        if not errors and await self._find(entry.data[CONF_LOCATION_ID], errors) is None:
            errors = {"base": "wrong_account"} if CONF_LOCATION_ID in errors else errors
        return errors

    async def _load_locations(self) -> dict[str, str]:
        """Log in and list the locations; return what is wrong."""
        if not _is_safe(self._account[CONF_API_URL]):
            return {"base": "invalid_url"}
        try:
            self._locations = await self._client().locations()
        except Exception as err:  # noqa: BLE001  the last line of defence
            return {"base": _words(err)}
        return {}

    async def _find(self, location_id: str, errors: dict[str, str]) -> Location | None:
        """Return a location of the account, or add what is wrong."""
        for location in self._locations:
            if location.id == location_id:
                return location
        if not location_id:
            errors[CONF_LOCATION_ID] = "location_not_found"
            return None
        try:
            return await self._client().location(location_id)
        except FlatpeakNotFoundError:
            errors[CONF_LOCATION_ID] = "location_not_found"
        except Exception as err:  # noqa: BLE001  the last line of defence
            errors["base"] = _words(err)
        return None

    def _client(self) -> FlatpeakClient:
        return FlatpeakClient(
            async_get_clientsession(self.hass),
            account_id=self._account[CONF_ACCOUNT_ID],
            api_key=self._account[CONF_API_KEY],
            api_url=self._account[CONF_API_URL],
        )


def _words(error: Exception) -> str:
    """Return what an error is called in a form; what nobody thought of is in the log."""
    if isinstance(error, FlatpeakError):
        return words(error)
    LOGGER.error("Unexpected error while talking to Flatpeak", exc_info=error)
    return "unknown"


def _account(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form says of the account, without the blanks that copying adds."""
    url = typed.get(CONF_ADVANCED, {}).get(CONF_API_URL) or typed.get(CONF_API_URL)
    return {
        CONF_ACCOUNT_ID: typed[CONF_ACCOUNT_ID].strip(),
        CONF_API_KEY: typed[CONF_API_KEY].strip(),
        CONF_API_URL: (url or DEFAULT_API_URL).strip().rstrip("/"),
    }


def _is_safe(address: str) -> bool:
    """Tell whether credentials may go there: HTTPS, or this machine itself."""
    try:
        url = URL(address)
    except ValueError:
        return False
    if url.host is None or url.user or url.password or set(address) & set("?#"):
        return False
    if url.scheme == "https":
        return True
    try:
        loopback = url.host == "localhost" or ip_address(url.host).is_loopback
    except ValueError:
        return False
    return url.scheme == "http" and loopback
