"""What the demo's check would miss if it were wrong, and the artwork."""

from datetime import UTC, datetime
from pathlib import Path
import socket

from PIL import Image
import pytest

from scripts import artwork
from scripts.demonstration.comparison import (
    TABLES,
    Expected,
    Value,
    agree,
    compare,
    expected_of_detail,
)
from scripts.demonstration.energy import yesterday
from scripts.demonstration.log import complaints
from scripts.demonstration.processes import free_port

ENTITIES = {
    "1_grid_power": {"entity_id": "sensor.grid", "disabled_by": None},
    "1_trading": {"entity_id": "binary_sensor.trading", "disabled_by": "integration"},
}
GRID = Expected(key="grid_power", value=-728.0, unit="W", because="export 728")


def state(value: str, unit: str | None = "W") -> dict[str, object]:
    """Return the states of a Home Assistant with one sensor."""
    return {
        "sensor.grid": {"state": value, "attributes": {"unit_of_measurement": unit}}
    }


@pytest.mark.parametrize(
    ("said", "unit", "complaint"),
    [
        ("728.0", "W", "sensor.grid is 728.0, but export 728 makes -728.0"),
        ("unknown", "W", "sensor.grid is unknown, but export 728 makes -728.0"),
        ("-728.0", "kW", "sensor.grid is in kW, not W"),
    ],
)
def test_a_wrong_state_is_told(said: str, unit: str, complaint: str) -> None:
    """A sign, a missing value and a unit are each noticed."""
    result = compare("1", [GRID], ENTITIES, state(said, unit))
    assert (result.agreed, result.differences) == (0, (complaint,))


def test_what_is_not_there_is_told() -> None:
    """An entity that was never made, and one without a state."""
    other = Expected(key="home_power", value=1.0, unit="W", because="")
    result = compare("1", [GRID, other], ENTITIES, {})
    assert result.differences == (
        "sensor.grid: has no state",
        "home_power: there is no such entity",
    )


def test_only_what_says_something_counts() -> None:
    """An unknown value that should be unknown agrees, but is no live value."""
    unknown = Expected(key="grid_power", value=None, unit="W", because="null")
    disabled = Expected(key="trading", value="on", unit=None, because="true")
    said = compare("1", [GRID, disabled], ENTITIES, state("-728"))
    nothing = compare("1", [unknown], ENTITIES, state("unknown"))
    assert (said.agreed, said.differences) == (1, ())
    assert (nothing.agreed, nothing.differences) == (0, ())


@pytest.mark.parametrize(
    ("said", "expected", "agrees"),
    [
        ("2026-11-21T08:15:00+00:00", datetime(2026, 11, 21, 8, 15, tzinfo=UTC), True),
        ("2026-11-21T09:15:00+00:00", datetime(2026, 11, 21, 8, 15, tzinfo=UTC), False),
        ("unknown", datetime(2026, 11, 21, 8, 15, tzinfo=UTC), False),
        ("0.3000000001", 0.3, True),
        ("0.31", 0.3, False),
        ("off", "off", True),
        ("unavailable", None, False),
    ],
)
def test_agreement(said: str, expected: Value, agrees: bool) -> None:
    """Times agree as moments, numbers but for rounding, texts to the letter."""
    assert agree(said, expected) is agrees


def test_signs_and_words_of_the_table() -> None:
    """What Podero says is turned into what Home Assistant must show."""
    fields = {field: None for _, field, _, _ in TABLES["inverters"]}
    detail = fields | {
        "current_power_to_grid_w": "728",
        "battery_charge_discharge_power_w": -100,
        "inverter_forced_mode_since": "0001-01-01T00:00:00Z",
        "monitoring_status": "unknown",
        "price_zone": "AT",
    }
    values = {each.key: each.value for each in expected_of_detail("inverters", detail)}
    assert values["grid_power"] == -728
    assert (values["grid_import_power"], values["grid_export_power"]) == (0, 728)
    assert (values["battery_charge_power"], values["battery_charging"]) == (100, "on")
    assert values["forced_mode_since"] is values["monitoring_status"] is None
    assert values["price_zone"] == "at"


@pytest.mark.parametrize("offset", ["", "+00:00", "-03:30"])
def test_the_log_is_read_by_records(tmp_path: Path, offset: str) -> None:
    """A trace belongs to its record; other integrations' trouble is not ours.

    Home Assistant 2026.11 writes times with their offset, older ones without.
    """
    log = tmp_path / "home-assistant.log"
    log.write_text(
        f"2026-11-21 08:00:00.000{offset} INFO (MainThread) [custom_components.podero] fine\n"
        f"2026-11-21 08:00:01.000{offset} ERROR (MainThread) [homeassistant] Error doing job\n"
        "Traceback (most recent call last):\n"
        '  File "custom_components/podero/sensor.py", line 1, in f\n'
        f"2026-11-21 08:00:02.000{offset} WARNING (MainThread) [other] not ours\n"
    )
    (found,) = complaints(log)
    first, *_, last = found.splitlines()
    assert first.endswith("ERROR (MainThread) [homeassistant] Error doing job")
    assert last.endswith("line 1, in f")


@pytest.mark.parametrize(
    "words", ["", "21.11.2026 08:00:01 ERROR [custom_components.podero] Error\n"]
)
def test_a_log_that_cannot_be_read_is_no_clean_one(tmp_path: Path, words: str) -> None:
    """Without a single record, nothing is known of what went wrong."""
    log = tmp_path / "home-assistant.log"
    log.write_text(words)
    assert complaints(log) == ["no record that could be read"]


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 3, 30, 12, tzinfo=UTC), 23),
        (datetime(2026, 10, 26, 12, tzinfo=UTC), 25),
        (datetime(2026, 6, 1, 23, 30, tzinfo=UTC), 24),
    ],
)
def test_yesterday_has_its_own_length(now: datetime, hours: int) -> None:
    """Yesterday is a day of the home's time zone, however long."""
    start, end = yesterday(now)
    assert (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() == hours * 3600
    assert (start.hour, end.hour) == (0, 0)


def test_a_taken_port_is_not_used(unused_tcp_port: int) -> None:
    """The wanted port is returned if it is free, otherwise another."""
    assert free_port(unused_tcp_port) == unused_tcp_port
    with socket.create_server(("127.0.0.1", unused_tcp_port)):
        assert free_port(unused_tcp_port) != unused_tcp_port


@pytest.mark.parametrize("prefix", ["", "dark_"])
def test_artwork_has_the_sizes_that_home_assistant_asks_for(prefix: str) -> None:
    """Icons are squares, logos lie; both have a version of twice the size."""
    for name, height in (("icon", 256), ("logo", 256)):
        with (
            Image.open(artwork.BRAND / f"{prefix}{name}.png") as small,
            Image.open(artwork.BRAND / f"{prefix}{name}@2x.png") as large,
        ):
            assert (small.height, large.height) == (height, 2 * height)
            assert abs(large.width - 2 * small.width) <= 1
            assert (small.width == small.height) == (name == "icon")
            assert small.mode == "RGBA"
