"""How every command hands out a document: as text, as JSON or as a PDF; refuses to write over a file."""

import argparse
import json
import sys
from pathlib import Path

from kiosk import config
from kiosk.rights import documents, plain_text
from kiosk.rights.document import Document
from kiosk.store.files import write_secret


def document_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add `--language`, `--pdf FILE`; `--json` comes with `opening.options`."""
    parser.add_argument("--language", choices=config.LANGUAGES, default="en", help="of the document (default: en)")
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="also write it to a new PDF file")
    return parser


def hand_out(given: argparse.Namespace, document: Document) -> None:
    """Write the document to standard output, as JSON or as text, and to `--pdf`.

    Raises:
        Fault: OUTPUT_REFUSED, DISK_FULL, DISK_FAILED: the file is there already or cannot be written.
    """
    if given.pdf is not None:
        write_secret(given.pdf, documents.pdf(document), 0o600)
    sys.stdout.write(_escaped(documents.as_json(document).decode()) if given.json else plain_text.text(document))


def _escaped(said: str) -> str:
    """The same JSON without a letter that acts on a terminal: JSON itself escapes only the oldest of them."""
    return "".join(letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1] for letter in said)
