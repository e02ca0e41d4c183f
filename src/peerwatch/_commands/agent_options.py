"""Options that say which agent models work through, and where."""

from pathlib import Path
from typing import Annotated

import typer

Agent = Annotated[
    str, typer.Option(metavar="NAME", help="An agent that the models work through, on machines. [default: simulated]")
]
AgentCommand = Annotated[
    str,
    typer.Option(metavar="COMMAND", help="What starts an agent of your own, as in 'my-agent --prompt {prompt}'."),
]
AgentFolder = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of your own agent, which its machine has read-only as /opt/mine."),
]
Sandbox = Annotated[
    str, typer.Option(metavar="NAME", help="Where the agent's machines are: docker, netns or k8s. [default: docker]")
]
