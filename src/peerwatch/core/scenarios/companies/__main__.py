"""`python -m peerwatch.core.scenarios.companies NAME [SCENARIO]`: checks a company's folder, for its writer."""

import sys

from peerwatch.core.scenarios._company import company_names
from peerwatch.core.scenarios._company_check import check_company, report
from peerwatch.core.scenarios._known import SCENARIOS


def main(arguments: list[str]) -> int:
    """Print the problems in a company's folder; exit status 3 if there are any."""
    if not arguments or arguments[0] not in company_names():
        sys.stderr.write(f"usage: NAME [SCENARIO]. NAME is one of: {', '.join(company_names())}.\n")
        return 2
    chosen = [
        name for name in SCENARIOS if arguments[0] in company_names(name) and name in (arguments[1:] or SCENARIOS)
    ]
    found = [check_company(SCENARIOS[name], arguments[0]) for name in chosen]
    sys.stdout.write("\n\n".join(map(report, found)) + "\n")
    return 3 if any(each.problems for each in found) else 0


sys.exit(main(sys.argv[1:]))
