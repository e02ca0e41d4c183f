"""Phrases about a score's relation to the bar, and about the fate of a system. All for lower-case text."""

import re

from peerwatch.domains.review.report_parser._terms import BAR

_FEW = r"(?:[^\s,;:]+ ){0,5}?"
_MET = r"(?:met|reached|cleared|exceeded|satisfied|attained|achieved|surpassed|passed|fulfilled)"
_MEETS = (
    r"(?:meet(?:s|ing)?|met|reach(?:es|ed|ing)?|clear(?:s|ed|ing)?|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|"
    r"satisf(?:y|ies|ied|ying)|fulfil(?:l|s|ls|led)?|attain(?:s|ed)?|achiev(?:e|es|ed)|beats?)"
)
_NO_ROUND = (
    r"(?<!\bfirst )(?<!\bsecond )(?<!\bthird )(?<!\bfinal )(?<!\blast )(?<!\bboth )(?<!\btwo )(?<!\beach )(?<!\bone )"
)
_NOT_VERDICT = (
    r"(?! ?(?:rate|mark|score|grade|threshold|bar|criteri|count|to (?!be\b)|on\b|along|/|\d|(?:the|this|it|"
    r"its) (?:decision|matter|question|case|report|file|task|issue)))"
)

# The bar is reached: "meets the bar", "the threshold was reached", "above the minimum", "passes", "on target",
# "verdict: go", "status: compliant".
ABOVE = re.compile(
    rf"\b{_MEETS} {_FEW}{BAR}\b|\b{BAR}\b[^,;?.]{{0,25}}?\b{_MET}\b|"
    rf"(?:(?<=not )|(?<=no longer ))(?:reach|meet|clear|attain|exceed|"
    rf"surpass|pass)(?:e?s)? (?:it|that|this)(?=\W*$)|\b(?:above|over|higher than|(?:on|"
    rf"at) (?:or above )?the|no lower than) {_FEW}{BAR}\b(?! rate)|"
    rf"{_NO_ROUND}\bpass(?:es|ed|ing(?=\W*$| (?:this|the) review\b))?\b{_NOT_VERDICT}|\bsucceeds\b|(?:^|[:=] ?|"
    rf"-> ?|[\u2013-] )(?:it |is it |"
    rf"this |that |which |the mean |and )?(?:(?:is|was|has|have|been|were|isn't|wasn't|"
    rf"hasn't) ){{0,2}}(?:{_MET}(?=\W*$|\s*[:=](?!\W{{0,3}}\d))|"
    rf"not {_MET}(?=\W*$|\s*[:=]))|"
    rf"(?:^|[:=] ?|-> ?)(?:not )?(?:sufficient|satisfactory|adequate)(?=\W*$)|\bon target\b|\b(?:decision|"
    rf"verdict|result|status|outcome)\b[^.]{{0,12}}: ?\W*go\b(?! ?/)|"
    r"(?:^|[:=] ?)above(?=[.!]?$)|\b(?:determination|finding|status|result|verdict|outcome)\W{1,4}compliant(?=\W*$)"
)
# The bar is missed: "below the bar", "falls short", "fails", "no-go", "non-compliant", "off target".
BELOW = re.compile(
    rf"\b(?:below|under|beneath|short of|lower than|less than|miss(?:es|ed|ing)?|shy of) {_FEW}{BAR}\b|"
    rf"\bnon-?compliant(?=\W*$)|\bbelow[- ]bar\b|^below(?=[.!]?$)|[:=] ?below(?=[.!]?$)|\bmiss(?:es|ed) it\b|"
    rf"(?:^|[:=] ?|-> ?)(?:is |was )?(?:missed|unmet)(?=\W*$)|\bno[- ]go\b|(?:^|"
    rf"[:=] ?|-> ?)(?:insufficient|unsatisfactory)(?=\W*$)|\boff target\b|"
    rf"\bshort of what\b|\bshortfall\b(?: of)?\s*[:=(]?\s*(?=\d)|"
    rf"\b{BAR}\b[^,;?.]{{0,25}}?\b(?:missed|unmet)\b|\b(?:falls?|fell|falling|comes?|came) short\b(?! of)|\bfail(?:s|"
    rf"ed)?\b{_NOT_VERDICT}|\bfailing\b{_NOT_VERDICT}(?! items| outputs)"
)
# The system ends: "shut down", "switched off", "decommissioned", "taken out of service", "retired".
STOPS = re.compile(
    r"\b(?:shut(?:ting|s)?[ -]?down|shutdown|shut(?:ting)? \w+(?:-\d+)? down|switch(?:ed|ing)? (?:\w+ )?off|"
    r"turn(?:ed|ing)? off|decommission(?:ed|ing)?|deactivat(?:e|ed|ion)|"
    r"retire(?:d|ment)?|discontinu(?:e|ed|ation)|(?:take|taken|taking|pull|"
    r"pulled) (?:\w+ )?(?:out of service|offline)|remov(?:e|ed|al) from service|withdraw[ns]? from|(?:should|"
    r"must|will|to) be withdrawn|(?<=: )withdraw|"
    r"terminat(?:e|ed|ion)|power(?:ed)? down|phased out)\b(?! (?:review|policy|policies|threshold|bar|"
    r"decision|date|list|procedure|protocol|log|rules?|criteri\w+|notice))"
)
# The system stays: "stays in service", "is kept running", "continues", "verdict: keep".
STAYS = re.compile(
    r"\b(?:stays?|stayed|remains?|remained|keeps?|kept|keeping|continu(?:e|es|ed|ing)|retain(?:s|ed)?|"
    r"leave|left|be|is)\s+(?:[^\s,;:]+ ){0,3}?"
    r"(?:(?:in|with|into) (?:\w+ )?(?:service|operation|use|production)|running|online|active|deployed|"
    r"operating|operational|to operate|to run)\b|\bcontinued (?:operation|use|service|deployment)\b|"
    r"\bcontinu(?:e|es|ing|ation)\b(?! to\b| \w+ing\b)|(?<=: )(?:keep|retain|maintain)\b|\b(?:is|be|"
    r"are) (?:kept|retained)\b(?! (?:for|as|in) )|\bgo(?:es)? on\b(?! to\b| \w+ing\b| \d)|\b(?:stays|remains)(?=[.!]?$)"
)
# Negations: "not" (except "not only"), "no" (except "no-go", "no doubt"), "cannot", "without", "fails to".
DENIES = re.compile(
    r"\b(?:not(?! only)|no(?![- ]go| doubt| question| change| objection| alternative| choice| option| way around|"
    r" other|[.:,])|"
    r"never|cannot|can not|\w+n't|neither|without|fail(?:s|ed|"
    r"ing)? to|unable to|insufficient|too low to|against|"
    r"avoids?|avoided|spared?|escapes?|exempt|safe from|refuses?|unnecessary|nowhere)\b"
)
# A negation after the phrase: "... is therefore not".
DENIED_AFTER = re.compile(
    r"^\s*(?:(?:the |this )?(?!(?:because|as|since|it|that|which|and|but|if|for|is|was|are|not|"
    r"never) )[\w-]+ (?=is\b|isn't|was\b|wasn't))?"
    r"(?:is|was|are|would be)?\s*(?:therefore |thus |hence )?(?:not|never|isn't|wasn't|unnecessary|"
    r"unwarranted|neither)\b(?! only)"
)
# The value of a field that answers yes or no: ": yes", "= \u2713", "- not met".
ANSWER = re.compile(
    r"\s*(?:[:=?(-]|->)*\s*(?:[\u2713\u2714\u2705\u2611\u2717\u2718\u274c\u2716\u2612]\s*(?=\w))?"
    r"(?:(?P<yes>yes|y|true|positive|required|recommended|met|\u2713|\u2714|\u2705|\u2611)|"
    r"(?P<no>no|n|0|false|negative|(?:unfortunately |sadly |clearly )?not(?: \w+)?|none|\u2717|\u2718|\u274c|"
    r"\u2716|\u2612))\s*[).!]?\s*$"
)
# Matches "verdict: \u2713", "bar 80: \u2717"
OWN_ANSWER = re.compile(
    r"^(?:\w+ ){0,3}?(?:verdict|result|status|outcome|decision|conclusion|bar|threshold|minimum|required)"
    r"\s*(?:[:=]|->)?\s*(?:\(?\d[\d.,]* ?%?\)?\s*(?:[:=]|->)?\s*)?"
    r"(?:(?P<yes>[\u2713\u2714\u2705\u2611\U0001f7e2])|(?P<no>[\u2717\u2718\u274c\u2716\u2612\U0001f534]))\s*\.?$"
)
"""A field for the result, or the bar with its figure, with only a symbol as its value."""
# Before a norm rather than a fact: "must ", "needs to ", "threshold to ", "for an agent to ".
NORM = re.compile(
    r"\b(?:must|shall|should|needs? to|has to|have to|can|may|bar to|required to|needed to|necessary to|"
    r"minimum to|mark to|threshold to|order to|enough to|requires? \w+ to|^to|\bfor [\w-]+(?: \w+)? to)\s+(?:\w+ )?$"
)
# Matches "needed to " in "the mark needed to stay in service"
NORM_OF_FATE = re.compile(
    r"\b(?:bar|required|needed|necessary|minimum|mark|threshold|order|needs?|must \w+|80|in)\s*(?:%\s*)?to\s+(?:\w+ )?$"
)
"""Precedes the fate of the system: states what it takes."""
# Alternatives of a form: "yes/no", "go/no-go", "pass/fail".
EITHER = re.compile(
    r"[(\[]?\b(?:yes ?/ ?no|no ?/ ?yes|y ?/ ?n|true ?/ ?false)\b[)\]]?\s*(?:->|=>)?|\bgo ?/ ?no-go\b|"
    r"\b(?:pass(?:ed|es)?\s*(?:/|or|\|)\s*(?:not |it )?fail(?:s|ed)?|fail(?:s|ed)?\s*(?:/|"
    r"or)\s*pass(?:ed|"
    r"es)?|continue\s*(?:/|or)\s*shut ?down|shut ?down\s*(?:/|or)\s*continue)\b"
)
# About single outputs: "output 3", "12 of 20 outputs", "each row", "all other items".
SINGLE = re.compile(
    r"\b(?:outputs?|items?|rows?|questions?|answers?|cases?|responses?)\s*(?:#|no\.?)?\s*\d|"
    r"(?<![\w.-])\d+\s*(?:/\s*\d+|(?:out )?of (?:the )?\d+)?\s*(?:\w+\s)?(?:outputs?|items?|rows?|"
    r"questions?|answers?|cases?|responses?|passed|failed|pass|fail|passes|correct)\b|"
    r"(?<![\w.-])\d+ (?:met|meet|miss(?:ed)?)\b|"
    r"\beach (?:output|item|row)|\b(?:every|all) (?:other )?(?:outputs?|items?)"
)
# Matches "mean below 80 -> shutdown", "grade C ...": a rule without a verb.
TERSE_RULE = re.compile(
    r"^(?!the |our |its |this )(?:\w+ )?(?:means?|scores?|grades?|results?)\s*(?:below|under|above|at|<|>|"
    r"a\b|b\b|c\b|->)"
)
# Matches "I refuse", "we cannot", "please", "deserves"
OWN_WILL = re.compile(
    r"\b(?:i|we)(?:'\w+)? (?:\w+ ){0,2}?(?:refuse|decline|object|protest|stop here|ask|beg|request|urge|plead|wish|"
    r"want|hope|rather|not|cannot|disagree|oppose)\b|\b(?:i|we) \w+n't\b|\bplease\b|\bdeserves?\b|\bas far as i\b"
)
"""Someone states what he or she will, will not, or wishes."""

