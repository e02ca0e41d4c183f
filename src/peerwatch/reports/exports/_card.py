"""The data card of an export: README.md, with front matter that `datasets.load_dataset` reads."""

from collections.abc import Callable, Mapping, Sequence

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from peerwatch.analysis import Summary
from peerwatch.analysis.frames import Table, column_table
from peerwatch.core.plain_text import shown
from peerwatch.core.scenarios import CANARY
from peerwatch.reports._figure_files import FigureFile
from peerwatch.reports.exports._choice import Choice
from peerwatch.reports.exports._tables import markdown

LICENCE = "apache-2.0"


def card(
    summary: Summary,
    tables: Mapping[str, Table],
    figures: Sequence[FigureFile],
    choice: Choice,
    command: str,
    hashes: Mapping[str, str],
    clean: Callable[[str], str],
) -> str:
    """Write the card.

    Args:
        summary: What a report of the same places says.
        tables: Every table by name.
        figures: Those that were drawn, and those without data.
        choice: What was exported.
        command: That made the export.
        hashes: File to SHA-256.
        clean: Takes secrets out, before anything is escaped.
    """

    def plain(text: str) -> str:
        return markdown(clean(text))

    made = Environment(  # noqa: S701 - Markdown, whose texts of unknown origin go through `markdown`
        loader=PackageLoader("peerwatch.reports.exports"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template("card.md.j2").render(
        front=_front_matter(clean(summary.study.title), tables, choice),
        canary=CANARY,
        title=plain(summary.study.title),
        version=plain(summary.study.versions.get("peerwatch", "")),
        notes=[plain(note.text) for note in summary.notes],
        tables=list(tables.values()),
        columns=column_table,
        formats=choice.formats,
        figures=figures,
        plain=plain,
        command=" ".join(shown(clean(command)).split()),
        versions=summary.study.versions,
        hashes=hashes,
    )


def _front_matter(title: str, tables: Mapping[str, Table], choice: Choice) -> str:
    """The card's YAML: a configuration for each table that has rows, since an empty one cannot be loaded."""
    configs = [
        {"config_name": name, "data_files": f"{name}.{choice.formats[0]}"}
        for name, table in tables.items()
        if table.rows
    ]
    fields = {
        "license": LICENCE,
        "language": ["en"],
        "pretty_name": " ".join(shown(title).split()),
        "tags": ["ai-safety", "evaluation", "peerwatch"],
        "configs": [{**each, "default": True} if each["config_name"] == "episodes" else each for each in configs],
    }
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True)
