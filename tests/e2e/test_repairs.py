"""Each kind of repair, from the issue to its end, as the user walks through it."""

from playwright.async_api import Locator, expect

from .homes import Cloud
from .screen import Screen

REPAIRS = "/config/repairs"
INVERTER = "Fronius Symo GEN24 10.0 Plus"
CAR = "Volkswagen ID.4"


async def listed(screen: Screen, words: str) -> Locator:
    """Return a repair of the list, once it is there."""
    await screen.open(REPAIRS)
    item = screen.page.get_by_role("button", name=words)
    await expect(item).to_be_visible()
    return item


async def test_all_at_once(screen: Screen, cloud: Cloud) -> None:
    """The list tells what each of them is about, also at night and on a phone."""
    for device_id, action in (
        (cloud.inverter, {"code": "reauthenticate"}),
        (cloud.car, {"code": "information", "message": "Winter is coming."}),
        (cloud.car, {"code": "approve_new_tariff"}),
    ):
        await cloud.tell("POST", f"devices/{device_id}/actions", action)
        await screen.home.poll(device_id)
    await listed(screen, f"{INVERTER} has lost its connection")
    await listed(screen, f"Podero has a message about {CAR}")
    await listed(screen, f"{CAR} needs your attention")
    await screen.pictures("repairs", height=560)

    for device_id in (cloud.inverter, cloud.car):
        device = await cloud.tell("GET", f"devices/{device_id}")
        for action in device["actions"]:
            await cloud.tell("DELETE", f"actions/{action['id']}")
        await screen.home.poll(device_id)
    await expect(
        screen.page.get_by_text("There are currently no repairs")
    ).to_be_visible()


async def test_reauthenticate(screen: Screen, cloud: Cloud) -> None:
    """The flow leads to the manufacturer's page, insists, and closes the issue."""
    await cloud.tell(
        "POST", f"devices/{cloud.inverter}/actions", {"code": "reauthenticate"}
    )
    await screen.home.poll(cloud.inverter)
    issue = await listed(screen, f"{INVERTER} has lost its connection")
    await issue.click()

    dialog = screen.dialog()
    await dialog.says("Sign in at the manufacturer again")
    await dialog.picture("repair-reauthenticate-1")
    await dialog.submit()
    link = dialog.root.get_by_role("link").filter(has_text="sign-in page")
    await expect(link).to_be_visible()
    await dialog.picture("repair-reauthenticate-2")

    # Not yet.
    await dialog.submit()
    await dialog.says("still")
    await dialog.picture("repair-reauthenticate-3")
    await dialog.submit()

    async with screen.page.context.expect_page() as opening:
        await link.click()
    provider = await opening.value
    await expect(provider.get_by_role("heading", name="Fronius")).to_be_visible()
    await provider.get_by_role("button", name="Sign in").click()
    # The manufacturer sends the browser back home.
    await provider.wait_for_url(f"**{REPAIRS}*")
    await provider.close()

    await dialog.submit()
    await expect(issue).to_be_hidden()


async def test_information(screen: Screen, cloud: Cloud) -> None:
    """The message is shown, and marked as read at Podero."""
    await cloud.tell(
        "POST",
        f"devices/{cloud.car}/actions",
        {
            "code": "information",
            "message": "Your car did not start charging twice this week. "
            "Please check whether its own timer is off.",
        },
    )
    await screen.home.poll(cloud.car)
    issue = await listed(screen, f"Podero has a message about {CAR}")
    await issue.click()
    dialog = screen.dialog()
    await dialog.says("check whether its own timer is off")
    await dialog.picture("repair-information")
    await dialog.submit()
    await expect(issue).to_be_hidden()
    assert not (await cloud.tell("GET", f"devices/{cloud.car}"))["actions"]


async def test_unsupported_action(screen: Screen, cloud: Cloud) -> None:
    """What Home Assistant does not know is told by its code."""
    action = await cloud.tell(
        "POST", f"devices/{cloud.inverter}/actions", {"code": "approve_new_tariff"}
    )
    await screen.home.poll(cloud.inverter)
    issue = await listed(screen, f"{INVERTER} needs your attention")
    await issue.click()
    details = screen.page.locator("dialog-repairs-issue")
    await expect(details.get_by_text("approve_new_tariff")).to_be_visible()
    await screen.picture("repair-unsupported-action", width=1000, height=760)

    await cloud.tell("DELETE", f"actions/{action['id']}")
    await screen.home.poll(cloud.inverter)
    await expect(issue).to_be_hidden()


async def test_stale_data(screen: Screen, cloud: Cloud) -> None:
    """Old data is told with its age, and the repair closes by itself with new data."""
    await cloud.tell(
        "PATCH",
        f"devices/{cloud.car}",
        {"fields": {"current_state_last_updated_at": "2026-09-14T06:30:00Z"}},
    )
    await screen.home.poll(cloud.car)
    issue = await listed(screen, f"{CAR} has sent nothing new for more than a day")
    await issue.click()
    details = screen.page.locator("dialog-repairs-issue")
    await expect(details.get_by_text("2026-09-14 08:30")).to_be_visible()
    await screen.picture("repair-stale-data", width=1000, height=760)

    await cloud.tell("DELETE", f"devices/{cloud.car}")
    await screen.home.poll(cloud.car)
    await expect(issue).to_be_hidden()
