"""Several schedules by amount under one limit: how an answer to all of them is worked in.

What `revision` is for one schedule by duration, this is for the devices of a site: what
runs is kept, and an answer that is not better changes nothing. New is that all have to
fit under the site's limit together.
"""

from .combining import combined, refitted_amount
from .power import joined
from .power_limits import within_power_limits
from .question import Question, demanded, displaced, requests

__all__ = [
    "Question",
    "combined",
    "demanded",
    "displaced",
    "joined",
    "refitted_amount",
    "requests",
    "within_power_limits",
]
