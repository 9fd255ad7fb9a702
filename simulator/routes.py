"""The routes of the API, of all dialects; those of another one than the world's answer 404."""

from aiohttp import web

from . import amounts, answers, demands, question, refusals, schedules, series
from .control import WORLD
from .devices import list_devices, new_device
from .dialects import Dialect, Page
from .faults import Fault
from .fields import Fields, read_body, read_query
from .pages import page_of
from .state import Device, Json, Location, World
from .times import utc_now

LOCATIONS_CONTEXT = "api.location_list"


def add_routes(app: web.Application) -> None:
    """Add them."""
    router = app.router
    router.add_get("/login", _login, allow_head=False)
    router.add_get("/locations", _locations, allow_head=False)
    router.add_get("/locations/{id}", _location, allow_head=False)
    router.add_get("/locations/{id}/status", _status, allow_head=False)
    router.add_get("/devices", _devices, allow_head=False)
    router.add_post("/devices", _create_device)
    router.add_get("/devices/{id}", _device, allow_head=False)
    router.add_delete("/devices/{id}", _delete_device)
    shapes = [one.shape for one in Dialect]
    for method, path in sorted({(shape.method, shape.duration.path) for shape in shapes}):
        router.add_route(method, path, _by_duration)
    for method, path in sorted({(shape.method, shape.limit.path) for shape in shapes}):
        router.add_route(method, path, _by_limit)
    for method, path in sorted({(shape.method, shape.prices.path) for shape in shapes}):
        router.add_route(method, path, _prices)
    for path in sorted({shape.amount_path for shape in shapes if shape.amount_path}):
        router.add_post(path, _by_amount)


async def _login(request: web.Request) -> web.Response:
    return _answer(request, answers.login(request.app[WORLD], utc_now()))


async def _locations(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    fields = read_query(world, LOCATIONS_CONTEXT, request.query, ("limit", "starting_after"))
    homes = sorted(world.locations, key=lambda home: home.created, reverse=True)
    shown, more = page_of(fields, homes, "location")
    bodies = [answers.location(world, home) for home in shown]
    return _answer(request, answers.page("/locations", bodies, more=more))


async def _location(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    return _answer(request, answers.location(world, _home(world, request.match_info["id"])))


async def _status(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    if not world.version.shape.status:
        raise refusals.not_found()
    home = _home(world, request.match_info["id"])
    return _answer(request, answers.location_status(world, home))


async def _devices(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    devices, more = list_devices(world, request.query)
    bodies = [answers.device(world, device) for device in devices]
    return _answer(request, answers.page("/devices", bodies, more=more))


async def _create_device(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    device = new_device(world, await request.read(), utc_now())
    return _answer(request, answers.device(world, device), status=201)


async def _device(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    return _answer(request, answers.device(world, _known_device(request)))


async def _delete_device(request: web.Request) -> web.Response:
    request.app[WORLD].devices.remove(_known_device(request))
    return _answer(request, {"message": "Accepted"}, status=202)


async def _by_duration(request: web.Request) -> web.Response:
    world, now = request.app[WORLD], utc_now()
    fields = await _fields(request, world.version.shape.duration, question.DURATION_CONTEXT)
    if request.method == "GET":
        fields = question.read_slots_query(fields, request.query, now, ("duration",))
    home = _asked_home(request, fields)
    asked = question.read_duration_question(fields)
    return _answer(request, schedules.schedule(world, home, asked, now))


async def _by_limit(request: web.Request) -> web.Response:
    world, now = request.app[WORLD], utc_now()
    fields = await _fields(request, world.version.shape.limit, question.LIMIT_CONTEXT)
    if request.method == "GET":
        fields = question.read_slots_query(fields, request.query, now, ("relative", "absolute"))
    home = _asked_home(request, fields)
    asked = question.read_limit_question(fields)
    return _answer(request, schedules.schedule(world, home, asked, now))


async def _prices(request: web.Request) -> web.Response:
    world, now = request.app[WORLD], utc_now()
    if Fault.NO_PRICES in world.faults:
        raise refusals.not_found()
    if Fault.PRICES_FAIL in world.faults:
        raise refusals.server_error()
    fields = await _fields(request, world.version.shape.prices, series.CONTEXT)
    if request.method == "GET":
        fields = series.read_rates_query(fields, request.query)
    home = _asked_home(request, fields)
    asked = series.read_series_question(fields, now)
    return _answer(request, series.series(world, home, asked, now))


async def _fields(request: web.Request, page: Page, context: str) -> Fields:
    """Return the fields of a body, none of a query; refuse the path of another dialect."""
    world = request.app[WORLD]
    _check_path(request, (world.version.shape.method, page.path))
    if request.method == "GET":
        return Fields(world, context, {})
    return read_body(world, context, await request.read())


def _asked_home(request: web.Request, fields: Fields) -> Location:
    """Return the home that the path names, or the body."""
    return _home(fields.world, request.match_info.get("id") or fields.text("location_id"))


async def _by_amount(request: web.Request) -> web.Response:
    world, now = request.app[WORLD], utc_now()
    _check_path(request, ("POST", world.version.shape.amount_path))
    fields = read_body(world, demands.CONTEXT, await request.read())
    home = _asked_home(request, fields)
    asked = demands.read_amount_question(fields)
    return _answer(request, amounts.by_amount(world, home, asked, now))


def _check_path(request: web.Request, own: tuple[str, str | None]) -> None:
    """Refuse a path of another dialect; `own` are method and path of the world's."""
    resource = request.match_info.route.resource
    if resource is None or (request.method, resource.canonical) != own:
        raise refusals.not_found()


def _home(world: World, location_id: str) -> Location:
    if (home := world.location(location_id)) is None:
        raise refusals.not_found()
    return home


def _known_device(request: web.Request) -> Device:
    if (device := request.app[WORLD].device(request.match_info["id"])) is None:
        raise refusals.not_found()
    return device


def _answer(request: web.Request, body: Json, *, status: int = 200) -> web.Response:
    if Fault.NOT_JSON in request.app[WORLD].faults:
        page = "<!DOCTYPE html><html><body>Welcome to the gateway</body></html>"
        return web.Response(text=page, content_type="text/html", status=status)
    return web.json_response(body, status=status)
