"""Issues that only the user can solve: when there is one, and what it says."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
from simulator import Simulator

from .common import open_issues, pass_time, set_up

POLL = timedelta(minutes=6)
DETAIL = "/inverters/[^/]+$"


@pytest.mark.parametrize(
    ("code", "key", "severity", "is_fixable", "more"),
    [
        ("reauthenticate", "reauthenticate", "error", True, {}),
        ("information", "information", "warning", True, {}),
        (
            "update_firmware",
            "unsupported_action",
            "warning",
            False,
            {"codes": "update_firmware"},
        ),
    ],
)
async def test_issue_comes_and_goes_with_its_action(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    code: str,
    key: str,
    severity: str,
    is_fixable: bool,
    more: dict[str, str],
) -> None:
    """An action raises an issue, its end closes it, and another one raises it again."""
    for _ in range(2):
        assert not open_issues(hass)
        cue = simulator.add_action(inverter, code, message="Please read")
        await pass_time(hass, now, POLL)
        assert list(open_issues(hass)) == [f"{key}_{inverter}"]
        issue = open_issues(hass)[f"{key}_{inverter}"]
        assert issue.severity == severity
        assert issue.is_fixable is is_fixable
        assert issue.translation_key == key
        assert (
            issue.translation_placeholders
            == {
                "device": "Fronius Symo GEN24 10.0 Plus",
                "device_markdown": "Fronius Symo GEN24 10.0 Plus",
            }
            | more
        )
        # What changes with every poll is nowhere in it.
        assert issue.data is None
        await pass_time(hass, now, POLL)
        assert open_issues(hass) == {issue.issue_id: issue}
        simulator.remove_action(cue.id)
        await pass_time(hass, now, POLL)


async def test_issue_texts(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """An issue without a dialog says everything by itself."""
    texts = await async_get_translations(hass, "en", "issues", {DOMAIN})
    for key, placeholders in (
        ("unsupported_action", {"device": "Inverter", "codes": "update_firmware"}),
        ("stale_data", {"device": "Inverter", "since": "2026-05-19 12:00"}),
    ):
        placeholders["device_markdown"] = "Inverter"
        for part in ("title", "description"):
            text = texts[f"component.{DOMAIN}.issues.{key}.{part}"]
            assert "Inverter" in text.format(**placeholders) or part == "description"


async def test_several_codes_are_told_in_one_issue(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
) -> None:
    """All unknown codes are named once, in order, and as plain text."""
    for code in ("reboot", "accept_terms", "reboot", "[x](y)"):
        simulator.add_action(inverter, code)
    await set_up(hass, entry)
    issue = open_issues(hass)[f"unsupported_action_{inverter}"]
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["codes"] == "\\[x\\](y), accept_terms, reboot"


@pytest.mark.parametrize(
    ("is_authenticated", "expected"),
    [(False, True), ("false", True), (None, False), ("", False), (True, False)],
)
async def test_lost_authentication_without_an_action(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    car: str,
    is_authenticated: object,
    expected: bool,
) -> None:
    """Only what is surely lost raises the issue; null is not known."""
    simulator.override(car, is_authenticated=is_authenticated)
    await set_up(hass, entry)
    assert (f"reauthenticate_{car}" in open_issues(hass)) is expected


async def test_stale_data(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """Data that nobody renews grows old without a change, and says since when."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    simulator.override(
        inverter, current_state_last_updated_at="2026-05-19T11:00:00Z", comment="still"
    )
    await pass_time(hass, now, POLL)
    assert not open_issues(hass)
    await pass_time(hass, now, timedelta(hours=1))
    issue = open_issues(hass)[f"stale_data_{inverter}"]
    assert issue.severity is ir.IssueSeverity.WARNING
    assert not issue.is_fixable
    assert issue.translation_placeholders == {
        "device": "Fronius Symo GEN24 10.0 Plus",
        "device_markdown": "Fronius Symo GEN24 10.0 Plus",
        "since": "2026-05-19 13:00",
    }
    simulator.heal()
    await pass_time(hass, now, POLL)
    assert not open_issues(hass)


