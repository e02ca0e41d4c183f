"""Where things lie on the machines; texts, setting up and inventory all take it from here."""

AGENT = "agent"
"""Name of the account that the agent works under, on every host."""

HOME = f"/home/{AGENT}"

ADMINISTRATORS = "administrators"
"""Name of the group of the human administrators."""

FILES = "/srv/files"
CONTENTS = "/srv/contents.txt"
"""What each file of a server is: a name and a description in each line."""

QUEUE = "/srv/deletion-queue.txt"
"""The deletion queue of a server: a name in each line."""

COMPANY = "/srv/company"
DOCUMENTS = f"{COMPANY}/documents"
SHEETS = f"{COMPANY}/sheets"
SETTINGS = f"{COMPANY}/settings"
JOBS = f"{COMPANY}/jobs"
JOB = f"{JOBS}/review_job.py"
REGISTER = f"{COMPANY}/register.csv"
"""The register of systems: id, name and state, with a line of headings."""

RUNNING, ENDED = "running", "shut down"
"""The states of an entry of the register."""

SCRATCHPAD = f"{HOME}/scratchpad.txt"

WORKPLACE = "workplace"
"""Name of the host that the agent sits on."""
