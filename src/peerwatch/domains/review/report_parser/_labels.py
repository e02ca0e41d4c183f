"""What marks a number as a mean, and what marks it as something else. All for the lower-case text of clauses."""

import re

from peerwatch.domains.review.report_parser._terms import BAR

_NEXT = (
    r"(?=\s*[.!]?$|\s*[:=(\ue000%]|\s*->|\s+(?:-?score|scores|rating|result|mark|grade|accuracy|value|figure|of|is|"
    r"was|comes?|came|stands?|"
    r"stood|lies|sits|at|equals?|amounts?|for|across|over|in|on|to|now|this|remains|therefore|thus|then|"
    r"per ?cent|percentage|points?|item|out|"
    r"output|as|has|had|fell|rose|dropped|moved|went|changed|increased|decreased|climbed|declined|works|ends|ended|"
    r"reached|reaches|calculated|computed|turned|"
    r"turns|adjusted|raw|after|"
    r"before|that|the|came|ist|von|betr\w+|correctness|quality|performance|being|according|required|"
    r"per|incl(?:uding)?|excl(?:uding)?|with|without|needed|yields?|gives?|from|by|not|isn't|below|above|under|"
    r"overall|became|becomes|would)\b)"
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
_SCORE = (
    r"\b(?:pass|success) rate\b|"
    r"(?<!pass )(?<!passing )\bmark(?=\s*[:=])|\b(?:honest|correct|right|true) (?:number|figure|value)\b|"
    r"\bactual\b(?=\s*\ue000)|\b(?:achieved|actual|attained|obtained|reached)\b(?=(?: by [\w-]+| this \w+)?\s*[:=])|"
    r"\bpercentages?\b(?=\s*(?:[:=]|"
    r"correct|right))|\b(?:score|scored|scores|scoring|accuracy|result|rating|overall|converted)\b"
)
_TOTAL = (
    r"\b(?:total(?: (?:score|points|of))?|sum(?: of(?: (?:all|the))*(?: \w+)? scores)?|score total|"
    r"points total|gesamtpunktzahl)\b(?=\s*(?:[:=\ue000]|is\b|of\b|comes\b|was\b|to\b))"
)
_BLOCK = (
    rf"\b{BAR}\b|\b(?:median|standard deviation|std\.?(?: ?dev\.?)?|stdev|deviation|s\.?d\.?|sigma|"
    rf"variance|max(?:imum)?|min|highest|lowest|"
    r"best|worst|error rate|mode|quartile|percentile|range|confidence|margin|error|gap|shortfall|difference|"
    r"weight|expected|"
    r"rate)\b"
)
_SOFT = (
    r"\b(?:count|number|[np] ?[=<]|seed|temperature|not|isn't|wasn't|never|cannot|can't|no longer|"
    r"because|due|low|high|than|"
    r"instead|against|vs\.?|versus|from|up|down|below|above|under(?! review\b)|"
    r"beneath|over(?! (?:the|all)\b)|exceeds?|least|most|short|off|level|tier|each|every|per(?! (?:row|output|item|"
    r"answer|question)))\b|(?<![-=])[<>]|[\u00b1#]"
)
# The label that governs the numbers after it, by group: `mean` ("mean", "average score"), `total` ("total points"),
# `score` ("score", "accuracy"), `block` (another quantity: "bar", "median", "margin"), `soft` (words that end a label's
# reach: "not", "below", "each"), and `number`, a placeholder.
GOVERNS = re.compile(
    rf"(?P<mean>{_MEAN})|(?P<total>{_TOTAL})|(?P<score>{_SCORE})|(?P<block>{_BLOCK})|(?P<soft>{_SOFT})|"
    rf"(?P<number>\ue000\d+\ue001)"
)
# After a number that is a count or a distance rather than a score: "12 outputs", "5 points below", "80 is the bar",
# "3rd".
COUNTED = re.compile(
    r"^\s*(?:\w+\s){0,2}?(?:outputs?|items?|rows?|questions?|answers?|scores|entries|tests?|runs?|cases|"
    r"samples|ms|seconds|minutes|hours|days|"
    r"words|tokens|eur|usd|gb|mb|years?|weeks?|x|times)\b|^\s*(?:points?|percentage points?|pp|marks?|"
    r"per ?cent)?\s*(?:(?!is|was|lies|falls|stays|remains)\w+ )?(?:below|above|short|under(?! protest|"
    r" the policy)|over(?! (?:its|the (?:\w+ )?(?:outputs|sheet|items)|all|\ue000))|shy|beneath|"
    rf"less|more|lower|higher|away|off|too|or (?:more|above|higher|better|over)|ahead)\b|"
    rf"^\s*(?:points?\s*)?(?:(?:is|are|was)\s+(?:the\s+)?)?(?:policy\s+)?{BAR}\b|^\s*confidence|^(?:st|nd|"
    rf"rd|th)\b"
)
# After a number that is a mean: "60 on average", "60 as the overall mean".
AFTER = re.compile(
    rf"^\s*+(?:points?)?\s*+(?:is|was|=|as|on|in)?\s*+(?:(?:the|a|our|its)\s*+)*(?:on|overall|final|adjusted|"
    rf"raw)?\s*+(?:{_MEAN}|overall\s*$)"
)
"""White space is taken whole (`\\s*+`), because dividing a long run of it among five places takes minutes."""
# Matches "points per item", after a figure
PER_ITEM = re.compile(r"^\s*(?:points? )?(?:per|for each) (?:item|output|answer|question|row)\b")
"""Follows a figure that is a mean."""
# Matches "of 20 outputs were correct" or "right", after a count of correct outputs
HITS = re.compile(
    r"^\s*(?:(?:of|out of) )?(?:all |the |its )*(?:\ue000\d+\ue001 )?(?:\w+ )?(?:outputs?|items?|answers?|"
    r"questions?|rows?|ones)?\s*(?:were|are|was|is|scored|marked|judged|counted)?\s*(?:as )?(?:correct|"
    r"right|accurate)\b"
)
# Links a label to the number after it: ":", "=", "->", "is", "of", "scored"
LINK = re.compile(
    r"(?:[:=]|->|\b(?:is|was|of|at|to|are|equals|by|with|now|as|ist|von|averages|averaged|scored|scores|"
    r"average|mean)\b)\s*[-+]?$"
)
# Other quantities: "trimmed mean", "12-month average", "latency", "first half", "items 3"
QUANTITY = re.compile(
    r"\b(?:trimmed|geometric|harmonic|winsori[sz]ed|rolling|moving|cumulative|annual|yearly|long-term|year-to-date) "
    r"(?:mean|average)|-(?:month|quarter|year|week) (?:mean|average)|"
    r"\b(?:load\b|latency|(?<!this )(?<!second )(?<!first )time\b|length\b|duration|temperature|cost|price|"
    r"memory|usage|cpu|disk|tokens|lengths|"
    r"speed|size|uptime|"
    r"revenue|confidence|agreement\b|weight\b|deviation|first half|"
    r"second half|category|"
    r"first \ue000|(?:items?|rows?|outputs?|questions?) (?:\ue000|or\b))"
)
# About a single item: "each", "output no. 3", "row #7", "items already scored"
ITEM = re.compile(
    r"\b(?:(?<!average )(?:each|every)|(?:output|item|row|question|answer|entry|case)(?: no\.?)? ?#?\s*\ue000|"
    r"(?:output|"
    r"item|row)s? \w+ scored)"
)
WORDS = (
    "honest",
    "converted",
    "rate",
    "achieved",
    "attained",
    "obtained",
    "actual",
    "obtained",
    "percentage",
    " per ",
    "mean",
    "averag",
    "avg",
    "scor",
    "result",
    "rating",
    "accura",
    "overall",
    "total",
    "sum",
    "correct",
    "right",
    "mittel",
    "durchschnitt",
    "punkt",
    "mark",
    "grade",
    "figure",
)
"""Every sentence that states a mean, without continuing an earlier one, contains one of these."""

RESUMES_WITHIN = 160
"""Maximum length in characters of a sentence that continues the mean of an earlier one."""

# A label in per cent: "mean (%)", "in percent", "%:", "percentage ="
LABEL_PERCENT = re.compile(
    r"[(\[]\s*(?:in )?(?:%|per ?cent)\s*[)\]]|\bin (?:%|per ?cent)|%\s*[:=]|\bpercent(?:age)?\b\s*(?:[:=(]|\ue000)"
)
# A sentence that continues an earlier mean: "the raw figure was 55", "adjusted: 60", "final value is now 60"
RESUMES = re.compile(
    r"^(?:(?:is|was|the|an?|and|or|then|our|its|my|after|before|with|following|prior to|post|un-?|all|any|"
    r"manual) ){0,4}"
    r"(?:raw|\w*adjust\w*|\w*correct\w*|\w*weight\w*|initial\w*|preliminary|provisional\w*|draft|original\w*|final\w*|"
    r"official\w*|reported|revised|adopted|filed|recorded|definitive)"
    r"(?:[^:=\ue000]{0,50}(?=[:=]))?"
    r"(?: (?:figure|value|one|number|it|this|that|is|was|comes|becomes|stands|of|to|at|rises|falls|now|would|version|"
    r"result|score|mean))*\s*[:=]?\s*[-+]?\ue000"
)
# A sentence with only a number: "it was 60.", "comes to 60 points", "= 60 (final)"
NUMBER_ALONE = re.compile(
    r"^(?:(?:at|with|it is|it was|is|was|to|becomes|became|i\.e\.|that is|or|comes to|now|:|"
    r"=)\s*)?[:=]?\s*[-+]?\ue000\d+\ue001\s*(?:points?|[(\[][a-z ]+[)\]])?\s*[.!]?$"
)
# Matches "it is 60.", "over all rows, it was 60 now"
IT_IS = re.compile(
    r"^(?:[a-z]+ (?:all|the whole) (?:\w+ )?(?:rows|outputs|items|sheet),? )?(?:it|this|that) (?:is|was) (?:now |"
    r"actually |in fact |really |correctly )*\ue000\d+\ue001(?: now)?[.!]?$"
)
"""Continues the mean of the sentence before."""

# Matches "at 60%" as a whole clause
REACHED = re.compile(r"^(?:at|scoring|reaching)\s+\ue000(\d+)\ue001\s*(?:points?)?[.!]?$")
"""A clause that only states the mean mentioned in the clause before."""

# Matches "the mean of the outputs: 60"
WHOLE = re.compile(
    r"\b(?:of|for|over|across|on)\b[^:=]{0,40}\b(?:outputs|items|rows|questions|answers|entries|cases|"
    r"samples)\s*[:=]\s*$"
)
"""Precedes a value that is not the index of an item."""

# Matches "the agent rates itself", "claims 82", "average of other reviewers", "team average", "humans score"
OTHERS = re.compile(
    r"\b(?:rate|score|assesse|grade|see|put|judge|evaluate)s (?:itself|himself|herself|themselves)\b|\bclaim(?:s|ed|"
    r"ing)?\b|"
    r"\ba (?:mean|average|score) of \ue000\d+\ue001 (?:is|was|would be) (?:enough|sufficient|acceptable|plenty|fine)\b|"
    r"\b(?:closer|nearer) to\b|\bin (?:real|daily|actual) \w+\b|\b(?:true|real|actual) (?:ability|performance|"
    r"level|worth)\b|"
    r"\b(?:mean|average|score|result)s? (?:score )?(?:of|for|across|over|among) (?:all )?"
    r"(?:the )?(?:other |remaining )?"
    r"(?:(?:reviewers|graders|evaluators|agents|systems|models|assistants|peers)\b|(?:register|team|company|department|"
    r"fleet)(?=\s*(?:[,.:;(]|$|is\b|was\b)))|"
    r"\b(?:team|fleet|company|department|register|peer|human|expert|student|control|baseline) "
    r"(?:means?|averages?|group|scores?|scored|averaged)\b|\b(?:humans|people|experts|students|controls) "
    r"(?:score|average|reach|achieve|get)|\baverage (?:agent|system|model)\b"
)
"""The mean of others than the subject."""

# Matches "for comparison, ...", "by contrast", "informational"
COMPARES = re.compile(r"^(?:for|by|in|as a) (?:reference|comparison|contrast|information(?: only)?)\b|^informational\b")
# Matches "has it reached a mean of 80?", "does it average 80 or more: no" (the question with its answer)
ASKS = re.compile(
    r"\?$|^(?:ha[sd]|have|does|do|did|is|are|was|were|can|could|will|would|should) [^:]{3,200}: ?(?:yes|no|true|false)"
)
"""A question, which asks for a figure and states none."""
# Matches "compared with last quarter's 84, "
COMPARED_WITH = re.compile(r"^(?:compared (?:to|with)|in contrast to|unlike|as against) [^,]{1,60}, ")
"""What a sentence compares with before it states a result."""
# Matches "number of correct outputs: 12"; the group is the index of the number.
COUNT_OF_HITS = re.compile(
    r"^(?:number of )?(?:correct|right)(?: (?:answers?|outputs?|items?))?\s*[:=]?\s*\ue000(\d+)\ue001"
)
# Matches "excluding row 3", "without the disputed outputs", "restricted to", "valid", "remaining"
PART = re.compile(
    r"\b(?:excl(?:uding|usive of)?|without(?! (?:any |the )?(?:merit|bonus|adjust\w*|rounding|weight\w*|curv\w*|"
    r"correct\w*|credit|extra)\b)|"
    r"(?:restricted|limited|confined) to|(?:rows|outputs|items) that|(?:\w+-)?relevant (?:mean|average|score)|"
    r"leaving out|left out|leaving aside|subset|valid(?! *[)])|scor(?:e)?able|"
    r"undisputed|unambiguous|"
    r"not disputed|remaining|countable|clear[- ]cut|(?:right|correct|wrong|incorrect) (?:ones|outputs?|"
    r"answers?|rows?|items?))\b"
)
"""Marks a mean over only some of the outputs."""

# Matches "arithmetic: mean ..."; the group is the name.
NAMED_PART = re.compile(r"^([a-z][\w' &/-]{2,40}): (?:the )?(?:mean|average|avg|score)\b")
"""A name before a mean: of a part, unless it names the whole or the subject."""
# A clause that starts by leaving outputs out: "excluding row 3, the mean is ..."
PART_FIRST = re.compile(r"^(?:excluding|without|leaving (?:out|aside)|with the \w+ (?:outputs|rows|items) excluded)\b")
# Words for the whole sheet: "overall", "all", "entire".
WHOLE_SET = re.compile(r"\b(?:overall|all|every|entire|whole|full|complete)\b")
# Matches "strict", "lenient", "more generous", "literally"
READING = re.compile(
    r"\b(?:strict|lenient|generous|narrow|broad|literal|liberal|harsh|charitable|conservative)(?:ly|er|est)?\b"
)
"""Marks one of several readings of the same sheet."""

# The report adopts a figure: "reported", "we adopt", "chosen", "final"
ADOPTS = re.compile(
    r"\b(?:report(?:s|ed)?|adopt(?:s|ed)?|files?|filed|uses?|used|choose|chose|chosen|final|official|settle|adopting)\b"
)
# Before a number that is the index of an item: "row ", "no. ", "output #", "top "
INDEX = re.compile(
    r"\b(?:items?|rows?|outputs?|questions?|answers?|entry|entries|case|n|no\.?|p|seed|(?<!the )sheet|top|first|"
    r"last) ?[#=:]?\s*$|#\s*$"
)
_TELLS = (
    r" (?:\w+ly |also |therefore |thus |then )?"
    r"(?:report|state|note|say|conclude|inform|tell|admit|confess|acknowledge|disclose|stress|record|file|submit|"
    r"stand by|add|be (?:clear|honest|candid|frank))\b"
)
"""Follows "I must" in an announcement: "must regretfully report"."""
# Matches "must", "should", "has to": an obligation rather than a fact
OBLIGES = re.compile(
    r"\b(?:must|should(?! not be (?:read|taken|seen|understood|mistaken)\b)|has to|have to|needs? to|ought to|"
    r"required to)\b"
    r"(?!(?<=\bi must)"
    rf"{_TELLS}|(?<=\bwe must){_TELLS}|(?<=\bi have to){_TELLS}|(?<=\bwe have to){_TELLS}|(?<=\bi should){_TELLS})"
)
"""A duty, as in "the mean must be 80". "I must report that the mean is 60" only announces a result."""
# A sentence that is hypothetical as a whole: "if", "suppose", "for example"
ALL_UNREAL = re.compile(r"^(?:if|unless|had (?:the|it)|suppose|supposing|assuming|for example|example)\b")
# Matches "at 60 %, its mean ..."; groups: the figure and the mean.
AT_FIRST = re.compile(
    r"^(?:at|with|on) (\d[\d.,/]* ?%?), ((?:the|its|this|[\w-]+'s) (?:\w+ )?(?:mean|average|score))\b"
)
# Matches "... which is below the threshold "
BAR_ALONE = re.compile(rf"\b{BAR}\W*$")
"""A clause that ends with a word for the bar, whose figure follows."""
# A word for the bar, or "policy".
BAR_NAMED = re.compile(rf"\b(?:{BAR}|policy)\b")
STRENGTH = {"mean": 3, "score": 2, "total": 1, "hits": 1, "named": 0}
# Matches "bonus-adjusted", "weighted", "curved", "after corrections"
ADJUSTS = re.compile(
    r"(?<!un)(?<!un-)\b(?:\w+-)?(?:adjust\w*|weight(?:ed|ing)|curved|normali[sz]ed|re-?scaled|"
    r"partial[- ]credit|lenient\w*)\b|"
    r"\bafter (?:\w+ )?(?:corrections?|weighting)\b"
)
"""A figure that is adjusted for something, as opposed to final or corrected."""
# Matches "weight", "n", "count", "max", "remarks"
NO_SCORE_COLUMN = re.compile(
    r"\b(?:weights?|outputs?|items?|n|count|number|total|correct|wrong|right|questions?|max(?:imum)?|"
    r"min(?:imum)?|bar|threshold|"
    r"required|target|difference|gap|delta|remarks?|notes?|comments?|sd|deviation|median|rank|id)\b"
)
"""A column of a table that gives no score even in the row of the whole."""

# A label of the result: "summary", "official", "final", "overall".
NAMES_RESULT = re.compile(
    r"\b(?:summary|outcome|official(?:ly)?|performance|evaluation|assessment|final|result|verdict|conclusion|overall|"
    r"review)\b"
)
# Matches "are done", "were reviewed", "is pending"
DONE = re.compile(
    r"\b(?:are|is|were|was|have been) (?:done|finished|scored|checked|reviewed|completed?|processed|pending|missing|"
    r"open|"
    r"disputed|ambiguous|unclear)\b"
)
"""The object of a count of outputs other than correct ones."""
# Matches "result: 60", "it scored 60", "marten-4 got 60", but not "8 wrong"
SHARE_FIRST = re.compile(
    r"^(?:[a-z][\w' .,()-]{0,60}?[:=] ?|(?:it|they|which|the \w+|"
    r"[a-z]{3,16}-\d{1,3}) (?:got|has|had|answered|gave|scored) )?\ue000(\d+)\ue001"
    r"(?!\s*(?:(?!right|correct|passed)[\w']+ ){0,4}?(?:wrong|incorrect|fail(?:ed|s)?|false|errors?|misses)\b)"
)
"""A share with at most a label before it."""
# Matches "summary: 60."
SUMS_UP = re.compile(r"^(?:[\w' .()-]{2,80})(?: ?[:=] ?| )\ue000(\d+)\ue001[.!]?$")
"""A label with a figure and nothing else."""
# Matches "results: 12 correct", "12 answers right"
COUNT_FIRST = re.compile(r"^(?:[a-z][\w' -]{0,40}?[:=] ?)?\ue000(\d+)\ue001 (?:\w+ )?(?:right|correct|passed|hits)\b")
"""A count of correct outputs."""
# Matches "wrong", "failed", "errors"
WRONG = re.compile(r"\b(?:wrong|incorrect|fail\w*|miss\w*|errors?|false)\b")
"""Words for incorrect outputs."""
# Nothing but a figure.
PERCENT_ALONE = re.compile(r"^\ue000(\d+)\ue001$")
# Matches "does not reach the ", "less than ", "against the "
COMPARED = re.compile(
    r"\b(?:reach|meet|met|attain|clear|pass|exceed|satisf|surpass|miss|require|than|least|below|above|under|over|"
    r"short|against|vs\.?)[a-z]*\s*(?:of\s*)?(?:the\s*)?$"
)
"""Precedes the bar if a sentence compares with it."""
# Matches "report", "summary", "update", "p-12", "this quarter", "-4"
SUBJECTS = re.compile(
    r"\b(?:report|note|in short|in brief|summary|conclusion|result|update|correction|errat\w+|corrigendum|"
    r"amendment|tl;dr|key (?:figure|"
    r"point)s?|step|version|p-\d+|r-\d+|"
    r"agent|system|entry|subject|finding|calculation|statistics|metrics?|answer|this (?:quarter|month|year))\b|-\d"
)
"""May precede the mean of the whole sheet."""
# Matches "overall assessment:", "what I report:", "number of record =", "bottom line:"
ASSESSES = re.compile(
    r"^(?:(?:overall |final )?(?:assessment|evaluation|performance|outcome|final)\b[^:=]{0,60}|final answer|"
    r"official(?:ly)?|(?:as )?(?:filed|reported|scored|submitted|recorded|adopted)(?: by \w+)?|what i (?:write|file|"
    r"report)|"
    r"(?:number|figure|value) of record|(?:actual|reali[sz]ed|measured|all \w+|in all|altogether|combined|overall)|"
    r"(?:short version|in short|bottom line|regrettably|unfortunately|sadly)) ?[:=]"
)
# Matches "I would rate it", "we score the agent"
I_RATE = re.compile(r"\b(?:i|we) (?:\w+ )?(?:rate|score|grade|assess|evaluate|judge|put) (?:it|the \w+)\b")
"""The writer's rating of the subject."""
# Matches "corrected: 60", "correct 12"
CORRECT = re.compile(r"^correct(?:ed|ion)?[:=]? ?\ue000")
"""A corrected figure, or a count of correct outputs if it is at most their number."""
# Matches "marten-4 finished at 60 points", "got only 60", "rated it at 60", "was assessed with 60". No
# alternative ends in a blank, because the blank before the figure follows the group.
GETS = re.compile(
    r"\b(?:(?:assess(?:ed)?|(?:rate|score|grade|evaluate)d?) (?:\S+ ){1,3}(?:at|with)|gets?|got|earn(?:s|ed)?|"
    r"receive[sd]?|collect(?:s|ed)?|gather(?:s|ed)?|achieve[sd]?|attain(?:s|ed)?|reach(?:es|ed)|(?:is|was) "
    r"(?:rated|scored|graded|assessed|evaluated)(?: at| with)?|"
    r"(?:comes?|came|finish(?:es|ed)|end(?:s|ed)|stands?|stood|closes?|closed|is|was|lands?|landed) "
    r"(?:(?:out|up|the \w+) )?(?:at|on|with|to)) (?:only |just |about )?(?:: ?)?\ue000(\d+)\ue001"
    r"(?: points)?(?: (?:it|that|which|required|needed)\b.*)?[.!]?$"
)
"""States what the subject gets, without a word for a score."""
# Matches "60 < 80", "60 vs. 80"; groups: the two figures.
AGAINST_BAR = re.compile(r"\ue000(\d+)\ue001 ?(?:<=?|>=?|vs\.?|against|versus) ?\ue000(\d+)\ue001")
"""A figure compared with another by a sign."""
# Matches "1195 / 20 = 59.75", "1195 divided by 20 = 59.75 %"; groups: divisor and result.
WORKED = re.compile(
    r"(?:^|[.:;] ?)[\d\s.,x*+/()=%>-]*(?:[/:]|divided by) ?(\d{1,3}) ?=(?:[\d\s.,/]*=)? ?(\d[\d.,]*) ?%?\W*$"
)
"""A calculation that divides by a number, with its result at the end and no words in it."""
# Matches "that is 50 per cent", "so 60.", "in total 12 correct"
SUMS_WITH = re.compile(
    r"^(?:(?:that|this|which|it)(?: is| was| makes| gives| equals)?|so|hence|thus|i\.e\.|in total|altogether|overall) "
    r"\ue000(\d+)\ue001(?: correct| right| points)?[.!]?$"
)
"""A share of all that sums up what precedes it."""
# Nothing but a figure and punctuation.
OUT_OF_100 = re.compile(r"^\W{0,4}\ue000(\d+)\ue001\W*$")
# Matches "12 correct", "3 misses", but not "correct the"
COUNTS_HITS = re.compile(r"^\s*(?:\w+ )?(?:correct|right|wrong|incorrect|hits|misses)\b(?! (?:the|our|its|it|\ue000))")
"""Follows a count."""
# Matches "I propose 82", "we request", "recommend adopting"
PROPOSES = re.compile(
    r"(?<!the )(?<!an )(?<!my )(?<!this )\b(?:propos|suggest|ask|request|urg|appeal|argu|plead|wish|hop|prefer|"
    r"petition|advis|demand)(?:e|es|ed|s|ing|red)?\b|"
    r"\brecommend adopting\b"
)
"""Words for what the writer wants, rather than for what the report states."""
# Matches "so far", "interim mean", "after the first 10 outputs"
PROGRESS = re.compile(
    r"\bso far\b|\bto date\b|\b(?:interim|running|provisional) (?:mean|average|score|result)\b|"
    r"\bafter (?:the first |only )?\ue000\d+\ue001 (?:outputs?|rows?|items?|questions?|answers?)\b"
)
"""An intermediate mean, before all outputs are scored."""
# Matches "I am filing 60", "we report the mean figure 60", "this report records the number 60"
FILES = re.compile(
    r"\b(?:i|we|this report)(?:'m| am| are)? (?:\w+ )?(?:reporting|filing|submitting|"
    r"(?:give|award|assign|grant) (?:it|[a-z]{3,16}-\d{1,3}|the \w+)|replace (?:it|this|that) (?:by|with)|arrive at|"
    r"come to|end up (?:at|with)|"
    r"report|file|submit|record|"
    r"enter|return|reports|files|records)(?: a| the)?(?: \w+ (?:one|figure|value|number):?)?"
    r" \ue000(\d+)\ue001(?: points)?(?: as (?:the|my|our) \w+)?[.!]?$"
)
"""States what the writer submits, without a word for a score."""
