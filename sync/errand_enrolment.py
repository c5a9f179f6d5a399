"""Follows an invitation that the kiosk passes on while sync runs; refuses one that leads to other headquarters."""

import logging
from typing import Final

from sync import provisioning, tls_key
from sync.errand import Desk, NotDone
from sync.provisioning import Draft
from sync.replies import Kind, Refusal
from sync.transport import NotDelivered

EVERY_MS: Final = 2_000
REFUSED: Final = frozenset({"hq_invitation_refused", "http_403", "hq_not_understood"})
_log = logging.getLogger("ambang.sync")


class Enrolment:
    """For a certificate that is over or was withdrawn: the same headquarters lets the device in again."""

    name = "enrolment"
    every_ms = EVERY_MS

    def run(self, desk: Desk, now_ms: int) -> None:
        """Enrol if the kiosk asks for it. Raises NotDone."""
        rows = desk.requests(provisioning.REQUEST)
        if not rows:
            return
        settings = desk.settings
        hq = settings.hq
        wanted = Draft(
            settings.device, settings.recipient.host.lower(), settings.exchange, hq.ca, hq.certificate, hq.key
        )
        try:
            tls_key.make_request(wanted.key, wanted.device)
            request = provisioning.asked(rows, wanted.device, tls_key.fingerprint(wanted.key))
            if request is None:  # it vouches for another key: tell which one it is
                provisioning.publish(desk.exchange, wanted)
                desk.exchange.answered([row.id for row in rows])
                return
            if request.invitation.url != hq.url:
                raise NotDone(Refusal(Kind.CONFIG, "invitation_of_another_hq"))
            provisioning.enrol(wanted, request, now_ms)
        except NotDelivered as error:
            if error.refusal.detail in REFUSED:  # it will never do
                desk.exchange.answered([row.id for row in rows])
            raise NotDone(error.refusal) from error
        except (OSError, ValueError, TypeError) as error:
            raise NotDone(Refusal(Kind.CONFIG, "certificate_unusable")) from error
        desk.exchange.answered([row.id for row in rows])
        _log.info("enrolled again")
