"""What the API's documentation leaves open, as switches."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Literal


@dataclass(kw_only=True)
class Conventions:
    """One reading of the contract. Every one can be changed at run time."""

    series_grid: Literal["signed", "export_only"] = "signed"
    price_unit: str = "EUR/MWh"
    """``EUR/MWh``, ``EUR/kWh`` or ``ct/kWh``: the unit of a series' prices."""
    tells_units: bool = True
    """Whether the metadata of a series names units."""
    max_span_days: float | None = 366
    """A longer span of a series is answered with 400."""
    max_span_status: int = 400
    max_age_days: float | None = None
    """A span of a series that begins longer ago is answered with 400."""
    needs_keywords: bool = False
    """Whether a series without keywords has nothing but times."""
    sessions_by: Literal["plug_in", "end"] = "plug_in"
    """Which time of a session the date filter looks at."""
    sessions_order: Literal["oldest", "newest", "shuffled"] = "newest"
    hides_deleted: bool = True
    """Whether a deleted device is 404 unless asked for with include_deleted."""
    unknown_org_status: int = 403
    """What a client gets for an organization that is not its own."""
    secret_refused_status: int = 403
    auth_session_clears_cue: bool = True
    information_needs_action: bool = False
    """Whether an information action alone sets action_needed."""
    provider_reports: bool = True
    """Whether the provider's page reports the outcome itself."""
    savings_zone: Literal["utc", "home"] = "utc"
    """Whose calendar the periods of savings follow."""
    savings_units: Mapping[str, str] = field(
        default_factory=lambda: {"savings": "EUR", "consumption": "Wh"}
    )
    """How the metadata of savings names units; the values stay EUR and Wh."""
    price_unit_name: str | None = None
    """How the metadata of a series spells the unit of prices, if not as ``price_unit``."""
    price_unit_after: Mapping[str, str] | None = None
    """``at`` (ISO time) and ``unit``: points from then on have prices in another unit."""
    sessions_total: Literal["exact", "growing", "endless"] = "exact"
    """``growing``: each page promises another; ``endless``: and there is one."""
    list_lag_s: int = 0
    """By how many seconds the lists lag behind the details."""
    chatty_errors: bool = False
    """Whether errors tell names, numbers, places and links."""
    policy_seconds: bool = True
    """Whether the weekly policy spells its deadlines with seconds."""
    boost_late_s: int = 0
    """For how many seconds the detail does not show a boost that was asked for."""
    provider_scheme: str | None = None
    """Replaces the scheme of the provider's addresses."""
    absent: Mapping[str, int] = field(default_factory=dict)
    """Endpoints that the organization lacks, with the status they answer: names of kinds as in the paths,
    ``hems-sessions`` and ``charging-config``."""

    def update(self, **values: object) -> None:
        """Change some.

        Raises:
            ValueError: There is no such convention.
        """
        known = {each.name for each in fields(self)}
        if unknown := set(values) - known:
            msg = f"no such convention: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        for name, value in values.items():
            setattr(self, name, value)

    def to_json(self) -> dict[str, object]:
        """All of them by name."""
        return asdict(self)
