"""One call to Odoo's JSON-2 API and what its answer means; refuses to repeat a call, or a word of the server's."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NoReturn
from urllib.parse import quote

from sync import strict_json
from sync.backends.odoo_repairs import misconfigured
from sync.config import Odoo, SettingsError, credential_text
from sync.contract import BackendDown
from sync.delivery import RETRY_AFTER_MS
from sync.replies import Kind, Refusal, classify, retry_after
from sync.transport import Answer, NotDelivered, Transport

PATH: Final = "/json/2/"
VERSION_PATH: Final = "/web/version"
_PERHAPS_TAKEN_IN: Final = frozenset({502, 504})
"""A gateway gave up waiting: what stands behind it may still commit. For a call that only reads it is an outage."""
_TOO_SLOW: Final = 408
_NOT_FOUND: Final = 404
_ABOUT_THE_CALL: Final = "UnprocessableEntity"
"""werkzeug's name for arguments that do not fit. Like a 404 that is not about a row, no event is to blame for it."""


class Fault(StrEnum):
    """What kind of refusal Odoo's error name stands for."""

    RULE = "rule"  # ValidationError, UserError and whatever else has the status of one
    GONE = "gone"  # MissingError: the row is not there any more
    BUSY = "busy"  # LockError: somebody else is writing it
    OTHER = "other"


_FAULTS: Final = {"MissingError": Fault.GONE, "LockError": Fault.BUSY}


class Lost(Exception):  # noqa: N818 - reads as the condition it names
    """It may or may not have been done; `detail` is a plain code."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Refused(Exception):  # noqa: N818 - reads as the condition it names
    """Odoo has understood and will not do it, and nothing was done."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class Line:
    """Calls to one database with one API key.

    Args:
        settings: where Odoo is; the key is read anew for each call, so that a new one counts at once.
        transport: gives the connection, or raises NotDelivered.
    """

    def __init__(self, settings: Odoo, transport: Callable[[], Transport]) -> None:
        self._settings = settings
        self._transport = transport

    def call(
        self, model: str, method: str, arguments: Mapping[str, object], now_ms: int, *, writes: bool = False
    ) -> object:
        """Call a method of a model and return the JSON that it answers.

        Args:
            model: as in `hr.attendance`.
            method: as in `search_read`.
            arguments: the method's own, by name; and `ids` and `context`.
            now_ms: ms since 1970, only to read a Retry-After that is a date.
            writes: whether something changes: then an answer that is lost on the way back is no outage.

        Raises:
            Lost, Refused, BackendDown, BackendMisconfigured.
        """
        url = f"{self._settings.url}{PATH}{quote(model)}/{quote(method)}"
        answer = self._sent("POST", url, json.dumps(arguments).encode(), self._headers(), writes=writes)
        refusal = classify(answer.status, answer.content_type, retry_after(answer.retry_after, now_ms))
        if refusal is not None:
            _raise(refusal, answer, writes=writes)
        try:
            value: object = strict_json.read(answer.body)
        except strict_json.NotStrict:
            raise Lost("reply_invalid") from None
        return value

    def version(self) -> Answer:
        """What the server says of itself; the key is not sent. Raises Lost, BackendDown, BackendMisconfigured."""
        return self._sent("GET", self._settings.url + VERSION_PATH, None, {}, writes=False)

    def _headers(self) -> dict[str, str]:
        try:
            key = credential_text(self._settings.credential)
        except SettingsError:
            raise misconfigured("credential_unreadable") from None
        return {
            "Authorization": f"bearer {key}",
            "X-Odoo-Database": self._settings.database,
            "Content-Type": "application/json; charset=utf-8",
        }

    def _sent(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, writes: bool) -> Answer:
        try:
            return self._transport().send(method, url, body, headers)
        except NotDelivered as error:
            _raise(error.refusal, None, writes=writes)


def _raise(refusal: Refusal, answer: Answer | None, *, writes: bool) -> NoReturn:
    status = answer.status if answer is not None else 0
    if refusal.kind is Kind.CONFIG:
        raise misconfigured(refusal.detail)
    if refusal.kind is Kind.DOWN or status == _TOO_SLOW:
        if writes and (status in _PERHAPS_TAKEN_IN or refusal.detail == "captive_portal"):
            raise Lost(refusal.detail)
        wait = refusal.retry_after_ms
        least, most = RETRY_AFTER_MS
        raise BackendDown(refusal.detail, None if wait is None else min(max(wait, least), most))
    if refusal.kind in (Kind.UNKNOWN, Kind.FAULT) or answer is None:
        raise Lost(refusal.detail)
    name = _name(answer.body)
    if name == _ABOUT_THE_CALL or (status == _NOT_FOUND and name not in _FAULTS):
        raise misconfigured("call_unknown")
    rule = Fault.RULE if status == 422 else Fault.OTHER  # noqa: PLR2004 - RFC 9110 section 15.5.21
    raise Refused(_FAULTS.get(name, rule), refusal.detail)


def _name(body: bytes) -> str:
    """The last part of the error's class name, "" if there is none; message, arguments and trace are not read."""
    try:
        value = strict_json.read(body)
    except strict_json.NotStrict:
        return ""
    name = value.get("name") if isinstance(value, dict) else None
    return name.rpartition(".")[2] if isinstance(name, str) else ""
