"""Writes THIRD_PARTY_NOTICES.md: what Peerwatch is used with, and under which licenses, from installed metadata.

Usage: python .ci/notices.py > THIRD_PARTY_NOTICES.md, in an environment with all extras (`make notices`). Versions are
in uv.lock and package-lock.json, and in the bill of materials that CI makes.
"""

import json
import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
AGENTS = ROOT / "src/peerwatch/sandboxes/provision/agents/package-lock.json"
WEIGHTS = ROOT / "src/peerwatch/models/sources.yaml"
LONGEST = 60
"""Characters of a license's name; some packages put the whole text there."""

HEAD = """# Third-party notices

Peerwatch is under the Apache License 2.0 ([LICENSE](LICENSE)). It is distributed without the software below: pip, npm,
apt and `peerwatch setup model` get it from those who publish it, under their own licenses. If you pass on an image of a
machine, or an environment with all of it, you pass on their work too. Claude Code is proprietary: do not publish an
image that holds it without permission from Anthropic. `make notices` writes this file.
"""

PAGE = """
## In a report's page

A page that `peerwatch report` writes holds Vega, Vega-Lite and Vega-Embed (BSD-3-Clause, University of Washington
Interactive Data Lab), which come with vl-convert-python, and in them D3 (ISC, Mike Bostock).

## On machines

The packages in `src/peerwatch/sandboxes/provision/packages.txt` and what they depend on, from Debian. Their licenses
are in `/usr/share/doc/PACKAGE/copyright` of each package. The log of an episode on machines has their names and
versions.
"""


def closure(lock: dict[str, Any]) -> list[str]:
    """Names of all that Peerwatch needs, with every extra, by uv's lock."""
    packages = {each["name"]: each for each in lock["package"]}
    found: set[str] = set()
    own = packages["peerwatch"]
    left = [*own["dependencies"], *(each for extra in own["optional-dependencies"].values() for each in extra)]
    while left:
        name = left.pop()["name"]
        if name not in found:
            found.add(name)
            package = packages[name]
            left += package.get("dependencies", [])
            left += [each for extra in package.get("optional-dependencies", {}).values() for each in extra]
    return sorted(found - {"peerwatch", "inspect-netns", "peerwatch-potter2026"})


def license_of(package: Distribution) -> str:
    """The license in a package's metadata, as a name."""
    about = package.metadata
    stated = about.get("License-Expression") or about.get("License") or ""
    name = stated.strip().partition("\n")[0]
    classified = [
        each.rpartition(" :: ")[2] for each in about.get_all("Classifier") or [] if each.startswith("License")
    ]
    usable = name and len(name) <= LONGEST and name.upper() != "UNKNOWN"
    return name if usable else ", ".join(classified) or "see the package"


def home_of(package: Distribution) -> str:
    """Where a package is at home."""
    about = package.metadata
    urls = dict(re.split(r",\s*", each, maxsplit=1) for each in about.get_all("Project-URL") or [] if "," in each)
    wanted = ("homepage", "source", "repository", "source code", "github", "documentation")
    by_name = {name.lower(): url for name, url in urls.items()}
    found = next((by_name[name] for name in wanted if name in by_name), "")
    return found or about.get("Home-page") or f"https://pypi.org/project/{about['Name']}/"


def python_rows() -> dict[str, str]:
    """A row of the table for each Python package that is installed here, by name."""
    rows: dict[str, str] = {}
    for name in closure(tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))):
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another system or version of Python
            continue
        rows[name] = f"| {name} | {license_of(package)} | {home_of(package)} |"
    return rows


def npm_rows() -> list[str]:
    """A row for each npm package of the lock."""
    packages: dict[str, dict[str, Any]] = json.loads(AGENTS.read_text("utf-8"))["packages"]
    named = {place.rpartition("node_modules/")[2]: each for place, each in packages.items() if place}
    return [f"| {name} | {each.get('license', 'see the package')} |" for name, each in sorted(named.items())]


def weights_rows() -> list[str]:
    """A row for each embedded model."""
    return [f"| {each['name']} | {each['licence']} |" for each in yaml.safe_load(WEIGHTS.read_text("utf-8"))["models"]]


def table(head: str, rows: list[str]) -> str:
    """A Markdown table."""
    return "\n".join([f"| {head} |", "|" + "---|" * (head.count("|") + 1), *rows])


def notices() -> str:
    """The whole file."""
    python = table("package | license | home", list(python_rows().values()))
    npm = table("package | license", npm_rows())
    weights = table("model | license", weights_rows())
    parts = [HEAD, "## Python", python, PAGE.strip(), "## Coding agents, from npm", npm, "## Weights", weights]
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(notices())
