"""The table of statistics: names, ids and what the recorder has to know."""

import pytest

from custom_components.podero.history import (
    STATISTICS,
    Role,
    async_statistic_names,
    statistic_id,
)
from custom_components.podero.history.sources import (
    InverterSource,
    SavingsSource,
    VehicleSource,
)
from custom_components.podero.history.statistics import metadata
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.core import HomeAssistant

DEVICE = "2282657B-acd0-5bb0-b309-57a5ab4b439e"


def test_every_statistic_has_a_source() -> None:
    """Sources name statistics of the table, and between them all."""
    named = [
        kind
        for source in (InverterSource, SavingsSource, VehicleSource)
        for kind in source.kinds
    ]
    assert {*named} == STATISTICS.keys()


def test_places_on_the_dashboard() -> None:
    """Each role has one statistic, costs have the energy that they are of."""
    roles = {
        statistic.role: kind
        for kind, statistic in STATISTICS.items()
        if statistic.role is not None
    }
    assert roles == {
        Role.SOLAR: "solar_energy",
        Role.GRID_IMPORT: "grid_import_energy",
        Role.GRID_EXPORT: "grid_export_energy",
        Role.GRID_IMPORT_COST: "grid_import_cost",
        Role.GRID_EXPORT_COMPENSATION: "grid_export_compensation",
        Role.BATTERY_CHARGE: "battery_charge_energy",
        Role.BATTERY_DISCHARGE: "battery_discharge_energy",
        Role.DEVICE: "charging_energy",
    }
    assert {
        kind: statistic.priced
        for kind, statistic in STATISTICS.items()
        if statistic.priced
    } == {
        "grid_import_cost": "grid_import_energy",
        "grid_export_compensation": "grid_export_energy",
    }


@pytest.mark.parametrize(
    ("language", "solar", "cost"),
    [
        ("en", "Solar energy", "Grid import cost"),
        ("de", "PV-Energie", "Kosten Netzbezug"),
        ("sv", "Solenergi", "Kostnad för import"),
        ("zh-Hans", "Solar energy", "Grid import cost"),
    ],
)
async def test_names(hass: HomeAssistant, language: str, solar: str, cost: str) -> None:
    """Each statistic has a short name in Home Assistant's language."""
    hass.config.language = language
    names = await async_statistic_names(hass)
    assert names.keys() == STATISTICS.keys()
    assert (names["solar_energy"], names["grid_import_cost"]) == (solar, cost)
    assert all(len(name) <= 40 for name in names.values())


async def test_metadata(hass: HomeAssistant) -> None:
    """The recorder is told the table's units, or those that the import names."""
    names = await async_statistic_names(hass)
    assert statistic_id(DEVICE, "savings") == (
        "podero:2282657bacd05bb0b30957a5ab4b439e_savings"
    )
    energy = metadata(DEVICE, "Inverter", "solar_energy", names=names)
    assert energy == {
        "source": "podero",
        "statistic_id": "podero:2282657bacd05bb0b30957a5ab4b439e_solar_energy",
        "name": "Inverter Solar energy",
        "unit_of_measurement": "kWh",
        "unit_class": "energy",
        "has_sum": True,
        "mean_type": StatisticMeanType.NONE,
    }
    cost = metadata(DEVICE, "Inverter", "grid_import_cost", names=names, unit="CHF")
    assert (cost["unit_of_measurement"], cost["unit_class"]) == ("CHF", None)
    level = metadata(DEVICE, "Inverter", "battery_level", names=names)
    assert (level["has_sum"], level["mean_type"]) == (
        False,
        StatisticMeanType.ARITHMETIC,
    )
    assert {kind for kind, each in STATISTICS.items() if each.is_energy} == {
        kind for kind in STATISTICS if kind.endswith("_energy")
    }
