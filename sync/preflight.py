"""Asks the recipient whether it could take events; refuses to send one."""

from typing import Final

from sync import wireless
from sync.backends.hq import HqBackend, explained
from sync.config import Settings
from sync.contract import Backend, Health, Remark
from sync.errand import WITHDRAWN
from sync.line import Line
from sync.replies import Kind, classify, retry_after
from sync.transport import NotDelivered
from wire.canonical import INTEGER_LIMIT

NOTHING_NEW: Final = f"/v1/messages?after={INTEGER_LIMIT}&limit=1"


def asked_for(settings: Settings, backend: Backend | HqBackend, line: Line | None, now_ms: int) -> Health:
    """What this backend says of itself. Raises BackendDown, BackendMisconfigured."""
    return _of_hq(settings, line, now_ms) if isinstance(backend, HqBackend) else backend.preflight(now_ms)


def _of_hq(settings: Settings, line: Line | None, now_ms: int) -> Health:
    """Ask for messages beyond every number: HQ looks at the certificate, and has nothing to say.

    An HQ without messages answers 404 or 405, which proves at least that both sides believe each other's certificates.
    """
    if line is None:
        return Health()
    try:
        answer = line.transport().send("GET", settings.hq.url + NOTHING_NEW, None, {})
    except NotDelivered as error:
        return Health((_remark(error.refusal.kind, error.refusal.detail),))
    if answer.status in (200, 404, 405):
        return Health()
    refusal = classify(answer.status, answer.content_type, retry_after(answer.retry_after, now_ms))
    if refusal is None:
        return Health()
    refusal = explained(refusal, answer.body)
    return Health((_remark(refusal.kind, refusal.detail),))


def _remark(kind: Kind, detail: str) -> Remark:
    if detail == WITHDRAWN:
        said = "Headquarters has withdrawn this device. It goes on recording; a new invitation lets it in again."
        return Remark(detail, said, blocks=True)
    if detail == wireless.CODE:
        said = "A cable is plugged in, but the way out leads over Wi-Fi. Mend the route, or set wireless_beside_wire."
        return Remark(detail, said, blocks=True)
    if kind is Kind.CONFIG:
        return Remark(detail, "Compare url, ca, certificate and key in sync.toml with what HQ was given.", blocks=True)
    return Remark(detail, "It cannot be reached now. Events wait here and are not lost.", blocks=True)
