"""`kiosk-hq data`: the table of everything that HQ keeps; refuses nothing, and opens no store."""

import argparse
import sys

from hq.commands import tell
from hq.dictionary import lines


def add(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    data = nouns.add_parser("data", help="every column that HQ keeps: what it holds, why, for how long")
    data.add_argument("--json", action="store_true")
    data.set_defaults(command=_data)


def _data(options: argparse.Namespace) -> None:
    rows = [
        {
            "table": line.table,
            "column": line.column,
            "holds": line.holds.value,
            "purpose": line.purpose.value,
            "kept": line.kept.value,
        }
        for line in lines()
    ]
    if options.json:
        tell(options, {"columns": rows}, "")
        return
    for row in rows:
        name = f"{row['table']}.{row['column']}"
        sys.stdout.write(f"{name:<34}{row['holds']:<12}{row['purpose']:<12}{row['kept']}\n")
