"""A certificate of erasure to be printed and signed (policy E24); refuses to soften a limit or to name a person."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from kiosk import words
from kiosk.rights import dates
from kiosk.rights.document import Bullets, Code, Document, Facts, Grid, Heading, Paragraph, Signatures
from wire import checkpoint
from wire.certificate import CLASSES, Certificate, Limit, Scope


def printed(found: Certificate, digest: str, data: Mapping[str, Any], language: str) -> Document:
    """What a genuine certificate says, for people.

    Args:
        found: after its signature was checked.
        digest: SHA-256 of its file, hexadecimal: the page stands for that file and does not replace it.
        data: the same for programs.
        language: of the document.
    """
    say = partial(_say, language)
    signed = checkpoint.unverified(found.checkpoint).size
    searched = found.searched.values()
    files, size = sum(each.files for each in searched), sum(each.bytes for each in searched)
    gone = () if Limit.EARLIER_COPIES in found.limits else (say("root_key_gone"),)
    return Document(
        kind="certificate",
        language=language,
        title=say(f"title.{found.scope}"),
        subtitle=say("device", device=found.device),
        made_at=found.finished,
        confidential=False,
        footer=say("footer", digest=digest[:32]),
        blocks=(
            Paragraph(say(f"what.{found.scope}", subject=found.subject), strong=True),
            Facts(
                (
                    (say("certificate"), found.id),
                    *(((say("subject"), found.subject),) if found.scope is not Scope.EVERYTHING else ()),
                    (say("began"), dates.minute(found.began)),
                    (say("finished"), dates.minute(found.finished)),
                    (say("clock"), say(f"clock_{found.clock}")),
                    (say("entry"), say("entry_of", seq=found.seq, size=signed)),
                    (say("root_key"), say(f"level_{found.root_key}")),
                )
            ),
            Heading(say("destroyed"), 2),
            Grid(
                (say("class"), say("number")),
                tuple((say(f"class_{name}"), str(found.destroyed[name])) for name in CLASSES[found.scope]),
                (5, 1),
            ),
            Paragraph(say("searched", pieces=found.pieces, files=files, bytes=size)),
            *(Paragraph(each) for each in gone),
            Heading(say("limits"), 2),
            Bullets(tuple(say(f"limit_{limit}") for limit in found.limits) or (say("no_limits"),)),
            Heading(say("check"), 2),
            Paragraph(say("check_text")),
            Code(digest, say("digest")),
            Signatures((say("done_by"), say("officer"))),
        ),
        data=data,
    )


def _say(language: str, key: str, **values: str | int) -> str:
    return words.say(language, f"disposal.{key}", **values)