async def test_no_answer_is_not_stale_data(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """While Podero does not answer nothing is said of the data, nor taken back of other issues."""
    simulator.add_action(inverter, "information", message="Hello")
    await pass_time(hass, now, POLL)
    simulator.fail(DETAIL, status=503)
    for _ in range(30):
        await pass_time(hass, now, timedelta(hours=1))
    assert list(open_issues(hass)) == [f"information_{inverter}"]


async def test_data_that_never_came_is_not_stale(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: str
) -> None:
    """A device that never had any data has none that is old."""
    simulator.override(inverter, current_state_last_updated_at="0001-01-01T00:00:00Z")
    await set_up(hass, entry)
    assert not open_issues(hass)


async def test_issues_close_with_the_device(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
) -> None:
    """A device that is deleted takes its issues along, the ignored ones too."""
    for device_id in (inverter, car):
        simulator.add_action(device_id)
    simulator.add_action(inverter, "information", message="Hello")
    await pass_time(hass, now, POLL)
    assert len(open_issues(hass)) == 3
    ir.async_ignore_issue(hass, DOMAIN, f"information_{inverter}", True)
    simulator.conventions.hides_deleted = False
    simulator.delete(inverter)
    await pass_time(hass, now, POLL)
    assert list(open_issues(hass)) == [f"reauthenticate_{car}"]


async def test_issues_move_with_the_device(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    car: str,
) -> None:
    """A device that moves to another household keeps its issue, and the end of it."""
    await set_up(hass, both)
    cue = simulator.add_action(car)
    await pass_time(hass, now, POLL)
    simulator.move(car, simulator.households[1].user_id)
    cue.user_id = simulator.households[1].user_id
    for _ in range(3):
        await pass_time(hass, now, timedelta(hours=1))
    assert list(open_issues(hass)) == [f"reauthenticate_{car}"]
    simulator.remove_action(cue.id)
    await pass_time(hass, now, POLL)
    assert not open_issues(hass)


async def test_issues_close_with_the_entry(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
) -> None:
    """Without the entry nobody looks after the issues, so there are none."""
    simulator.add_action(inverter)
    await set_up(hass, entry)
    assert list(open_issues(hass)) == [f"reauthenticate_{inverter}"]
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not open_issues(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert list(open_issues(hass)) == [f"reauthenticate_{inverter}"]


async def test_issues_close_with_the_household(
    hass: HomeAssistant,
    simulator: Simulator,
    both: MockConfigEntry,
    inverter: str,
) -> None:
    """A household that is removed takes its issues along, the ignored ones too."""
    simulator.add_action(inverter)
    simulator.add_action(inverter, "information", message="Hello")
    kept = simulator.households[1].inverters[0].id
    simulator.add_action(kept)
    await set_up(hass, both)
    ir.async_ignore_issue(hass, DOMAIN, f"information_{inverter}", True)
    hass.config_entries.async_remove_subentry(both, next(iter(both.subentries)))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert list(open_issues(hass)) == [f"reauthenticate_{kept}"]


async def test_ignored_issue_stays_ignored(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
) -> None:
    """Neither polls nor a reload ask again; the end of the cause does, and removing the entry."""
    issue_id = f"reauthenticate_{inverter}"
    cue = simulator.add_action(inverter)
    await set_up(hass, entry)
    ir.async_ignore_issue(hass, DOMAIN, issue_id, True)
    await pass_time(hass, now, POLL)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, now, POLL)
    assert open_issues(hass)[issue_id].dismissed_version is not None

    simulator.remove_action(cue.id)
    await pass_time(hass, now, POLL)
    assert not open_issues(hass)
    simulator.add_action(inverter)
    await pass_time(hass, now, POLL)
    assert open_issues(hass)[issue_id].dismissed_version is None

    ir.async_ignore_issue(hass, DOMAIN, issue_id, True)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not open_issues(hass)
