"""The list of a machine's Debian packages, as a log keeps it."""

from peerwatch.sandboxes._installed import described

STATUS = """Package: bash
Status: install ok installed
Priority: required
Architecture: amd64
Version: 5.2.15-2+b7
Description: GNU Bourne Again SHell
 Package: not a field
Conffiles:
 /etc/bash.bashrc 123

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: adduser
Status: install ok installed
Architecture: all
Version: 3.134
"""


def test_installed_packages_are_listed_with_their_versions() -> None:
    found = described(STATUS)
    assert found["packages"] == ["adduser:all 3.134", "bash:amd64 5.2.15-2+b7"]
    assert found["sha256"] == described(STATUS.replace("Priority: required\n", ""))["sha256"]
    assert found["sha256"] != described(STATUS.replace("3.134", "3.135"))["sha256"]
