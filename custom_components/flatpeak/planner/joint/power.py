"""Arithmetic of power over time: joining, trimming, splitting, adding."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
import math

from ...model import NEGLIGIBLE, PowerSlot, Span
from ...model.tolerances import FLOAT_NOISE


def joined(slots: Iterable[PowerSlot]) -> tuple[PowerSlot, ...]:
    """Join what touches and is the same but for the time."""
    result: list[PowerSlot] = []
    for slot in slots:
        last = result[-1] if result else None
        if (
            last
            and last.end == slot.start
            and replace(slot, start=last.start) == replace(last, end=slot.end)
        ):
            result[-1] = replace(last, end=slot.end)
        else:
            result.append(slot)
    return tuple(result)


def trimmed(slots: Sequence[PowerSlot], energy: float) -> tuple[PowerSlot, ...]:
    """Return the slots up to an amount of energy."""
    kept: list[PowerSlot] = []
    for slot in slots:
        if energy <= NEGLIGIBLE:
            break
        much = slot.energy > energy + NEGLIGIBLE
        end = slot.start + slot.length * (energy / slot.energy) if much else slot.end
        kept.append(replace(slot, end=end))
        energy -= slot.energy
    return tuple(kept)


def split(
    slots: Iterable[PowerSlot], running: Sequence[PowerSlot]
) -> tuple[list[PowerSlot], list[PowerSlot]]:
    """Return the power of slots that runs anyway, and what goes beyond it."""
    anyway: list[PowerSlot] = []
    beyond: list[PowerSlot] = []
    for slot in slots:
        edges = {slot.start, slot.end}
        edges |= {edge for part in running for edge in sides(part) if slot.contains(edge)}
        for start, end in pairwise(sorted(edges)):
            power = next((part.power for part in running if part.contains(start)), 0.0)
            power = min(power, slot.power)
            for parts, share in ((anyway, power), (beyond, slot.power - power)):
                if share > FLOAT_NOISE:
                    parts.append(replace(slot, start=start, end=end, power=share))
    return anyway, beyond


def added(running: Sequence[PowerSlot], more: Sequence[PowerSlot]) -> tuple[PowerSlot, ...]:
    """Return what runs with more power on top of it, and beside it."""
    parts = [*running, *more]
    edges = sorted({edge for part in parts for edge in sides(part)})
    result: list[PowerSlot] = []
    for start, end in pairwise(edges):
        here = [part for part in parts if part.contains(start)]
        if here:
            power = math.fsum(part.power for part in here)
            # the price is that of the answer, where it has one
            result.append(replace(here[-1], start=start, end=end, power=power))
    return joined(result)


def sides(span: Span) -> tuple[datetime, datetime]:
    """Return where a span starts and ends."""
    return span.start, span.end


def profile(slots: Iterable[PowerSlot]) -> list[tuple[Span, float]]:
    """Return the sum of the power over time, without the times when it is nothing."""
    slots = list(slots)
    edges = sorted({edge for slot in slots for edge in sides(slot)})
    result = []
    for start, end in pairwise(edges):
        power = math.fsum(slot.power for slot in slots if slot.start <= start < slot.end)
        if power > FLOAT_NOISE:
            result.append((Span(start, end), power))
    return result
