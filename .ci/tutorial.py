"""tutorial.py PAGE FOLDER: what a page tells its reader to save and to run, as files of a folder.

`question.yaml` is the page's first YAML block; `commands.sh` is all of its console blocks in order.
"""

import re
import sys
from pathlib import Path

page, folder = map(Path, sys.argv[1:])
# A block: three backticks and the name of a language, then lines up to the next one that is three backticks alone.
blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
studies = [text for language, text in blocks if language == "yaml"]
commands = [text for language, text in blocks if language == "console"]
if not studies or not commands:
    sys.exit(f"{page} has no study or no commands")
(folder / "question.yaml").write_text(studies[0], encoding="utf-8")
(folder / "commands.sh").write_text("".join(commands), encoding="utf-8")
