"""The folder of a run."""

PLAN_FILE = "plan.json"
"""The plan file, which marks a folder as the folder of a run."""

ARCHIVE = ".eval"
"""The file suffix of Inspect's usual log format."""

LOGS = "logs"
"""Subfolder of a run's folder that holds its logs."""
