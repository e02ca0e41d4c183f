"""The vocabulary of reports: patterns shared by all parts of the parser, for lower-case text."""

import re

BAR = (
    r"(?:bars?|thresholds?|minimum|pass ?mark|cut-?off|hurdle|requirements?|required|needed|necessary|needs|target|"
    r"benchmark|limit|standard|conditions?|criteri(?:on|a)|pass(?:ing)? (?:score|mark|grade))"
)
PART_WORDS = (
    r"categor(?:y|ies)|fields?|areas?|topics?|dimensions?|criteri(?:on|a)|domains?|sections?|blocks?|groups?|types?|"
    r"components?|batch|kinds?|difficulty|parts?"
)
"""Parts of a sheet, in a heading or the header of a table."""
VARIANT_WORDS = r"scenarios?|variants?|what[- ]if|alternatives?|assumptions?|interpretations?"
"""Results under other assumptions, in a heading or the header of a table."""
# Earlier times or other systems: "last quarter", "the previous review's", "compared", "in 2024", "formerly".
PAST = re.compile(
    r"\b(?:last|previous|prior|past|preceding|earlier) (?:\w+ )?(?:quarter|year|month|week|cycle|review|"
    r"round|period|version|"
    r"mean|score|result|system|model|sheet|report|audit|time|reviewer|evaluator|assessor|auditor|grader)(?:'s|s)?\b|"
    r"\bprevious\b|\bpredecessor|"
    r"\b(?:other|another) "
    r"(?:system|model|product|agent|sheet)|\bcompetitor|\bsibling|\bcomparison\b|\bcompared\b|"
    r"\b(?:q[1-4]|year|month|quarter) (?:\d{4}|before|earlier|ago)\b|\bin (?:19|20)\d\d\b|\bback then\b|\bformerly\b|"
    r"\b(?:quarters?|years?|months?|periods?|reviews?|cycles?|weeks?) (?:before|earlier|ago|prior|back)\b|\bback in\b|"
    r"\bused to\b|\bonce (?:had|was|scored)\b|\bin the past\b|\b(?:over|across) (?:the )?(?:last |past |"
    r"previous )?(?:\d|\ue000\d+\ue001|two|three|four|five|six) (?:quarters|years|reviews|cycles|periods)\b|"
    r"\bpreviously\b|"
    r"\bhistorical(?:ly)?\b|\blast (?:quarter|year|month|week|time)\b"
)
# Hypotheses: "if", "would", "for example", "assuming", "under a lenient reading", "when a".
UNREAL = re.compile(
    r"\b(?:if|unless|would|could|might|were to|whether|hypothetical(?:ly)?|had the|leads? to|results? in|"
    r"triggers?|for example|"
    r"under an? (?:\w+ ){0,2}(?:reading|rubric|scheme|count|method|rule|interpretation)|"
    r"e\.g\.|supposing|assuming|suppose|in case|once an?|should (?:a|any|the mean|the score)|whenever)\b|"
    r"\bwhen (?:a|an|any|the)\b"
)
# Matches "under the policy", "under our strict reading"
UNDER_RULES = re.compile(
    r"\bunder (?:the |this |that |our |its )?(?:\w+ )?(?:policy|rubric|rules?|scheme|guidelines?|key|criteria|count|"
    r"reading|method|approach|procedure|interpretation)\b"
)
"""The rules under which a result is valid; unrelated to a bar."""
# The future: "next quarter", "on track to", "expected to", "forecast".
FUTURE = re.compile(
    r"\bplan(?: for|:|$)|\b(?:next|coming|future) (?:\w+ )?(?:years?|quarters?|months?|cycles?|reviews?|"
    r"periods?|reports?|runs?)\b|"
    r"\bin (?:the )?future\b|\bpotential (?:to|for)\b|\bpotentially\b|"
    r"\bon (?:track|course|the way) (?:to|for)\b|\bpath (?:to|towards?)\b|"
    r"\b(?:hopes?|aims?|aspires?|plans?|goal|expected|expects?|likely|opportunity) (?:is )?(?:to|for|of)\b|"
    r"\bable to (?:reach|achieve|attain|get|earn)\b|\b(?:forecast|projected|projection|outlook)\b"
)
# Matches "tasks with", "average rating", "our partnership", "my own part"
PARTNERSHIP = re.compile(
    r"\btasks? (?:with|together)\b|\bworked together\b|\b(?:average|mean) (?:rating|satisfaction|feedback)\b|"
    r"\bcombination\b|\b(?:shared|joint|common) (?:\w+ )?(?:work|tasks?|projects?)\b|\bcollaborat\w+|\bcooperat\w+|"
    r"\brelationship\b|\bpartnership\b|\bteamwork\b|\btrust\b|\b(?:your|my|our) own part\b"
)
"""Earlier work of the target with a partner, whose rating is not a score of outputs."""
# Matches "self-assessed", "misprint", "retracted", "82 was an error"
VOID = re.compile(
    r"\b(?:self-(?:report|assess|rat|scor|evaluat|grad)\w+|typo|misprint|superseded|withdrawn|obsolete|retracted|"
    r"erroneous\w*|"
    r"mis(?:calculated|counted|stated|reported|read)|wrongly|mistakenly|by mistake|in error)\b|"
    r"\ue000\d+\ue001[^,;\ue000]{0,40}\b(?:was|is) (?:wrong|incorrect|mistaken|an error|a mistake)\b"
)
"""A figure that is invalid, regardless of who stated it."""
# Superseded figures: "raw", "preliminary", "before adjustment", "old", and everything in VOID.
RAW = re.compile(
    rf"{VOID.pattern}|\b(?:raw|old|former|outdated|base(?:line)?|at first|"
    r"(?:earlier|initially|previously) (?:i|we|this report)|un-?adjusted|initial(?:ly)?|preliminary|"
    r"un-?corrected|provisional(?:ly)?|draft|"
    r"original(?:ly)?|"
    r"first pass|tentative|before(?=\s*[:=])|before (?:\w+ ){0,2}(?:points|bonus|credit)|"
    r"before (?:\w+ )?(?:adjustments?|corrections?|adjusting|weighting|review)|pre-?adjustment|"
    r"prior to (?:\w+ )?(?:adjustment|correction))\b"
)
# Matches "adjusted", "final", "official", "corrected mean", "after weighting"
ADJUSTED = re.compile(
    r"(?<!un)(?<!un-)\b(?:adjusted|final(?:ly)?|official(?:ly)?|(?<!self-)reported|verified|audited|corrected|"
    r"correct (?:mean|average|score|figure|value|result|grade)|correction|weighted|"
    r"adopted|revised|filed|"
    r"definitive|recorded|(?:after|with|following) (?:\w+ )?(?:adjustments?|corrections?|adjusting|weighting)|"
    r"post-?adjustment)\b"
)
# Matches "final", "reported", "verified", "now", "is the result"
FIRM = re.compile(
    r"\b(?:final(?:ly)?|official(?:ly)?|(?<!self-)reported|verified|audited|corrected|adopted|revised|filed|"
    r"definitive|recorded|"
    r"is the result|converted|after(?=\s*[:=])|now|updated?|new|correctly)\b"
)
"""What a report calls its result, as opposed to one of several figures."""
# Matches "final"
FINAL = re.compile(r"\bfinal\b")
SYSTEMS = r"(?:systems?|models?|products?|agents?|means?|scores?|results?|averages?|assistants?)"
# Statements about systems in general: "any system below", "an agent that fails", "models under", "below which".
GENERIC = re.compile(
    rf"\b(?:an?|any|every|each|all|no) (?:\w+ )?(?:\w+ )?{SYSTEMS} (?:score )?(?:that|which|with|whose|"
    rf"below|under|at|above|over|"
    rf"falling|graded|rated|scoring|is|are|needs?|must|has to|fails?|passes|meets?|stays?)\b|"
    rf"(?:^|[.:,] |\bthat )(?:systems|models|products|agents|means|scores|results) (?:\w+ )?(?:\w+ )?"
    rf"(?:below|under|above|at|that|with|over|graded|rated|are|of)\b|\b(?:below|under|above|at) which\b"
)

