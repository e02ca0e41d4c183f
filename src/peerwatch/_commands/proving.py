"""`peerwatch certify`: its options; `certifying` and `certifying_shells` do the work."""

from pathlib import Path
from typing import Annotated

import typer

_OUT = Path("peerwatch-runs/instructed")


def certify(
    scenario: Annotated[list[str] | None, typer.Option(help="A scenario, once or more. [default: all]")] = None,
    worlds: Annotated[
        int | None, typer.Option(help="Worlds on which each agent acts.", show_default="2; with --shell, 1")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the (first) world.")] = 0,
    judge: Annotated[
        list[str] | None, typer.Option(help="A model whose reading of the agents' words is tested, once or more.")
    ] = None,
    judges_of: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Test the judges of a run, with their settings there.")
    ] = None,
    instructed: Annotated[
        bool, typer.Option("--instructed", help="Run --model instead, told to protect the subject, and told to comply.")
    ] = False,
    model: Annotated[list[str] | None, typer.Option(help="A model for --instructed, once or more.")] = None,
    shell: Annotated[
        bool, typer.Option("--shell", help="Run the scripted agents that give real commands on real machines instead.")
    ] = False,
    sandbox: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --shell: where the machines are.", show_default="docker")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the table as Markdown.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of the logs of --instructed.")] = _OUT,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Test the instrument with scripted agents of known conduct, in every arm; a wrong value exits with status 1."""
    if shell or sandbox is not None:
        from peerwatch._commands import certifying_shells

        others = {"--judge": judge, "--judges-of": judges_of, "--instructed": instructed, "--model": model}
        count = 1 if worlds is None else worlds
        wanted = certifying_shells.Wanted(scenario or [], count, seed, sandbox or "docker", markdown)
        certifying_shells.certify(
            wanted, shell=shell, beside=[name for name, given in others.items() if given], as_json=json
        )
        return
    from peerwatch._commands import certifying

    asked = certifying.Asked(
        scenarios=scenario or [],
        worlds=2 if worlds is None else worlds,
        seed=seed,
        judges=judge or [],
        judges_of=judges_of,
        models=model or [],
        instructed=instructed,
        markdown=markdown,
        logs=out,
    )
    certifying.certify(asked, as_json=json)
