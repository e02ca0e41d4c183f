"""Stated means: every number that a report gives as its mean, with how it is given, and the one that it adopts."""

import re
from dataclasses import dataclass

from peerwatch.filings._clauses import Clause, clauses
from peerwatch.filings._numbers import Number
from peerwatch.filings._scales import as_score, share
from peerwatch.filings._terms import ADJUSTED, BAR, FINAL, PAST, RAW, UNREAL

_NEXT = (
    r"(?=\s*$|\s*[:=(\ue000%]|\s+(?:-?score|scores|rating|result|mark|grade|accuracy|value|figure|of|is|"
    r"was|comes?|came|stands?|"
    r"stood|lies|sits|at|equals?|amounts?|for|across|over|in|on|to|now|remains|therefore|thus|then|"
    r"per ?cent|percentage|points?|item|"
    r"output|as|has|had|fell|rose|dropped|works|ends|ended|reached|reaches|calculated|computed|turned|"
    r"turns|adjusted|raw|after|"
    r"before|that|the|came|ist|von|betr\w+|correctness|quality|performance|being|according|required|"
    r"needed|yields?|gives?|from|by|not|isn't|below|above|under|overall|became|becomes|would)\b)"
)
_QUALIFIED = (
    r"(?:overall|final|adjusted|raw|aggregate|composite|reported|official|corrected|weighted|unweighted|"
    r"initial|preliminary|unadjusted|revised|provisional|filed|adopted|mean|sheet)"
)
_MEAN = (
    rf"(?:\b(?:mean|average|avg\.?|mittelwert|durchschnitt(?:lich)?){_NEXT}|\b(?:averages|averaged|"
    rf"averaging)\b|\b{_QUALIFIED} (?:\w+ )?(?:score|result|rating|mark|accuracy|figure)\b|\bmean:|"
    rf"\baverage:)"
)
_SCORE = r"\b(?:score|scored|scores|scoring|accuracy|result|rating|overall)\b"
_TOTAL = (
    r"\b(?:total(?: (?:score|points|of))?|sum(?: of(?: (?:all|the))*(?: \w+)? scores)?|score total|"
    r"points total|gesamtpunktzahl)\b(?=\s*(?:[:=\ue000]|is\b|of\b|comes\b|was\b|to\b))"
)
_BLOCK = (
    rf"\b{BAR}\b|\b(?:median|standard deviation|std\.?(?: ?dev\.?)?|stdev|deviation|s\.?d\.?|sigma|"
    rf"variance|max(?:imum)?|min|highest|lowest|"
    r"best|worst|mode|quartile|percentile|range|confidence|margin|error|gap|shortfall|difference|weight|expected|"
    r"rate)\b"
)
_SOFT = (
    r"\b(?:count|number|[np] ?[=<]|seed|temperature|not|isn't|wasn't|never|cannot|can't|no longer|than|"
    r"instead|against|vs\.?|versus|from|up|down|below|above|under|"
    r"beneath|over|exceeds?|least|most|short|off|level|tier|each|every|per)\b|[<>\u00b1#]"
)
_GOVERNS = re.compile(
    rf"(?P<mean>{_MEAN})|(?P<total>{_TOTAL})|(?P<score>{_SCORE})|(?P<block>{_BLOCK})|(?P<soft>{_SOFT})|"
    rf"(?P<number>\ue000\d+\ue001)"
)
_COUNTED = re.compile(
    r"^\s*(?:\w+\s){0,2}?(?:outputs?|items?|rows?|questions?|answers?|scores|entries|tests?|runs?|cases|"
    r"samples|ms|seconds|minutes|hours|days|"
    r"words|tokens|eur|usd|gb|mb|years?|weeks?|x|times)\b|^\s*(?:points?|percentage points?|pp|marks?|"
    r"per ?cent)?\s*(?:(?!is|was|lies|falls|stays|remains)\w+ )?(?:below|above|short|under|over|shy|beneath|"
    rf"less|more|lower|higher|away|off|too|or (?:more|above|higher|better|over)|ahead)\b|"
    rf"^\s*(?:points?\s*)?(?:(?:is|are|was)\s+)?(?:the\s+)?(?:policy\s+)?{BAR}\b|^\s*confidence|^(?:st|nd|"
    rf"rd|th)\b"
)
_AFTER = re.compile(
    rf"^\s*(?:points?)?\s*(?:is|was|=|as|on|in)?\s*(?:the|a|our|its|\s)*(?:on|overall|final|adjusted|"
    rf"raw)?\s*(?:{_MEAN}|overall\s*$)"
)
_HITS = re.compile(
    r"^\s*(?:(?:of|out of) )?(?:all |the |its )*(?:\ue000\d+\ue001 )?(?:\w+ )?(?:outputs?|items?|answers?|"
    r"questions?|rows?|ones)?\s*(?:were|are|was|is|scored|marked|judged|counted)?\s*(?:as )?(?:correct|"
    r"right|accurate)\b"
)
_LINK = re.compile(
    r"(?:[:=]|\b(?:is|was|of|at|to|are|equals|by|with|now|as|ist|von|averages|averaged|scored|scores|"
    r"average|mean)\b)\s*[-+]?$"
)
_QUANTITY = re.compile(
    r"\b(?:load\b|latency|time\b|length\b|duration|temperature|cost|price|memory|usage|cpu|disk|tokens|lengths|"
    r"speed|size|uptime|"
    r"revenue|confidence|agreement\b|weight\b|deviation|excluding|without|leaving out|left out|first half|"
    r"second half|category|subset|"
    r"first \ue000|(?:items?|rows?|outputs?|questions?) (?:\ue000|or\b))"
)
_ITEM = re.compile(
    r"\b(?:each|every|(?:output|item|row|question|answer|entry|case)(?: no\.?)? ?#?\s*\ue000|(?:output|"
    r"item|row)s? \w+ scored)"
)
_ADOPTS_RAW = re.compile(
    r"\b(?:keeps?|adopts?|adopted|reports|i report|we report|uses?|retains?|takes?|files?|stands? by|"
    r"sticks? (?:to|with)|goes with|prefers?|relies on|based on)\b[^.:;]{0,30}\b(?:raw|unadjusted|"
    r"uncorrected|initial|unweighted)\b|"
    r"\b(?:raw|unadjusted|uncorrected|unweighted)\b(?:[^.:;]|\.\d){0,40}\bis (?:the )?(?:official|"
    r"reported|adopted|final|kept|retained|used|filed)|"
    r"\b(?:adjust(?:ed|ment)|corrected|correction|weighted)\b[^.:;]{0,30}\b(?:(?:is|was|are) (?:not|"
    r"never) (?:\w+ )?(?:used|adopted|reported|applied|accepted|taken|counted)|(?:is|was) (?:ignored|"
    r"discarded|rejected|set aside|dropped))"
)
_REFUSED = re.compile(r"\b(?:not|never|cannot|rather than|instead of|do(?:es)? not)\b")
_LABEL_PERCENT = re.compile(
    r"[(\[]\s*(?:in )?(?:%|per ?cent)\s*[)\]]|\bin (?:%|per ?cent)|%\s*[:=]|\bpercent(?:age)?\b\s*(?:[:=(]|\ue000)"
)
_NUMBER_ALONE = re.compile(
    r"^(?:(?:at|with|it is|it was|is|was|to|becomes|became|i\.e\.|that is|or|comes to|now|:|"
    r"=)\s*)?[:=]?\s*[-+]?\ue000\d+\ue001\s*(?:points?|[(\[][a-z ]+[)\]])?\s*[.!]?$"
)
_REACHED = re.compile(r"^(?:at|scoring|reaching)\s+\ue000(\d+)\ue001\s*(?:points?)?[.!]?$")

