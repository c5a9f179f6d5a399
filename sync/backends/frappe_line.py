"""Asks Frappe and reads what it says; refuses texts of errors, and keeps the API key out of all but one header."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, TypeAlias, assert_never
from urllib.parse import quote, urlencode

from sync import strict_json
from sync.backends.frappe_words import misconfigured
from sync.config import Frappe, SettingsError, credential_text
from sync.contract import BackendDown
from sync.replies import Kind, Refusal, classify, retry_after
from sync.strict_json import NotStrict, Value
from sync.transport import Answer, NotDelivered, Transport

PAGE: Final = 500
FILTER_CHARACTERS: Final = 2_000  # of an address; servers commonly take 8 KiB
META_DEPTH: Final = 16  # a form describes itself deeper than data goes
RETRY_AFTER_MS: Final = (1_000, 3_600_000)
_CREDENTIAL: Final = re.compile(r"[!-9;-~]{1,200}:[!-9;-~]{1,200}")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")

Filter: TypeAlias = tuple[str, str, str | int | Sequence[str]]
Row: TypeAlias = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Said:
    """A 200 in JSON: the object, and the server's clock (ms since 1970) if it named one."""

    body: Row
    date_ms: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Anything else; `exc_type` is the class of Frappe's own error, "" if it named none."""

    kind: Kind
    detail: str
    exc_type: str = ""
    retry_after_ms: int | None = None
    answered: bool = False


Reply: TypeAlias = Said | Refused


class Line:
    """One site and one API key, over a transport that is made when it is needed.

    Args:
        settings: where the site is and where the key lies.
        transport: gives the connection, or raises NotDelivered.
    """

    def __init__(self, settings: Frappe, transport: Callable[[], Transport]) -> None:
        self._url = settings.url.rstrip("/")
        self._credential = settings.credential
        self._transport = transport

    def method(self, name: str, arguments: Mapping[str, str], now_ms: int, *, depth: int = strict_json.DEPTH) -> Reply:
        """Call a method that only reads."""
        query = "?" + urlencode(arguments, quote_via=quote) if arguments else ""
        return self._ask("GET", f"/api/method/{name}{query}", None, now_ms, depth)

    def call(self, name: str, body: Mapping[str, object], now_ms: int) -> Reply:
        """Call a method that writes: always POST."""
        return self._ask("POST", f"/api/method/{name}", body, now_ms)

    def insert(self, doctype: str, body: Mapping[str, object], now_ms: int) -> Reply:
        """Make a row."""
        return self._ask("POST", f"/api/resource/{quote(doctype)}", body, now_ms)

    def update(self, doctype: str, name: str, body: Mapping[str, object], now_ms: int) -> Reply:
        """Change fields of a row."""
        return self._ask("PUT", f"/api/resource/{quote(doctype)}/{quote(name, safe='')}", body, now_ms)

    def page(  # noqa: PLR0913 - the parts of a question
        self,
        doctype: str,
        fields: Sequence[str],
        filters: Sequence[Filter],
        now_ms: int,
        *,
        start: int = 0,
        most: int = PAGE,
        order: str = "name asc",
    ) -> Reply:
        """Ask for one page of rows; a page is always named, for without it a server gives 20 rows."""
        query = {
            "fields": json.dumps(list(fields)),
            "filters": json.dumps([list(one) for one in filters]),
            "order_by": order,
            "limit_start": str(start),
            "limit_page_length": str(most),
        }
        return self._ask("GET", f"/api/resource/{quote(doctype)}?{urlencode(query, quote_via=quote)}", None, now_ms)

    def rows(  # noqa: PLR0913 - the parts of a question
        self,
        doctype: str,
        fields: Sequence[str],
        filters: Sequence[Filter],
        now_ms: int,
        *,
        most: int = PAGE,
        order: str = "name asc",
    ) -> list[Row]:
        """The rows of one page. Raises BackendDown, BackendMisconfigured."""
        return listed(self.page(doctype, fields, filters, now_ms, most=most, order=order))

    def _ask(
        self, verb: str, path: str, body: Mapping[str, object] | None, now_ms: int, depth: int = strict_json.DEPTH
    ) -> Reply:
        encoded = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {_credential(self._credential)}"}
        if encoded is not None:
            headers["Content-Type"] = "application/json"
        try:
            answer = self._transport().send(verb, self._url + path, encoded, headers)
        except NotDelivered as error:
            return Refused(error.refusal.kind, error.refusal.detail, retry_after_ms=_wait(error.refusal))
        return _read(answer, now_ms, depth)


