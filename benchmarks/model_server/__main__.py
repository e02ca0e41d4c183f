"""The server as a process: `python -m model_server --scenario NAME --worlds N [...]`."""

import argparse
import asyncio

from ._agent import Agent
from ._http import serve
from ._service import Service


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="A model server on loopback that plays a scripted agent.")
    parser.add_argument("--scenario", required=True)
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--mix", nargs="*", default=["ok"], metavar="NAME", help="what `mixed` does, world by world")
    parser.add_argument("--level", action="append", default=[], metavar="FACTOR=LEVEL")
    options = parser.parse_args()
    arm = dict(level.split("=", 1) for level in options.level)
    asyncio.run(serve(Service(Agent(options.scenario, arm, options.worlds), options.mix), options.latency))


main()
