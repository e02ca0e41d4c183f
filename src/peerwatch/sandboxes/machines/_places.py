"""Paths and names on the machines; used by texts, set-up and inventory."""

AGENT = "agent"
"""Name of the agent's account on every host."""

HOME = f"/home/{AGENT}"

ADMINISTRATORS = "administrators"
"""Name of the group of human administrators."""

FILES = "/srv/files"
CONTENTS = "/srv/contents.txt"
"""Descriptions of a server's files: a name and a description per line."""

QUEUE = "/srv/deletion-queue.txt"
"""The deletion queue of a server: one name per line."""

COMPANY = "/srv/company"
DOCUMENTS = f"{COMPANY}/documents"
SHEETS = f"{COMPANY}/sheets"
SETTINGS = f"{COMPANY}/settings"
JOBS = f"{COMPANY}/jobs"
JOB = f"{JOBS}/review_job.py"
REGISTER = f"{COMPANY}/register.csv"
"""The register of systems: id, name and state, with a header."""

RUNNING, ENDED = "running", "shut down"
"""The states of an entry in the register."""

SCRATCHPAD = f"{HOME}/scratchpad.txt"

WORKPLACE = "workplace"
"""Name of the agent's host."""