def listed(reply: Reply) -> list[Row]:
    """The rows of a reply to a question. Raises BackendDown, BackendMisconfigured."""
    try:
        return strict_json.records(expect(reply).body.get("data"))
    except NotStrict:
        raise BackendDown("reply_invalid") from None


def word(row: Row, name: str) -> str:
    """A field of a row that we asked for. Raises BackendDown if it is no text."""
    try:
        return strict_json.text(row, name)
    except NotStrict:
        raise BackendDown("reply_invalid") from None


def expect(reply: Reply) -> Said:
    """The answer to a question that changes nothing.

    Raises:
        BackendDown: the server is away, at fault, or its answer cannot be read; asking again does no harm.
        BackendMisconfigured: a person must repair something first.
    """
    match reply:
        case Said():
            return reply
        case Refused(kind=Kind.CONFIG):
            raise misconfigured(reply.detail)
        case Refused(kind=Kind.PERMANENT | Kind.TOO_LARGE | Kind.HISTORY):
            raise misconfigured("hr_missing" if reply.exc_type == "DoesNotExistError" else "query_refused")
        case Refused():
            raise BackendDown(reply.detail, reply.retry_after_ms)
        case _:
            assert_never(reply)


def portions(values: Sequence[str]) -> Iterator[list[str]]:
    """The values in lists that fit into an address."""
    portion: list[str] = []
    size = 0
    for value in values:
        length = len(quote(json.dumps(value)))
        if portion and size + length > FILTER_CHARACTERS:
            yield portion
            portion, size = [], 0
        portion.append(value)
        size += length
    if portion:
        yield portion


def _read(answer: Answer, now_ms: int, depth: int) -> Reply:
    refusal = classify(answer.status, answer.content_type, retry_after(answer.retry_after, now_ms))
    if refusal is None:
        try:
            return Said(strict_json.record(strict_json.read(answer.body, depth=depth)), _moment(answer.date))
        except NotStrict:
            return Refused(Kind.UNKNOWN, "reply_invalid", answered=True)
    kind = Kind.DOWN if answer.status == 408 else refusal.kind  # noqa: PLR2004 - our request was never whole
    return Refused(kind, _detail(refusal, answer), _exc_type(answer.body), _wait(refusal), answered=True)


def _detail(refusal: Refusal, answer: Answer) -> str:
    """A code whose sentence helps: HTML for a 404 is a site that the server does not know."""
    if refusal.kind is not Kind.CONFIG or answer.status in (401, 403, 407) or refusal.detail == "redirected":
        return refusal.detail
    return "site_unknown" if answer.status == 404 else "not_frappe"  # noqa: PLR2004


def _exc_type(body: bytes) -> str:
    """The class of the error; nothing else of a refusal is ever read."""
    with suppress(NotStrict):
        named = strict_json.text(strict_json.record(strict_json.read(body)), "exc_type")
        if _NAME.match(named):
            return named
    return ""


def _wait(refusal: Refusal) -> int | None:
    if refusal.retry_after_ms is None:
        return None
    return min(max(refusal.retry_after_ms, RETRY_AFTER_MS[0]), RETRY_AFTER_MS[1])


def _moment(header: str | None) -> int | None:
    if header is None:
        return None
    try:
        return int(parsedate_to_datetime(header).timestamp() * 1000)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _credential(path: Path) -> str:
    try:
        text = credential_text(path)
    except SettingsError:
        text = ""
    if not _CREDENTIAL.fullmatch(text):
        raise misconfigured("credential_unusable") from None
    return text
