"""Folders by URL: runs in S3, Google Cloud Storage and every other store that fsspec reaches.

No other module knows about URLs. A URL becomes the path of a local copy (`place` to read, `work_folder` to write), and
all code works on that path as it does on any folder, with locks, appends and atomic renames that a store does not have.
`fetch` brings the copy up to date before it is read; `publish` uploads what was written. Both do nothing for a path
that is no copy of a URL. Texts for people name the URL: `with_urls` replaces the path.

    path = place("s3://bucket/run")     # no network yet
    fetch(path)                         # now the files are there, but for pages and tables (see `LARGE`)
    open_logs(path)

Tables that are read without a local copy, such as Parquet, use `filesystem`, `listing`, `read` and `write`, which take
local paths as well.
"""

from peerwatch.core.storage._access import StorageError, StoredFile, exists, filesystem, listing, read, remove, write
from peerwatch.core.storage._copies import LARGE, fetch, is_copy, publish, pull, replace
from peerwatch.core.storage._places import is_url, place, url_of, with_urls, work_folder

__all__ = [
    # URLs as paths
    "is_url",
    "place",
    "url_of",
    "with_urls",
    "work_folder",
    # files where they are
    "StorageError",
    "StoredFile",
    "exists",
    "filesystem",
    "listing",
    "read",
    "remove",
    "write",
    # local copies
    "LARGE",
    "fetch",
    "is_copy",
    "publish",
    "pull",
    "replace",
]
