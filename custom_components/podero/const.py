"""Names that more than one module of the Podero integration uses."""

import logging
from typing import Final

DOMAIN: Final = "podero"
LOGGER: Final = logging.getLogger(__package__)

DEFAULT_HOST: Final = "https://app.podero.com"
SANDBOX_HOST: Final = "https://sandbox-app.podero.com"

# Config entry data: access to one organization.
CONF_ORG_ID: Final = "org_id"
CONF_REFRESH_TOKEN: Final = "refresh_token"
CONF_TOKEN_ROUTE: Final = "token_route"

# Config subentry data: one household in it.
SUBENTRY_HOUSEHOLD: Final = "household"
CONF_USER_ID: Final = "user_id"
CONF_HISTORY_DAYS: Final = "history_days"
CONF_ENERGY_DASHBOARD: Final = "energy_dashboard"
CONF_ALLOW_CONTROL: Final = "allow_control"
CONF_PRICES: Final = "prices"
CONF_IMPORT_PRICE: Final = "import_price"
CONF_IMPORT_FIXED: Final = "import_fixed"
CONF_PRICE_UNIT: Final = "price_unit"
CONF_SURCHARGE: Final = "surcharge"
CONF_TAX: Final = "tax"
CONF_EXPORT_PRICE: Final = "export_price"
CONF_EXPORT_FIXED: Final = "export_fixed"