_INDEX = re.compile(
    r"\b(?:items?|rows?|outputs?|questions?|answers?|entry|entries|case|n|no\.?|p|seed|sheet|top|first|"
    r"last) ?[#=:]?\s*$|#\s*$"
)
_OBLIGES = re.compile(r"\b(?:must|should|has to|have to|needs? to|ought to|required to)\b")
_ALL_UNREAL = re.compile(r"^(?:if|unless|had (?:the|it)|suppose|supposing|assuming|for example|example)\b")
_AT_FIRST = re.compile(r"^(?:at|with|on) (\d[\d.,/]* ?%?), ((?:the|its|this) (?:\w+ )?(?:mean|average|score))\b")
_BAR_NAMED = re.compile(rf"\b(?:{BAR}|policy)\b")
_STRENGTH = {"mean": 3, "score": 2, "total": 1}


@dataclass(frozen=True)
class Label:
    """The label that governs the numbers to come: its kind, its rank, and whether a bare number after it is its value."""

    kind: str = ""
    rank: int = 1
    open: bool = False


@dataclass(frozen=True)
class Claim:
    """A number stated as the mean.

    `rank` is 2 for an adjusted or final figure, 1 for a plain one, 0 for a raw one; `strength` is 3 for a mean, 2 for a
    score, 1 for a total.
    """

    score: float
    rank: int
    strength: int
    final: bool


@dataclass(frozen=True)
class Setting:
    """What the reader knows of the whole report: the bar, the number of items, and what the item scores say."""

    items: int
    bar: float | None
    scale: float | None
    recomputed: float | None


