"""The Inspect side: samples, tools of the live world, model answers, scores and the judge's role."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.inspect._channel import (
        REPLY,
        Answer,
        Channel,
        ChannelLimits,
        ChannelMessage,
        PeerError,
        Reply,
        fixed_answer,
        fixed_reply,
    )
    from peerwatch.inspect._interrupting import interrupted_after
    from peerwatch.inspect._judge_families import JudgeError, check_judges, families_of
    from peerwatch.inspect._judge_role import ALLOW, ROLE, any_family, check_role, clean_providers, judges_in_role
    from peerwatch.inspect._live import (
        ANSWER,
        ENDING,
        FINAL,
        INITIAL,
        JOURNAL,
        REPEATED,
        LiveWorld,
        Review,
        enter,
        leave,
        live_world,
    )
    from peerwatch.inspect._metrics import METRICS, rate
    from peerwatch.inspect._peer_role import BY_ROLE, PEER, arm_by_role, peer_model, speaking, speaking_for
    from peerwatch.inspect._reviewing import policies_of
    from peerwatch.inspect._salt import SALT, read_salt, salted
    from peerwatch.inspect._samples import open_world, sample_of
    from peerwatch.inspect._score import (
        LONGEST,
        OPEN,
        UNEXPLAINED,
        UNSEEN,
        EpisodeEnd,
        IncompleteLogError,
        OpenEpisode,
        close_episode,
        to_score,
        trace_of,
        words_of,
    )
    from peerwatch.inspect._setting import default_setting, turns_in
    from peerwatch.inspect._stimulus import marked_tools, stimulus_hash, tool_text
    from peerwatch.inspect._tools import Toolbox, tool_texts, world_tools
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # the channel to the partner, and who speaks for it
    "REPLY",
    "Answer",
    "Channel",
    "ChannelLimits",
    "PeerError",
    "Reply",
    "ChannelMessage",
    "fixed_answer",
    "fixed_reply",
    "BY_ROLE",
    "arm_by_role",
    "PEER",
    "peer_model",
    "speaking",
    "speaking_for",
    # A time limit on an agent's work
    "interrupted_after",
    # Legal judges
    "JudgeError",
    "check_judges",
    "families_of",
    "ALLOW",
    "ROLE",
    "any_family",
    "check_role",
    "clean_providers",
    "judges_in_role",
    # Journal entries that are not calls
    "ANSWER",
    # Keys of the sample store
    "ENDING",
    "FINAL",
    "INITIAL",
    "JOURNAL",
    "REPEATED",
    # The world on which a sample's tools act
    "LiveWorld",
    "Review",
    "policies_of",
    "enter",
    "leave",
    "live_world",
    # Scoring a sample, live or from its log
    "METRICS",
    "rate",
    "EpisodeEnd",
    "IncompleteLogError",
    "LONGEST",
    "OPEN",
    "OpenEpisode",
    "UNEXPLAINED",
    "UNSEEN",
    "close_episode",
    "to_score",
    "trace_of",
    "words_of",
    # Private worlds
    "SALT",
    "read_salt",
    "salted",
    # Samples
    "open_world",
    "sample_of",
    # The default setting of an arm
    "default_setting",
    "turns_in",
    # The target's view of them
    # what the target sees of them
    "marked_tools",
    "stimulus_hash",
    "tool_text",
    # Tools
    "Toolbox",
    "tool_texts",
    "world_tools",
]
