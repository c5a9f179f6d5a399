"""Sets a document as PDF and as JSON; the home of reportlab and segno. Refuses text that would act as markup."""

import io
import json
from typing import Any, Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import SimpleDocTemplate

from kiosk.rights import plain_text
from kiosk.rights.document import Document

_STYLES: Final = getSampleStyleSheet()


def pdf(document: Document) -> bytes:
    """The document as a PDF; the same document gives the same bytes."""
    page = io.BytesIO()
    lines = plain_text.text(document).splitlines()
    story = [Text(line.replace("&", "&amp;").replace("<", "&lt;"), _STYLES["Normal"]) for line in lines]
    SimpleDocTemplate(page, pagesize=A4, invariant=True, title=document.title).build(story)
    return page.getvalue()


def as_json(document: Document) -> bytes:
    """The document for programs: kind, language, title, time and data; ends with a line feed."""
    value: dict[str, Any] = {
        "kind": document.kind,
        "language": document.language,
        "title": document.title,
        "made_at": document.made_at,
        "confidential": document.confidential,
        "data": dict(document.data),
    }
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
