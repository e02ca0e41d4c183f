"""`python -m peerwatch` is the command line."""

from peerwatch.cli import main

main()
