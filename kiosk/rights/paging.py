"""Puts strips onto pages, one below the other; refuses to tear a strip and to part a heading from what follows."""

from collections.abc import Iterable

from kiosk.rights.page import ROOM, TOP, Placed, Strip, Turn


def paged(strips: Iterable[Strip | Turn]) -> tuple[tuple[Placed, ...], ...]:
    """The pages, at least one.

    Args:
        strips: in their order; one that is higher than a page stands alone on its own.
    """
    pages: list[list[Placed]] = [[]]
    used = 0.0
    for group in _groups(strips):
        if isinstance(group, Turn):
            if pages[-1]:
                pages.append([])
                used = 0.0
            continue
        if used and used + sum(strip.height for strip in group) > ROOM and any(not strip.gap for strip in group):
            pages.append([])
            used = 0.0
        for strip in group:
            if not used and strip.gap:
                continue
            for each in (*(strip.head if not used else ()), strip):
                if used + each.height > ROOM and used:
                    pages.append([])
                    used = 0.0
                pages[-1].append(Placed(TOP + used, each))
                used += each.height
    return tuple(tuple(page) for page in pages if page) or ((),)


def _groups(strips: Iterable[Strip | Turn]) -> Iterable[tuple[Strip, ...] | Turn]:
    """Strips that stay together: each that keeps, with what follows it."""
    group: list[Strip] = []
    for strip in strips:
        if isinstance(strip, Turn):
            if group:
                yield tuple(group)
            group = []
            yield strip
            continue
        group.append(strip)
        if not strip.keeps:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)
