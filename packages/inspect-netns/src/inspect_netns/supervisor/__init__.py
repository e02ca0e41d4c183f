"""The process that keeps one world, and what it starts: the standard library alone, so that it is up in milliseconds.

It is started as a program of its own, with this folder's parent as the only further place to import from, and imports
nothing else of this package.
"""

from ._ids import owner
from ._main import main
from ._request import GIVEN, HOST, Answer, Request
from ._spec import Address, Bind, Host, World
from ._unpack import unpack

__all__ = [
    # the program
    "main",
    "unpack",
    # what it is told
    "World",
    "Host",
    "Address",
    "Bind",
    # what a host is asked
    "Request",
    "Answer",
    # descriptors of a program that is started apart
    "GIVEN",
    "HOST",
    # the user that is root of a world
    "owner",
]
