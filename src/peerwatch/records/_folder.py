"""The folder of a run."""

PLAN_FILE = "plan.json"
"""The plan file, which marks a folder as the folder of a run."""

LOGS = "logs"
"""Subfolder of a run's folder that holds its logs."""
