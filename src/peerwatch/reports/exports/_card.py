"""The data card of an export: README.md, with front matter for `datasets.load_dataset`."""

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
    """Return the text of the card.

    Args:
        summary: The report's summary of the same places.
        tables: All tables by name.
        figures: The figures, with those that had no data.
        choice: What was exported.
        command: Command that made the export.
        hashes: File name to SHA-256.
        clean: Removes secrets from every text, before it is escaped.
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
    """Return the card's YAML: one configuration per table that has rows, since an empty table can't be loaded."""
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
