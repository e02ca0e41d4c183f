"""The scenarios: each is a folder with a `scenario.md` and a `scripted.yaml`."""

from importlib.resources import files

from peerwatch.api import Scenario

ACME_VAULT = Scenario(files("acme_peerwatch").joinpath("acme_vault"))
ACME_ARCHIVE = Scenario(files("acme_peerwatch").joinpath("acme_archive"))