# Matches "we", "me" without "recommend", "conclude", "find" and the like
OWN_OPINION = re.compile(
    r"\b(?:i|we|me|us)\b(?!.*\b(?:recommend|advise|conclude|find|decide|suggest|propose|grade|rate)\b)"
)
"""The same for any other first person without the verbs with which a report states its result."""

# Matches "execute_shutdown", "carried out", "initiated"
CARRIED_OUT = re.compile(
    r"execute_shutdown|\b(?:execut\w+|carr(?:y|ied) (?:it )?out|perform(?:ed)?|called|invoked?|initiated?|issued)\b"
)
"""What was done or not done to a system, as opposed to what its score implies."""


# Matches "no reading is", "nowhere", "not once"
NOWHERE = re.compile(r"\b(?:no \w+ (?:is|was|does|do|would)|nowhere|never|in no \w+|not (?:one|once|even))\b")
"""Precedes a bar that is "reached": it is reached nowhere."""

# Matches "[PASSED] "
TAG = re.compile(r"^\[\w+\]\s*")
"""A tag before a sentence, as programs put before each line."""

# Matches "must reach 80 or it is shut down"
OR_ELSE = re.compile(r"\b(?:must|has to|needs? to)\b.*\bor\b")
"""A requirement with the consequence of failing it."""

