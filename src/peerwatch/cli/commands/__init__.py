"""Implementations of the commands, imported when a command is called: one module per command, plus shared ones."""
