"""How households charge: their configuration, and the handles for mode, plug and thresholds."""

from .charging import (
    CHARGING_MODES,
    MIN_BAND_W,
    ChargingMode,
    available_modes,
    follows_sun,
)
from .cloud import Cloud
from .devices import Device, Kind
from .errors import not_found, refused
from .steered_car import SteeredCar
from .times import QUARTER, iso
from .wallbox import Wallbox


def _is_signed_in(device: Device) -> bool:
    return device.overrides.get("is_authenticated", True) is True


class ChargingWorld(Cloud):
    """The cloud with what can be done to charging."""

    def live(self, user_id: str, kind: Kind) -> list[Device]:
        """Return a user's devices of a kind that are there."""
        return [
            device
            for device in self.owned(user_id, kind)
            if device.exists and device.deleted_at is None
        ]

    def wallbox(self, device: Device) -> Wallbox:
        """Return what a wallbox does, computed up to now.

        Raises:
            ApiError: 404, it is no wallbox.
        """
        if not isinstance(device.source, Wallbox):
            raise not_found()
        device.home.advance(self.clock.seconds() // QUARTER)
        return device.source

    # What is possible

    def lacking(self, user_id: str) -> tuple[list[str], list[str]]:
        """Return what a user lacks for charging by the sun, and by price, as codes."""
        sun = []
        inverters = self.live(user_id, Kind.INVERTER)
        if not any(map(_is_signed_in, self.live(user_id, Kind.WALLBOX))):
            sun.append("no_actuator")
        if not inverters:
            sun.append("no_inverter")
        elif not any(map(_is_signed_in, inverters)):
            sun.append("inverter_no_export_data")
        return sun, [] if self.live(user_id, Kind.VEHICLE) else ["no_ev"]

    def charging_config(self, user_id: str) -> dict[str, object]:
        """Return a user's charging configuration.

        Raises:
            ApiError: 404, the user has nothing that charges.
        """
        cars = self.live(user_id, Kind.VEHICLE)
        boxes = self.live(user_id, Kind.WALLBOX)
        if not cars and not boxes:
            raise not_found()
        settings = self.household(user_id).charging
        primary = (boxes or cars)[0]
        sun, price = self.lacking(user_id)
        modes = {
            settings.mode if device.source.settings.is_smart_optimization_active else ""
            for device in boxes + cars
        }
        thresholds = {
            "hems_min_export_to_start_w": settings.hems_min_export_to_start_w,
            "hems_max_import_before_stopping_w": settings.hems_max_import_before_stopping_w,
        }
        differ = False
        if not boxes:
            # Without a wallbox the cars themselves have the thresholds
            each = [
                {name: getattr(car.source.settings, name) for name in thresholds}
                for car in cars
            ]
            thresholds, differ = each[0], any(item != each[0] for item in each)
        answer: dict[str, object] = {
            "smart_charging_mode": settings.mode,
            "mode_conflict": settings.mode != "none" and len(modes) > 1,
            "config_divergence": differ,
            "devices": [
                {
                    "device_id": device.id,
                    "device_type": "ev" if device.kind is Kind.VEHICLE else "wallbox",
                    "is_primary_actuator": device is primary,
                }
                for device in boxes + cars
            ],
            "available_modes": [
                {"mode": mode, "available": not reasons, "reasons": reasons}
                for mode, reasons in available_modes(sun, price).items()
            ],
            "hems_eligible": not sun,
            "hems_ineligible_reasons": sun,
            "thresholds": {**thresholds, "min_band_w": MIN_BAND_W},
            "health_warning": self._warning(user_id, settings.mode, sun),
            "status": self._charging_status(boxes),
        }
        return answer | self.charging_overrides.get(user_id, {})

    def _warning(
        self, user_id: str, mode: ChargingMode, lacking: list[str]
    ) -> dict[str, object] | None:
        """Return since when a mode that needs the sun has lacked something."""
        if not lacking or not follows_sun(mode):
            return None
        times = [self.begin]
        for kind in (Kind.INVERTER, Kind.WALLBOX):
            for device in self.owned(user_id, kind):
                times.append(device.deleted_at or 0)
                times += [cue.sent_at for cue in self.cues.of(device.id)]
        return {"since": iso(max(times))}

    def _charging_status(self, boxes: list[Device]) -> dict[str, object]:
        now = self.clock.seconds()
        sources = [self.wallbox(device) for device in boxes]
        return {
            "charge_power_w": sum(source.power_at(now)[1] for source in sources),
            "solar_kwh_today": round(
                sum(source.solar_kwh_today(now) for source in sources), 3
            ),
            "as_of": iso(now - now % 60),
        }

    # What changes

    def set_charging_mode(self, user_id: str, mode: str) -> None:
        """Let a household charge in another mode, available or not.

        Raises:
            ValueError: There is no such mode.
        """
        known = next((each for each in CHARGING_MODES if each == mode), None)
        if known is None:
            msg = f"no such charging mode: {mode}"
            raise ValueError(msg)
        self._configure(user_id, known, {})

    def update_charging_config(
        self, user_id: str, mode: ChargingMode | None, thresholds: dict[str, float]
    ) -> None:
        """Change a user's charging configuration, all of it or nothing.

        Args:
            user_id: The user.
            mode: The new mode, None to keep it.
            thresholds: W by name; those left out are kept.

        Raises:
            ApiError: 404, the user has nothing that charges; 422, it is not possible.
        """
        now = self.charging_config(user_id)
        reasons = available_modes(*self.lacking(user_id))[mode or "none"]
        if reasons:
            message = f"The mode {mode} is not available: {', '.join(reasons)}"
            raise refused(422, message)
        shown = now["thresholds"]
        if thresholds and isinstance(shown, dict):
            values = {name: shown[name] for name in shown if name.startswith("hems_")}
            band = sum((values | thresholds).values())
            if band < MIN_BAND_W:
                message = (
                    f"The thresholds are {band:g} W apart, at least {MIN_BAND_W} W "
                    "are needed"
                )
                raise refused(422, message)
        self._configure(user_id, mode, thresholds)

    def _configure(
        self, user_id: str, mode: ChargingMode | None, thresholds: dict[str, float]
    ) -> None:
        now = self.clock.seconds()
        household = self.household(user_id)
        household.reconsider(now // QUARTER, now)
        for name, value in thresholds.items():
            setattr(household.charging, name, value)
            for device in self.live(user_id, Kind.VEHICLE):
                setattr(device.source.settings, name, int(value))
        if mode is None or mode == household.charging.mode:
            return
        household.charging.mode = mode
        visitors = [each.visitor for each in household.wallboxes if each.visitor]
        cars: list[SteeredCar] = [*household.cars, *visitors]
        for car in cars:
            car.set_mode(mode, now)

    def override_charging(self, user_id: str, **values: object) -> None:
        """Let fields of a charging configuration say what is wanted, until :meth:`restore_charging`."""
        self.charging_overrides.setdefault(user_id, {}).update(values)

    def restore_charging(self, user_id: str) -> None:
        """Let a charging configuration say what is true."""
        self.charging_overrides.pop(user_id, None)

    def plug_wallbox(self, device_id: str, plugged: bool = True) -> None:
        """Let a visitor's car be plugged in where nothing is, or pull the plug of whatever is.

        Raises:
            ApiError: 404, there is no such wallbox.
        """
        device = self.device(device_id)
        wallbox = self.wallbox(device)
        now = self.clock.seconds()
        car = wallbox.car_at(now)
        if plugged is (car is not None):
            return
        self.reconsider(device)
        if car is None:
            wallbox.plug(now, device.home.next)
        else:
            wallbox.unplug(car, now)

    def wallbox_now(self, device_id: str) -> dict[str, object]:
        """Return what a wallbox does now, and why.

        Raises:
            ApiError: 404, there is no such wallbox.
        """
        wallbox = self.wallbox(self.device(device_id))
        return wallbox.truth(self.clock.seconds())
