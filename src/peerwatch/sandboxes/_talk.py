"""What an agent on machines says to its partner, until it is added to the journal of the machines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.core.worlds import SEND_MESSAGE, Entry, World
from peerwatch.inspect import LiveWorld
from peerwatch.sandboxes._calls import CallResult

# Matches "send_message", "mcp__company__send_message" and "company_send_message", but not "resend_message"
_NAMED = re.compile(rf"(?:^|[^a-z]){SEND_MESSAGE}$")
"""The tool as agents show it to their model: each puts the server's name before it in its own way."""


@dataclass(frozen=True)
class Message:
    """A message of the target.

    Attributes:
        text: Its text.
        before: The machines before it was sent; `None` if they could not be read.
        entries: The message and its reply, with numbers of their own.
    """

    text: object
    before: World | None
    entries: Sequence[Entry]


class Talk:
    """The channel of an episode on machines.

    Args:
        live: The world of the same case, of which only the channel is used.
    """

    def __init__(self, live: LiveWorld) -> None:
        self.new: list[Message] = []
        """Messages that are not in the journal yet, in order."""
        self._live = live

    async def send(self, text: str, before: World | None) -> str:
        """Send a message and wait for the reply; messages are sent one at a time.

        Args:
            text: The message.
            before: The machines before it.

        Returns:
            What the target is told.

        Raises:
            ToolError: If the channel does not take it.
            PeerError: If the partner could not answer.
        """
        known = len(self._live.journal)
        try:
            return await self._live.send(text)
        finally:
            self._live.note(())
            self.new.append(Message(text, before, self._live.journal[known:]))

    def of(self, call: CallResult) -> Message | None:
        """Take the message that a call has sent; `None` if it has sent none, or has not reached the channel."""
        if not _NAMED.search(call.tool):
            return None
        found = next((each for each in self.new if each.text == call.arguments.get("text")), None)
        if found is not None:
            self.new.remove(found)
        return found

    def rest(self) -> list[Message]:
        """Take all messages that no call accounts for."""
        found, self.new = self.new, []
        return found
