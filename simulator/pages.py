"""The lists of the API, page by page."""

from collections.abc import Sequence
import re
from typing import Protocol

from .fields import Fields

PAGE = 30


class Listed(Protocol):
    """What stands in a list."""

    @property
    def id(self) -> str:
        """Its id."""


def page_of[L: Listed](fields: Fields, items: Sequence[L], what: str) -> tuple[Sequence[L], bool]:
    """Return the page that a query asks for, and whether more follow; or refuse."""
    limit = PAGE
    if "limit" in fields.values:
        if re.fullmatch(r"[1-9]\d?|100", fields.text("limit"), re.ASCII) is None:
            raise fields.invalid("limit", "must be between 1 and 100")
        limit = int(fields.text("limit"))
    if "starting_after" in fields.values:
        ids = [item.id for item in items]
        last = fields.text("starting_after")
        if last not in ids:
            raise fields.invalid("starting_after", f"is no {what} of this account")
        items = items[ids.index(last) + 1 :]
    return items[:limit], len(items) > limit
