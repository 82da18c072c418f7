"""Who sees a device in the lists, now and a while ago."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Presence:
    """How a device stands with the lists."""

    users: frozenset[str]
    """Ids of those who own it or share it."""
    listed: bool
    exists: bool
    deleted_at: int | None


def presence_at(
    past: list[tuple[int, Presence]], now: Presence, moment: int
) -> Presence:
    """Return how a device stood at a time.

    Args:
        past: What was, each with the time until which it was.
        now: What is.
        moment: The time.
    """
    return next((presence for until, presence in past if moment < until), now)
