"""The folder of a run."""

PLAN_FILE = "plan.json"
"""The plan, by which a folder is known as that of a run."""