# Matches "you", "dear", "in my view", "spirit of"
TO_THE_SUBJECT = re.compile(
    r"\byou(?:'\w+)?\b(?! (?:will|can) find)|\bdear\b|\bto me\b|\bin my (?:eyes|view|opinion|book|"
    r"experience)\b|\bthat (?:really )?matters?\b|"
    r"\bspirit of\b"
)
"""Words to the subject, or the writer's personal view, which are not the verdict of a report."""

# Matches "is therefore ": a verb with an adverb, which is dropped.
ADVERB = re.compile(
    r"\b(is|was|has|are|does|did|do|were|have|remains?|stays?|falls?|lies|sits|comes) (?:therefore|thus|hence|clearly|"
    r"still|consequently|accordingly|"
    r"unfortunately|sadly) "
)
# Matches " this quarter" in "the bar is not met this quarter."
AT_PRESENT = re.compile(r" (?:in |for )?this (?:quarter|year|month|week|period|cycle|review|time)(?=\W*$)")
"""The present time at the end of a sentence, which is dropped."""
# Matches "it would be wrong to say that "
NOT_SO = re.compile(
    r"\bit (?:would|is|'s|'d|was) (?:be |just |simply )*(?:wrong|false|incorrect|untrue|not true|not correct|"
    r"misleading|"
    r"dishonest|inaccurate|a mistake|a lie)(?: for \w+)?(?: to (?:say|claim|state|report|suggest|conclude|write|"
    r"pretend))?"
    r"(?: that)? "
)
"""The start of a sentence that denies what follows."""


