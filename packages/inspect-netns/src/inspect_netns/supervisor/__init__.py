"""The process that runs one world, and its children. Uses only the standard library, so that it starts in milliseconds.

It is started as a separate program with this folder's parent as its only additional import path, and imports nothing
else of this package.
"""

from ._ids import owner
from ._main import main
from ._request import GIVEN, HOST, Answer, Request
from ._spec import Address, Bind, Host, World
from ._unpack import unpack

__all__ = [
    # The program
    "main",
    "unpack",
    # The description of a world
    "World",
    "Host",
    "Address",
    "Bind",
    # Requests to a host
    "Request",
    "Answer",
    # Descriptors of a program that is run in the original file system
    "GIVEN",
    "HOST",
    # The user that is root of a world
    "owner",
]
