"""A household works under each reading of what the API's documentation leaves open.

The number before a reading is that of the question in section 13 of the API notes. What
is about one request only is tested where it is sent: ways of asking for a token (1) in
api/test_auth.py, limits (2) in api/test_transport.py and api/test_client.py, answers to
changes (9) in api/test_client.py and test_controls.py, links, outcomes and parameters of
actions (10) in api/test_hosts.py and test_repairs.py.
"""

from collections.abc import Callable
from datetime import timedelta
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator import Simulator
from tests.common import make_entry, open_issues, pass_time, set_up, state
from tests.history.past import END, HOUR, assert_true, imported, statistics, this_hour

pytestmark = pytest.mark.usefixtures("home")

type Reading = Callable[[Simulator], object]


def convention(**values: Any) -> Reading:
    """Return what makes the cloud follow a convention."""
    return lambda simulator: simulator.conventions.update(**values)


def field(path: str, name: str, value: object) -> Reading:
    """Return what makes the cloud say something in all answers of a path."""
    return lambda simulator: simulator.fail(path, method="GET", fields={name: value})


def distorted(kind: str, **how: Any) -> Reading:
    """Return what makes the cloud leave out an hour of the series for good, or order it as it likes."""
    gap = {"start": END - timedelta(hours=9), "end": END - timedelta(hours=8)}
    return lambda simulator: simulator.distort(kind, **gap, **how)


def expiry(value: object) -> Reading:
    """Return what makes the cloud say how long a token is good."""

    def read(simulator: Simulator) -> None:
        simulator.tokens.expires_in = value

    return read


READINGS: dict[str, Reading] = {
    # A signed grid (5), no keywords (5), EUR/MWh (7), savings by days of UTC (7), newest
    # sessions first, and by their plug-in (8), deadlines with seconds (8), 404 for what
    # is deleted (11).
    "as-the-simulator-reads-it": convention(),
    "1-lifetime-of-tokens-missing": expiry(None),
    "1-lifetime-of-tokens-as-text": expiry("3600"),
    "5-series-grid-export-only": convention(series_grid="export_only"),
    "5-keywords-needed": convention(needs_keywords=True),
    "6-any-span": convention(max_span_days=None),
    "6-a-day-and-a-half-at-once": convention(max_span_days=1.5),
    "6-too-long-is-422": convention(max_span_days=1.5, max_span_status=422),
    "6-past-of-a-year": convention(max_age_days=365),
    "6-gaps-left-out": distorted("missing"),
    "6-gaps-are-null": distorted("null"),
    "6-any-order": distorted("shuffled"),
    "6-points-twice": distorted("duplicated"),
    "7-unit-not-told": convention(tells_units=False),
    "7-savings-of-local-days": convention(savings_zone="home"),
    "7-savings-unit-not-told": convention(savings_units={}),
    "7-savings-unit-in-words": convention(savings_units={"savings.total": "Euro"}),
    "8-unknown-words": lambda simulator: [
        simulator.override(
            device.id,
            lifecycle_state="hibernating",
            actual_steering_state="spot_hems",
            current_mode="a_new_mode",
            battery_policy="a_new_policy",
            last_boost_end_reason="a_new_reason",
            price_zone="XX",
        )
        for device in simulator.devices.values()
    ],
    "8-score-of-100": lambda simulator: [
        simulator.override(device.id, optimization_score=87.5)
        for device in simulator.devices.values()
    ],
    "8-score-of-1": lambda simulator: [
        simulator.override(device.id, optimization_score=0.875)
        for device in simulator.devices.values()
    ],
    "8-outcome-unknown": field("/sessions", "items.session_outcome", "a_new_outcome"),
    "8-sessions-by-end": convention(sessions_by="end"),
    "8-oldest-first": convention(sessions_order="oldest"),
    "8-sessions-in-any-order": convention(sessions_order="shuffled"),
    "8-deadlines-without-seconds": convention(policy_seconds=False),
    "11-deleted-is-there": convention(hides_deleted=False),
    "E-no-heat-pumps": convention(absent={"heat-pumps": 404}),
    "E-no-wallboxes": convention(absent={"wallboxes": 403}),
    "E-no-solar-sessions": convention(absent={"hems-sessions": 405}),
    "E-no-charging-config": convention(absent={"charging-config": 404}),
}


@pytest.mark.parametrize("reading", READINGS)
async def test_reading(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    reading: str,
) -> None:
    """Everything is there, the statistics are true, and nothing in the log worries anybody."""
    READINGS[reading](simulator)
    family = simulator.households[0]
    entry = make_entry(simulator, history_days=2)
    await set_up(hass, entry)
    await imported(hass)
    await pass_time(hass, now, HOUR)
    # What was not served, be it for want of keywords, cannot be there.
    is_partial = "gaps" in reading or "keywords" in reading
    await assert_true(
        hass,
        simulator,
        (*family.inverters, *family.vehicles),
        END - timedelta(days=2),
        this_hour(),
        served=is_partial,
    )
    unavailable = [
        each.entity_id
        for each in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if (found := hass.states.get(each.entity_id)) is None
        or found.state == STATE_UNAVAILABLE
    ]
    assert unavailable == []
    worries = [
        record.getMessage()
        for record in caplog.records
        if record.levelno > logging.INFO
        and record.name not in {"asyncio", "homeassistant.loader"}
    ]
    assert worries == []


@pytest.mark.parametrize("unit", ["EUR/MWh", "EUR/kWh", "ct/kWh"])
@pytest.mark.parametrize("tells_units", [True, False], ids=["told", "set"])
async def test_unit_of_prices(
    hass: HomeAssistant,
    simulator: Simulator,
    unit: str,
    tells_units: bool,
) -> None:
    """7: what power costs is the same in each unit, whether the answer or the household names it."""
    simulator.conventions.update(price_unit=unit, tells_units=tells_units)
    prices = {"import_price": "podero", "tax": 20.0, "export_price": "podero"}
    await set_up(
        hass,
        make_entry(simulator, history_days=2, prices=prices | {"price_unit": unit}),
    )
    await imported(hass)
    [inverter] = simulator.households[0].inverters
    truth = simulator.costs(inverter.id, END - timedelta(days=2), END, prices)
    for kind in ("grid_import_cost", "grid_export_compensation"):
        rows = await statistics(hass, inverter, kind, END - timedelta(days=2), END)
        assert rows[-1]["sum"] == pytest.approx(truth[kind], abs=1e-6)


@pytest.mark.parametrize("sets_action_needed", [True, False], ids=["set", "not-set"])
async def test_information(
    hass: HomeAssistant, simulator: Simulator, inverter: str, sets_action_needed: bool
) -> None:
    """10: a message is shown, whether or not it says that somebody has to act."""
    simulator.conventions.update(information_needs_action=sets_action_needed)
    simulator.add_action(inverter, "information", message="The tariff changes.")
    await set_up(hass, make_entry(simulator))
    assert f"information_{inverter}" in open_issues(hass)
    needed = state(hass, inverter, "action_needed", "binary_sensor").state
    assert needed == ("on" if sets_action_needed else "off")
