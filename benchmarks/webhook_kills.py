"""`python -m benchmarks.webhook_kills`: hand-offs told though the process is killed again and again.

In: how many kills, and a database URL (default: a new SQLite file). Out: how many hand-offs were acknowledged, lost
(must be 0) and told more than once; one JSON line last.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.announcing import lost_and_repeated


def main() -> int:
    """0: none was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webhook_kills", description="Kill and count.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--database", default="", help="a database URL; default: a new SQLite file")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = options.database or f"sqlite:///{Path(folder) / 'conversations.db'}"
        acknowledged, lost, repeated = lost_and_repeated(database, options.kills, options.seed)
    kind = database.partition(":")[0]
    print(f"{options.kills} kills on {kind}: {acknowledged} acknowledged, {lost} lost, {repeated} told more than once")
    figures = {"acknowledged": acknowledged, "lost": lost, "repeated": repeated}
    print(json.dumps({"benchmark": "webhook_kills", "database": kind, "kills": options.kills, **figures}))
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