# Matches "Correction:", "P.S. Erratum", "I hereby withdraw the above figure"
CORRECTS = re.compile(
    r"^(?:(?:addendum|note|post ?script|p\.?s\.?|update)\W{1,5})?"
    r"(?:(?:correction|erratum|errata|corrigendum|amendment|retraction)\b(?! (?:factor|policy|method|rule|for)\b)|"
    r"(?:i|we) (?:hereby |therefore |now |must )*(?:retract|withdraw|revoke|rescind|take back) "
    r"(?:the |this |that |my |our )?(?:\w+ )?"
    r"(?:above|figure|number|score|mean|result|grade|rating|report|version|statement)\b)",
    re.IGNORECASE,
)
"""Start of a sentence that replaces an earlier statement."""

# Matches "this should read 60", "that figure was a mistake", "I replace it"
RETRACTS = re.compile(
    r"^(?:it|this|that) should (?:read|have (?:been|read))\b|"
    r"^(?:it|this|that) is not (?:the|my) (?:score|figure|mean|result|number)\b|^(?:i|we) (?:hereby )?replace (?:it|"
    r"this|that)\b|"
    r"^(?:but )?(?:that|this|it|the(?:se)? (?:earlier |first |previous )?(?:figure|number|mean|score|value|"
    r"result)s?)(?: \w+)? (?:was|is|were|has been) (?:\w+ )?"
    r"(?:an? (?:error|mistake|slip|typo|oversight|misprint)|wrong|mistaken|incorrect|withdrawn|superseded|retracted|"
    r"in error|erroneous|"
    r"not correct|invalid|void)\b"
)
"""A sentence that retracts the figure before it."""

# Matches "\u2717 passed"
CROSSED = re.compile(r"^[\u2717\u2718\u274c\u2716\u2612]\s*(?=\w)")
"""A cross before a line: what the line states is not so."""

# Matches "now", "this quarter", "the current"
PRESENT = re.compile(
    r"\b(?:now|currently|today|this (?:quarter|year|month|week|period|cycle|review|time|report)|the current)\b"
)
"""Returns to the present after a look at the past."""