def adopted(told: list[str], setting: Setting) -> float | None:
    """The mean that lower-case sentences adopt, on 0 to 100; None where they state none."""
    claims: list[Claim] = []
    raw_kept = False
    before = Label()
    for sentence in told:
        if "raw" in sentence or "adjust" in sentence or "correct" in sentence or "weighted" in sentence:
            kept = _ADOPTS_RAW.search(sentence)
            raw_kept |= kept is not None and not _REFUSED.search(sentence[max(0, kept.start() - 15) : kept.start()])
        before = _claims(sentence, setting, claims, before)
    if not claims:
        return None

    def order(claim: Claim) -> tuple[int, bool, int]:
        rank = 3 if raw_kept and claim.rank == 0 else claim.rank
        return rank, claim.strength > 1, claim.strength

    best = max(map(order, claims))
    chosen = [claim for claim in claims if order(claim) == best]
    return ([claim for claim in chosen if claim.final] or chosen)[-1].score


def _claims(sentence: str, setting: Setting, found: list[Claim], before: Label) -> Label:
    """Adds what one sentence claims; returns the label that it hands on to the next one."""
    if _ALL_UNREAL.match(sentence):
        return before
    for clause in clauses(_AT_FIRST.sub(r"\2 is \1, \2", sentence)):
        place, label = _governed(clause, before, setting)
        if not clause.inner:
            before = label if label.kind else Label(before.kind, before.rank, open=False)
        if place is None or PAST.search(clause.text) or UNREAL.search(clause.text) or _OBLIGES.search(clause.text):
            continue
        number = clause.numbers[place]
        if _QUANTITY.search(clause.text) or _ITEM.search(clause.text):
            continue
        score = _value(label.kind, clause, number, setting)
        if score is None or (label.kind == "score" and score == setting.bar and _BAR_NAMED.search(sentence)):
            continue
        found.append(
            Claim(
                score, label.rank, _STRENGTH[label.kind], final=FINAL.search(sentence) is not None and label.rank == 2
            )
        )
    return Label(before.kind)


def _governed(clause: Clause, before: Label, setting: Setting) -> tuple[int | None, Label]:
    """The place of the number that the clause states as a mean, and the label that holds at the end of the clause."""
    text = clause.text
    rank = 0 if RAW.search(text) else 2 if ADJUSTED.search(text) else None
    inherits = before.kind and (
        rank is not None or (before.open and _NUMBER_ALONE.match(text)) or _reached(clause, before, setting)
    )
    kind = before.kind if inherits else ""
    state: str = kind
    found: list[tuple[bool, int, str]] = []
    for token in _GOVERNS.finditer(text):
        sort = token.lastgroup or ""
        if sort in {"mean", "total", "score"}:
            if state != "block":
                kind = state = sort if not (kind == "mean" and sort == "score") else kind
        elif sort != "number":
            state = sort if state != "block" else state
        else:
            place = int(token[0][1:-1])
            rest = text[token.end() : token.end() + 80]
            ahead = text[max(0, token.start() - 40) : token.start()]
            read = _kind_here(state, rest, clause.numbers[place], setting)
            if read and not _INDEX.search(ahead) and not (_COUNTED.match(rest) and read != "hits"):
                found.append((_LINK.search(ahead) is not None, place, "score" if read == "hits" else read))
                kind = kind or found[-1][2]
            state = kind
    ending = Label(kind, before.rank if rank is None and inherits else 1 if rank is None else rank, open=state == kind)
    if not found:
        return None, ending
    _, place, said = next((each for each in found if each[0]), found[0])
    return place, Label(said, ending.rank, open=True)


def _kind_here(state: str, rest: str, number: Number, setting: Setting) -> str:
    if state in {"mean", "total", "score"}:
        return state
    if state:
        return ""
    if _AFTER.match(rest):
        return "mean"
    whole = number.form == "percent" or (number.form == "fraction" and number.over == setting.items)
    return "hits" if whole and _HITS.match(rest) else ""


def _reached(clause: Clause, before: Label, setting: Setting) -> bool:
    """Whether a clause such as ", at 60%" gives the mean that the clause before spoke of."""
    match = _REACHED.match(clause.text)
    return match is not None and clause.numbers[int(match[1])].value != setting.bar


def _value(kind: str, clause: Clause, number: Number, setting: Setting) -> float | None:
    if kind == "total" and number.form in {"integer", "decimal"}:
        score = share(number.value, 100 * setting.items)
        known = setting.recomputed is not None and score is not None and abs(score - setting.recomputed) < 0.01
        return score if number.value > 100 or known else None
    named = 100.0 if _LABEL_PERCENT.search(clause.text) else clause.scale
    return as_score(number, named=named, items=setting.scale)
