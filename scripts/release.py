"""What a release is called and what is new in it, for the workflow that makes it.

``python3 scripts/release.py TAG`` prints the changes of a version, and fails unless
the manifest and the changelog are those of the version that the tag names.
``python3 scripts/release.py --is-prerelease TAG`` prints ``true`` or ``false``.
It needs nothing but Python's own library.
"""

import argparse
import json
from pathlib import Path
import re
import sys

ROOT = Path(__file__).parents[1]


class ReleaseError(Exception):
    """The tag, the manifest and the changelog do not agree."""


def version_of(tag: str) -> str:
    """Return the version that a tag such as ``v1.2.0`` names."""
    if not re.fullmatch(r"v\d+\.\d+\.\d+\S*", tag):
        msg = f"{tag} is no tag of a version, such as v1.2.0"
        raise ReleaseError(msg)
    return tag.removeprefix("v")


def is_prerelease(version: str) -> bool:
    """Return whether more than numbers (and a build, after a +) makes the version."""
    return not re.fullmatch(r"\d+\.\d+\.\d+(\+\S+)?", version)


def changes(changelog: str, version: str) -> str:
    """Return what the changelog says below the heading of a version.

    The heading's first word is the version to the letter; a date may follow.
    """
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    for section in sections:
        heading, _, text = section.partition("\n")
        if heading.split()[:1] == [version] and text.strip():
            return text.strip() + "\n"
    msg = f"CHANGELOG.md has no changes of {version}"
    raise ReleaseError(msg)


def notes(root: Path, version: str) -> str:
    """Return the changes of the version that a checkout has."""
    manifest = json.loads((root / "custom_components/podero/manifest.json").read_text())
    if manifest["version"] != version:
        msg = f"the manifest says {manifest['version']}, the tag {version}"
        raise ReleaseError(msg)
    return changes((root / "CHANGELOG.md").read_text(), version)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Do what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/release.py", description=__doc__)
    parser.add_argument("--is-prerelease", action="store_true")
    parser.add_argument("tag")
    asked = parser.parse_args(arguments)
    try:
        version = version_of(asked.tag)
        if asked.is_prerelease:
            print(str(is_prerelease(version)).lower())
        else:
            print(notes(root, version), end="")
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
