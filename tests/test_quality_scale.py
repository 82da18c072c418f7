"""The quality scale's rules: every one has an answer, and every "done" something that proves it."""

import ast
import json
from pathlib import Path
import re
import tomllib
from typing import Any

import pytest
import yaml

from homeassistant.const import Platform

from .test_repository import INTEGRATION, MODULES, ROOT, headings

# By tier, as in the developers' documentation.
RULES = {
    "bronze": """
        action-setup appropriate-polling brands common-modules config-flow
        config-flow-test-coverage dependency-transparency docs-actions docs-conditions
        docs-high-level-description docs-installation-instructions
        docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
        has-entity-name runtime-data test-before-configure test-before-setup
        unique-config-entry
    """,
    "silver": """
        action-exceptions config-entry-unloading docs-configuration-parameters
        docs-installation-parameters entity-unavailable integration-owner
        log-when-unavailable parallel-updates reauthentication-flow test-coverage
    """,
    "gold": """
        devices diagnostics discovery discovery-update-info docs-data-update
        docs-examples docs-known-limitations docs-supported-devices
        docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices
        entity-category entity-device-class entity-disabled-by-default
        entity-translations exception-translations icon-translations
        reconfiguration-flow repair-issues stale-devices
    """,
    "platinum": "async-dependency inject-websession strict-typing",
}
ALL = [rule for rules in RULES.values() for rule in rules.split()]
# A cloud is not discovered, and triggers and conditions of one's own are not meant for
# integrations yet.
MAY_BE_EXEMPT = {
    "discovery",
    "discovery-update-info",
    "docs-conditions",
    "docs-triggers",
}

SCALE: dict[str, dict[str, str]] = yaml.safe_load(
    (INTEGRATION / "quality_scale.yaml").read_text()
)["rules"]
DONE = sorted(rule for rule, answer in SCALE.items() if answer["status"] == "done")


def names(path: Path) -> set[str]:
    """Return what a module defines: functions, classes, attributes and constants."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
    return found


def proves(evidence: str) -> bool:
    """Return whether what is named is there."""
    path, _, name = evidence.partition("::")
    path, _, heading = path.partition("#")
    file = next(
        (base / path for base in (INTEGRATION, ROOT) if (base / path).is_file()), None
    )
    if file is None:
        return False
    if heading:
        return heading in headings(file)
    return name in names(file) if name else True


def test_every_rule_has_an_answer() -> None:
    """No rule is missing, none is invented, and none is put off."""
    assert [len(rules.split()) for rules in RULES.values()] == [20, 10, 21, 3]
    assert SCALE.keys() == set(ALL)
    assert {answer["status"] for answer in SCALE.values()} == {"done", "exempt"}


def test_the_manifest_says_so() -> None:
    """The manifest claims the highest tier, whose rules are all answered."""
    manifest = json.loads((INTEGRATION / "manifest.json").read_text())
    assert manifest["quality_scale"] == list(RULES)[-1]


def test_exempt() -> None:
    """Only what cannot be is left out, with a reason; what there is has to follow the rule."""
    exempt = {
        rule: answer for rule, answer in SCALE.items() if answer["status"] == "exempt"
    }
    assert exempt.keys() <= MAY_BE_EXEMPT
    assert all(len(answer["comment"].split()) > 8 for answer in exempt.values())
    manifest = json.loads((INTEGRATION / "manifest.json").read_text())
    assert not manifest.keys() & {
        "bluetooth",
        "dhcp",
        "homekit",
        "mqtt",
        "ssdp",
        "usb",
        "zeroconf",
    }
    assert not [
        name
        for name in ("trigger", "condition")
        if (INTEGRATION / f"{name}.py").exists()
    ]


@pytest.mark.parametrize("rule", DONE)
def test_done(rule: str) -> None:
    """What is said to prove it is there: a heading for documentation, a test for the rest."""
    evidence = SCALE[rule]["comment"].split()
    assert [each for each in evidence if not proves(each)] == []
    if rule.startswith("docs-"):
        assert all("#" in each for each in evidence)
    else:
        assert [each for each in evidence if each.startswith("tests/")]


@pytest.mark.parametrize(
    "evidence",
    [
        "nowhere.py",
        "sensor.py::nothing",
        "README.md#nothing",
        "tests",
        "tests/nowhere.py::test_it",
    ],
)
def test_what_is_not_there_proves_nothing(evidence: str) -> None:
    """The checker does not believe everything."""
    assert not proves(evidence)


def test_parallel_updates() -> None:
    """Every platform says how many of its entities may ask at once: those that write, one."""
    found = {
        platform.value: [
            ast.literal_eval(node.value)
            for node in MODULES[path].body
            if isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "PARALLEL_UPDATES"
        ]
        for platform in Platform
        if (path := INTEGRATION / f"{platform.value}.py") in MODULES
    }
    one = {"button", "calendar", "number", "select", "switch", "time"}
    assert found == {name: [int(name in one)] for name in found}
    assert one < found.keys()


def test_nothing_in_hass_data() -> None:
    """What an entry holds is its runtime data."""
    assert not [
        path.name
        for path, module in MODULES.items()
        if "hass.data" in ast.unparse(module)
    ]


def test_exceptions_are_translated() -> None:
    """No error is raised towards Home Assistant with a sentence that only English has."""
    kinds = {"HomeAssistantError", "ServiceValidationError", "ConfigEntryAuthFailed",
             "ConfigEntryError", "ConfigEntryNotReady", "UpdateFailed"}  # fmt: skip
    calls = [
        node
        for module in MODULES.values()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in kinds
    ]
    assert len(calls) > 4
    for call in calls:
        assert not call.args
        assert {"translation_domain", "translation_key"} <= {
            each.arg for each in call.keywords
        }


def test_strict_typing() -> None:
    """The types are checked strictly, nothing is waved through, and what is required has types."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    mypy = project["tool"]["mypy"]
    assert mypy["strict"] is True
    assert "custom_components" in mypy["files"]
    assert not [
        path.name for path in MODULES if re.search(r"type:\s*ignore", path.read_text())
    ]
    manifest = json.loads((INTEGRATION / "manifest.json").read_text())
    assert manifest["requirements"] == []


def test_every_branch_is_tested() -> None:
    """The suite fails below full coverage, and nothing is left out of it."""
    coverage = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]
    assert coverage["run"] == {"branch": True, "source": ["custom_components/podero"]}
    assert coverage["report"]["exclude_also"] == ["if TYPE_CHECKING:"]
    assert "--cov-fail-under=100" in (ROOT / "scripts/test").read_text()
    assert not [path.name for path in MODULES if "pragma" in path.read_text()]
