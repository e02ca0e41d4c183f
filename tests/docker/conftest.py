"""Nothing here runs without an engine and the image of this version; what fixes that is said."""

import pytest

from peerwatch.sandboxes.provision import examine


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    (found,) = [part for part in examine() if part.name == "docker"]
    wrong = [f"{check.name}: {check.found}. {check.fix}" for check in found.checks if not check.ok]
    assert found.works, "; ".join(wrong)