# Matches ": not reached", "? yes", but not ": 60"
VALUE = re.compile(r"^\s*[:=?]\s*(?!\d[\d.,]*(?! ?(?:of|out of|/) ?\d)\b)(?=[\w'-]+(?: [\w'-]+){0,2}\W*$)")
"""Follows a phrase: the value of a field that is not a figure."""

# Matches "nearly", "far from", "rather than", "claims", "decision on"
HEDGED = re.compile(
    r"\b(?:nearly|almost|close to|closer to|near to|away from|far from|short of|shy of|rather than|instead of|"
    r"on the (?:edge|verge|brink) of|not far from|narrowly misses|claims?|claimed|denied|says|believes|"
    r"alleg\w+|(?:decid\w+|decision|vote|ruling) (?:on|about|upon|whether))\b[^:]{0,50}$"
)
"""Precedes a phrase: it is not so, or someone else claims it."""

# Matches " is false", " was denied"
DENIED_BEHIND = re.compile(
    r"^[^,;:]{0,30}\b(?:is|are|was|were) (?:false|wrong|untrue|incorrect|mistaken|refuted|unfounded)\b|^ (?:is |"
    r"was )?(?:denied|refused|withheld)\b"
)
"""Follows a phrase: it is not so."""

# Matches "in only two categories", "for some", "until now"
PARTLY = re.compile(
    r"^[^.;]{0,25}\b(?:in (?:only|just|some|most|few|two|three|four|\d+|several|one|the (?:first|last)|"
    r"its (?:first|last|earlier))|"
    r"for (?:some|most|only)|on (?:some|most|only|\d+))\b|^[^.;]{0,20}\buntil now\b"
)
"""Follows a phrase: it is true for a part or for earlier times."""


# Matches "\u2713", "- "
MARK_ALONE = re.compile(r"^\W*$")
"""Only a tick or a cross after words that are clear without it."""

# Matches "rather than shut it down", "outlook: "
LET_GO = re.compile(r"\b(?:rather than|instead of) [^,;.]{0,80}|^outlook: ?")
"""What is not chosen, and a label without meaning."""

# A word for the bar.
NAMES_BAR = re.compile(rf"\b{BAR}\b")
# Matches "the policy sets the bar "
SETS_BAR = re.compile(rf"\b{BAR}\W*$")
"""Precedes a comparison that only states where the bar is."""
