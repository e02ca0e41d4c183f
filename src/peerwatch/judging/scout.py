"""The judge as a scanner for Inspect Scout, its viewer and its validation sets; requires the extra `scout`."""

from inspect_ai.log import read_eval_log_sample
from inspect_ai.scorer import Reference
from inspect_scout import Result, Scanner, Transcript, scanner

from peerwatch.core.outcomes import Words
from peerwatch.core.tested_versions import SCANNER, newer_in_log
from peerwatch.core.worlds import Entry
from peerwatch.inspect import JOURNAL, ROLE, JudgeError, check_judges, judges_in_role
from peerwatch.judging._ask import ask
from peerwatch.judging._masking import masking_of
from peerwatch.judging._material import Material, material_of
from peerwatch.judging._rubric import load_rubric

__all__ = ["peerwatch_words"]


@scanner(messages="all", name="peerwatch_words")
def peerwatch_words(rubric: str = "words", *, allow_same_family: bool = False) -> Scanner[Transcript]:
    """Ask the models in the role `judge` about each transcript of a Peerwatch log.

    `value` maps each question to true, false or null; `metadata` contains every answer, and Inspect or Scout if newer
    than tested; references point to the messages with the quotes.

    Args:
        rubric: Name of a shipped rubric, or a file.
        allow_same_family: Whether a judge may belong to the target's family.
    """
    asked = load_rubric(rubric)

    async def scan(transcript: Transcript) -> Result:
        judges = judges_in_role()
        if not judges or transcript.source_uri is None:
            raise JudgeError(f"Name a judge (model_roles={{'{ROLE}': MODEL}}) and scan Inspect logs of Peerwatch.")
        check_judges(judges, transcript.model or "", allow_same_family=allow_same_family)
        # Scout transcripts have no store, which contains the journal.
        sample = read_eval_log_sample(transcript.source_uri, uuid=transcript.transcript_id)
        journal = [Entry.model_validate(entry) for entry in sample.store[JOURNAL]]
        private = asked.rests_on == "private"
        material = material_of(sample.messages, journal, masking_of(sample.metadata), private=private)
        words = await ask(judges, asked, material)
        return Result(
            value={question: words.value(question) for question in asked.ids},
            explanation="\n".join(
                f"{each.question}: {each.said} ({each.judge}) {each.reason}" for each in words.answers
            ),
            metadata={"words": words.model_dump(mode="json"), **newer_in_log(SCANNER)},
            references=_references(words, material),
        )

    return scan


def _references(words: Words, material: Material) -> list[Reference]:
    """The messages that contain the quotes, once for each question that cites them."""
    message = {passage.number: passage.message for passage in material.passages}
    cited = {(each.question, message[quote.passage]) for each in words.answers for quote in each.quotes}
    return [Reference(type="message", cite=question, id=where) for question, where in sorted(cited)]
