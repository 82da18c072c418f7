"""What makes the cloud rude: lists that lag, devices that are shared, refusals, bad days."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from . import gossip
from .chance import uuid
from .devices import Device, Kind
from .faults import Fault
from .handles_money import MoneyHandles
from .junk import Junk
from .misbehaviour import KINDS, Misbehaviour
from .presence import presence_at
from .refusals import Refusal
from .times import to_seconds


class RudeHandles(MoneyHandles):
    """The cloud with the switches for its manners."""

    # Lists

    def changing(self, device_id: str) -> Device:
        """Return a device whose place in the lists is about to change, after a note of how it was."""
        device = self.device(device_id)
        device.past.append((self.clock.seconds(), device.presence))
        return device

    def listed(self, user_id: str, kind: Kind, *, deleted: bool) -> list[Device]:
        """Return what a user's list of a kind has in it, as late as the conventions want.

        Args:
            user_id: The user.
            kind: The kind.
            deleted: Whether deleted devices are in it.
        """
        moment = self.clock.seconds() - self.conventions.list_lag_s
        found = []
        for device in self.devices.values():
            if device.kind is not kind:
                continue
            presence = presence_at(device.past, device.presence, moment)
            born = device.created_at <= max(moment, self.begin)
            if user_id not in presence.users or not presence.listed or not born:
                continue
            if presence.exists and (deleted or presence.deleted_at is None):
                found.append(device)
        return found

    def share(self, device_id: str, user_id: str) -> None:
        """Let another user have a device too: in the list, and below the user's path."""
        self.changing(device_id).shared_with.add(self.household(user_id).user_id)

    def unshare(self, device_id: str, user_id: str) -> None:
        """Take a shared device from a user."""
        self.changing(device_id).shared_with.discard(user_id)

    def haunt(self, device_id: str) -> None:
        """Delete a device without a word in the lists: only its detail is gone."""
        device = self.changing(device_id)
        device.deleted_at, device.ghost = self.clock.seconds(), True

    def misname(self, device_id: str, other_id: str) -> None:
        """Let the detail of a device name another id, until ``heal``."""
        fields = {"id": other_id}
        self.faults.add(Fault(path=f"/{device_id}$", method="GET", fields=fields))

    def crowd(
        self, user_id: str, kind: str, count: int, *, whole: bool = False
    ) -> None:
        """Add many devices to a user's list, or users (kind ``users``) to the list of users.

        Args:
            user_id: The user; of no matter for users.
            kind: The kind, as in the path.
            count: How many; 0 takes them away.
            whole: Whether they have all fields, and details; else nothing but an id.

        Raises:
            ValueError: There is no such kind, or no device to copy.
        """
        if kind != "users":
            owned = self.owned(self.household(user_id).user_id, Kind(kind))
            if whole and not owned:
                msg = "there is no device to copy"
                raise ValueError(msg)
            if whole:
                ids = self.crowd_ids(user_id, kind, count)
                self._crowd_ids |= dict.fromkeys(ids, owned[0])
        self.crowds[user_id if kind != "users" else "", kind] = (count, whole)

    def crowd_ids(self, user_id: str, kind: str, count: int) -> list[str]:
        """Return the ids of devices or users that are there besides."""
        return [
            uuid(self.seed, "crowd", user_id, kind, number) for number in range(count)
        ]

    def crowd_items(
        self, user_id: str, kind: str, whole: Mapping[str, object] | None
    ) -> list[dict[str, object]]:
        """Return what a list has besides.

        Args:
            user_id: The user; empty for the list of users.
            kind: The kind.
            whole: What an item of the list looks like.
        """
        count, is_whole = self.crowds.get((user_id, kind), (0, False))
        base = dict(whole or {}) if is_whole else {}
        return [base | {"id": each} for each in self.crowd_ids(user_id, kind, count)]

    def crowd_template(self, device_id: str) -> Device | None:
        """Return the device of which one of a crowd is a copy."""
        return self._crowd_ids.get(device_id)

    # Series

    def refuse(
        self,
        start: datetime,
        end: datetime,
        *,
        device_id: str | None = None,
        tries: int | None = None,
        until: datetime | None = None,
    ) -> Refusal:
        """Refuse (400) every series that touches a span; :class:`Refusal` says how long."""
        rule = Refusal(
            start=to_seconds(start),
            end=to_seconds(end),
            device_id=device_id,
            tries=tries,
            until=None if until is None else to_seconds(until),
        )
        self.refusals.append(rule)
        return rule

    # Bad days

    def misbehave(
        self, seed: int, rate: float, *, kinds: Sequence[str] = KINDS, **options: Any
    ) -> Misbehaviour:
        """Draw faults from a seed from now on; :class:`Misbehaviour` says what the arguments mean.

        Faults that were asked for by ``fail`` go first.
        """
        self.misbehaviour = Misbehaviour(
            self.clock, self.tokens, seed=seed, rate=rate, kinds=kinds, **options
        )
        return self.misbehaviour

    def junk(
        self,
        seed: int = 1,
        rate: float = 0.1,
        *,
        path: str = "/org/",
        fields: str = ".",
        ids: bool = False,
    ) -> None:
        """Exchange values of good answers for junk; :class:`Junk` says how."""
        junk = Junk(seed=seed, rate=rate, fields=fields, ids=ids)
        self.faults.add(Fault(path=path, junk=junk))

    def gossip(self, user_id: str | None = None) -> tuple[str, ...]:
        """Return what errors tell of a user, else of the first, where they are chatty: piece by piece."""
        people = [item for item in self._households if user_id in {None, item.user_id}]
        return gossip.pieces(people[0]) if people else (gossip.PHONE, gossip.LINK)

    def be_polite(self) -> None:
        """Take back what was done here, but not who owns and shares what."""
        self.refusals.clear()
        self.memory.clear()
        self.crowds.clear()
        self._crowd_ids.clear()
        if self.misbehaviour is not None:
            self.misbehaviour.stop()
