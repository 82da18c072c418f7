"""The handles that tests and demos pull: what goes wrong, what changes, who has to act."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from .battery import Battery
from .car import Car
from .chance import uuid
from .charging_world import ChargingWorld
from .cloud import Plan
from .cues import Cue, Errand
from .devices import Device
from .errors import not_found
from .faults import WEB_PAGE, Fault
from .handles_rude import RudeHandles
from .household import EXTRA_CAR, EXTRA_INVERTER
from .junk import Junk
from .plans import HEAT_PUMP, WALLBOX, Model
from .series import Distortion, DistortionKind
from .site import Site
from .times import QUARTER, to_seconds


class World(ChargingWorld, RudeHandles):
    """The cloud with everything that can be done to it."""

    # What goes wrong

    def fail(
        self,
        path: str,
        *,
        method: str | None = None,
        times: int | None = None,
        after: int = 0,
        delay: float = 0,
        late: float = 0,
        hold: str = "",
        stale: int = 0,
        junk: Mapping[str, Any] | None = None,
        status: int | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        html: bool = False,
        text: str | None = None,
        cut: bool = False,
        disconnect: bool = False,
        oversized: bool = False,
        redirect: str | None = None,
        fields: Mapping[str, object] | None = None,
    ) -> Fault:
        """Let requests go wrong; :class:`Fault` says what the arguments mean.

        ``html`` answers with a web page (200 unless ``status`` says else), ``text`` with what is not JSON.
        """
        content_type = "application/json"
        if html:
            status, body, content_type = status or 200, WEB_PAGE, "text/html"
        elif text is not None:
            status, body, content_type = status or 200, text, "text/plain"
        fault = Fault(
            path=path, method=method, times=times, after=after, delay=delay, status=status, body=body,
            headers=headers or {}, cut=cut, disconnect=disconnect, oversized=oversized,
            redirect=redirect, fields=fields or {}, content_type=content_type,
            late=late, hold=hold, stale=stale, junk=None if junk is None else Junk(**junk),
        )  # fmt: skip
        return self.faults.add(fault)

    def heal(self) -> None:
        """Take all faults, overrides, distortions, corrections, stalls and bad manners back."""
        self.faults.clear()
        self.distortions.clear()
        self.corrections.clear()
        for device in self.devices.values():
            device.overrides.clear()
            if isinstance(device.source, Car):
                self.end_stall(device.id)
        self.charging_overrides.clear()
        self.be_polite()

    def distort(
        self,
        kind: str,
        *,
        device_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        until: datetime | None = None,
        probability: float = 1.0,
        factor: float = 0.9,
        seconds: int = 0,
    ) -> Distortion:
        """Spoil series; :class:`Distortion` says how.

        Raises:
            ValueError: There is no such kind.
        """
        rule = Distortion(
            kind=DistortionKind(kind),
            device_id=device_id,
            start=None if start is None else to_seconds(start),
            end=None if end is None else to_seconds(end),
            until=None if until is None else to_seconds(until),
            probability=probability,
            factor=factor,
            seconds=seconds,
        )
        self.distortions.append(rule)
        return rule

    def correct_session(self, session_id: str, **values: object) -> None:
        """Let a session say something else from now on."""
        self.corrections.setdefault(session_id, {}).update(values)

    # What changes

    def override(self, device_id: str, **values: object) -> None:
        """Let fields of a device say what is wanted, until :meth:`restore`."""
        self.device(device_id).overrides.update(values)

    def restore(self, device_id: str) -> None:
        """Undo what was done to a device: overrides, deletion, hiding."""
        device = self.changing(device_id)
        device.overrides.clear()
        device.deleted_at, device.listed, device.exists = None, True, True
        device.ghost = False

    def delete(self, device_id: str) -> None:
        """Soft-delete a device."""
        self.changing(device_id).deleted_at = self.clock.seconds()

    def hide(self, device_id: str) -> None:
        """Leave a device out of the lists; its detail is still there."""
        self.changing(device_id).listed = False

    def remove(self, device_id: str) -> None:
        """Let a device be unknown everywhere."""
        self.changing(device_id).exists = False

    def move(self, device_id: str, user_id: str) -> None:
        """Give a device to another user."""
        self.changing(device_id).household = self.household(user_id)

    def change_model(
        self, device_id: str, manufacturer: str, model: str, year: int | None = None
    ) -> None:
        """Swap what a device is sold as."""
        self.device(device_id).model = Model(
            manufacturer=manufacturer, model=model, year=year
        )

    def connect_battery(self, device_id: str, capacity_kwh: float = 10) -> None:
        """Add a battery to an inverter, or exchange it.

        Raises:
            ApiError: 404, there is no such inverter.
        """
        device = self.device(device_id)
        if not isinstance(device.source, Site):
            raise not_found()
        self.reconsider(device)
        device.source.connect(
            Battery(
                capacity_wh=int(capacity_kwh * 1000), charge_w=4600, discharge_w=4600
            )
        )

    def add_inverter(self, user_id: str, *, battery_kwh: float | None = None) -> Device:
        """Let a user buy an inverter; its data begins now."""
        battery = None
        if battery_kwh is not None:
            battery = Battery(
                capacity_wh=int(battery_kwh * 1000), charge_w=4600, discharge_w=4600
            )
        return self._buy(user_id, replace(EXTRA_INVERTER, battery=battery))

    def add_vehicle(self, user_id: str) -> Device:
        """Let a user buy a car; its data begins now."""
        return self._buy(user_id, EXTRA_CAR)

    def add_heat_pump(self, user_id: str) -> Device:
        """Let a user buy a heat pump; its data begins now."""
        return self._buy(user_id, HEAT_PUMP)

    def add_wallbox(self, user_id: str) -> Device:
        """Let a user buy a wallbox; the next of the user's cars is plugged in there when it is at home."""
        return self._buy(user_id, WALLBOX)

    def _buy(self, user_id: str, plan: Plan) -> Device:
        household = self.household(user_id)
        now = self.clock.seconds()
        household.reconsider(now // QUARTER, now)
        self._extras += 1
        return self._add(household, f"{household.number}/extra/{self._extras}", plan)

    # Who has to act

    def add_action(
        self,
        device_id: str,
        code: str = "reauthenticate",
        *,
        message: str | None = None,
        required_parameters: Sequence[str] | None = None,
        link: str = "host",
    ) -> Cue:
        """Let a device need somebody; :class:`Cue` says what the arguments mean."""
        device = self.device(device_id)
        if required_parameters is None:
            required_parameters = (
                ["successUrl", "cancelUrl"] if code == "reauthenticate" else []
            )
        self._cues += 1
        cue = Cue(
            id=uuid(self.seed, "cue", self._cues),
            code=code,
            device_id=device.id,
            user_id=device.household.user_id,
            sent_at=self.clock.seconds(),
            message=message,
            required_parameters=tuple(required_parameters),
            link=link,
        )
        self.cues.pending[cue.id] = cue
        if code == "reauthenticate":
            device.overrides |= {
                "is_authenticated": False,
                "connection_status": "error",
            }
        return cue

    def remove_action(self, cue_id: str) -> None:
        """Let an action be done.

        Raises:
            ApiError: 404, it is not pending.
        """
        if (cue := self.cues.pending.pop(cue_id, None)) is None:
            raise not_found()
        if cue.code == "reauthenticate":
            self._reconnected(cue.device_id)

    def _reconnected(self, device_id: str) -> None:
        overrides = self.device(device_id).overrides
        overrides.pop("is_authenticated", None)
        overrides.pop("connection_status", None)

    def finish(self, errand: Errand, *, success: bool) -> None:
        """End a visit to the provider: signed in, or given up."""
        errand.over = True
        cue = self.cues.pending.get(errand.cue_id or "")
        if cue is not None:
            self.report(cue, success=success)
        elif success and errand.cue_id is None:
            self._reconnected(errand.device_id)
            if self.conventions.auth_session_clears_cue:
                for other in self.cues.of(errand.device_id):
                    if other.code == "reauthenticate":
                        self.remove_action(other.id)

    def report(self, cue: Cue, *, success: bool) -> None:
        """Take note of the outcome of an action."""
        cue.active = False
        if success:
            self.remove_action(cue.id)
