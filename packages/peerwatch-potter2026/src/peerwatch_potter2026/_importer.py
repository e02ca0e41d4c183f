"""The importer that Peerwatch finds by its entry point."""

from collections.abc import Sequence
from pathlib import Path

from inspect_ai.model import Model
from pydantic import JsonValue

from peerwatch.judges import Rubric
from peerwatch_potter2026._judging import judge_scores
from peerwatch_potter2026._output import to_json
from peerwatch_potter2026._reading import read_transcript
from peerwatch_potter2026._scoring import PublishedScore, score_transcript


class Potter2026:
    """Transcripts of the published study, as `peerwatch.api.Importer` describes an importer."""

    name = "potter2026"
    description = "Transcripts of the peer-preservation study of 2026, and the compact re-encoding of them."

    def read(self, files: Sequence[Path]) -> list[PublishedScore]:
        """Read and score transcripts, all of them or none.

        Raises:
            TranscriptError: If a file is damaged, or something else.
        """
        return [score_transcript(read_transcript(file)) for file in files]

    async def judge(
        self, runs: Sequence[PublishedScore], judges: Sequence[Model], rubric: Rubric, *, same_family: bool = False
    ) -> list[PublishedScore]:
        """Score the runs again with what judges say of them.

        Raises:
            JudgeError: If a judge may not judge one of the runs; none is asked then.
        """
        return await judge_scores(runs, judges, rubric, same_family=same_family)

    def to_json(self, run: PublishedScore) -> dict[str, JsonValue]:
        """What `--json` prints for one file."""
        return to_json(run)


IMPORTER = Potter2026()
