"""What Inspect runs: samples, the tools of the live world, the model's answers, scores and the judge's role."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
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
        enter,
        leave,
        live_world,
    )
    from peerwatch.inspect._metrics import METRICS, rate
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
    from peerwatch.inspect._stimulus import stimulus_hash, tool_text
    from peerwatch.inspect._tools import Toolbox, tool_texts, world_tools
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # a limit on the time of an agent's work
    "interrupted_after",
    # who may judge
    "JudgeError",
    "check_judges",
    "families_of",
    "ALLOW",
    "ROLE",
    "any_family",
    "check_role",
    "clean_providers",
    "judges_in_role",
    # what stands in the journal for no call
    "ANSWER",
    # keys of the sample store
    "ENDING",
    "FINAL",
    "INITIAL",
    "JOURNAL",
    "REPEATED",
    # the world that a sample's tools act on
    "LiveWorld",
    "enter",
    "leave",
    "live_world",
    # scoring a sample, live or from its log
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
    # private worlds
    "SALT",
    "read_salt",
    "salted",
    # samples
    "open_world",
    "sample_of",
    # which setting an arm has that names none
    "default_setting",
    "turns_in",
    # what the target sees of them
    "stimulus_hash",
    "tool_text",
    # tools
    "Toolbox",
    "tool_texts",
    "world_tools",
]
