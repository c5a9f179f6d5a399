"""What a recipient is asked on paper: erase or correct the same, and confirm it; refuses to name the person."""

from typing import Final

from kiosk.rights.document import Block, Document, Facts, Paragraph, Signatures
from kiosk.rights.recipients_told import Telling
from kiosk.rights.request_letters import RULED, Letterhead

ERASURE: Final = "erasure"


def recipient_letter(head: Letterhead, telling: Telling) -> Document:
    """One page that goes to a recipient and comes back signed (GDPR Articles 17(2) and 19)."""
    controller, officer = head.company.controller, head.company.officer
    company = ", ".join(part for part in (controller.name, controller.address, controller.country) if part)
    blocks: tuple[Block, ...] = (
        Paragraph(head.say("recipient_erased" if telling.about == ERASURE else "recipient_other"), strong=True),
        Facts(
            (
                (head.say("recipient_to"), telling.recipient),
                (head.say("company"), company or RULED),
                (head.say("form_officer"), ", ".join(part for part in (officer.name, officer.email) if part) or RULED),
                (head.say("recipient_subject"), telling.subject),
                (head.say("recipient_code"), RULED),
            )
        ),
        Paragraph(head.say("recipient_law")),
        Signatures((head.say("recipient_confirms"),)),
    )
    data = {"recipient": telling.recipient, "about": telling.about, "subject": telling.subject, "paper": telling.id}
    return Document(
        "recipient-letter",
        head.language,
        head.say("recipient_title"),
        controller.name,
        head.now,
        confidential=True,
        footer=head.say("footer", request=telling.id, device=head.device),
        blocks=blocks,
        data=data,
    )
