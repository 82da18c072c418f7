"""Print the packages that Home Assistant would fetch while the demo starts.

They are named in the manifests of the integrations that it always sets up and
of those that the demo's configuration adds.
"""

import json
from pathlib import Path

from homeassistant import bootstrap, components

COMPONENTS = Path(components.__file__).parent
DEMO = {"calendar", "config", "energy", "history", "logbook", "my", "sun"}
# Its voice processing has to be compiled, and a bare machine has no compiler.
WITHOUT = {"assist_satellite"}


def requirements(domains: set[str]) -> set[str]:
    """Return the requirements of some integrations and all they depend on."""
    seen: set[str] = set()
    found: set[str] = set()
    while domains:
        domain = domains.pop()
        seen.add(domain)
        manifest = json.loads((COMPONENTS / domain / "manifest.json").read_text())
        found.update(manifest.get("requirements", ()))
        domains.update(set(manifest.get("dependencies", ())) - seen)
    return found


def main() -> None:
    """Print them, one a line."""
    always = bootstrap.DEFAULT_INTEGRATIONS | bootstrap.CORE_INTEGRATIONS
    early = {name for _, names, _ in bootstrap.STAGE_0_INTEGRATIONS for name in names}
    wanted = (always | early - {"sentry", "debugpy"} | DEMO) - WITHOUT
    print("\n".join(sorted(requirements(wanted))))


if __name__ == "__main__":
    main()
