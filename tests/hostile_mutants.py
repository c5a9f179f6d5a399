"""Clients with one thing broken on purpose; each must fail the case that it is made for."""

import json
import ssl
from collections.abc import Callable
from typing import Any, Final

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from sync import daemon, delivery, replies, transport
from sync.backends import hq as backend
from sync.delivery import Act, Plan, Rebuild, Resend, Sent, Settle
from sync.replies import Accepted, Kind, Refusal, Reply
from sync.transport import Transport
from wire import checkpoint, receipt
from wire.receipt import Receipt

Break = Callable[[pytest.MonkeyPatch], None]
_next_step, _classify, _request = delivery.next_step, replies.classify, requests.Session.request
_made, _pooled, _read = Transport.__init__, HTTPAdapter.init_poolmanager, urllib3.HTTPResponse.read


def _steps(change: Callable[[Plan, Sent, Reply, Plan, Act], tuple[Plan, Act]]) -> Break:
    def step(plan: Plan, sent: Sent, reply: Reply, now_ms: int, chance: float) -> tuple[Plan, Act]:
        return change(plan, sent, reply, *_next_step(plan, sent, reply, now_ms, chance))

    return lambda patch: patch.setattr(daemon, "next_step", step)


def _settles_without_a_receipt(_: Plan, sent: Sent, reply: Reply, plan: Plan, act: Act) -> tuple[Plan, Act]:
    if isinstance(reply, Refusal) and reply.detail == "receipt_invalid":
        return plan, Settle(frozenset(sent.events), 0, "")
    return plan, act


def _takes_a_portal_for_hq(_: Plan, sent: Sent, reply: Reply, plan: Plan, act: Act) -> tuple[Plan, Act]:
    if isinstance(reply, Refusal) and reply.detail == "captive_portal":
        return plan, Settle(frozenset(sent.events), 0, "")
    return plan, act


def _believes_the_size_alone(_: Plan, sent: Sent, __: Reply, plan: Plan, act: Act) -> tuple[Plan, Act]:
    return plan, Settle(frozenset(sent.events), act.size, act.note) if isinstance(act, Settle) else act


def _makes_a_new_batch(_: Plan, __: Sent, ___: Reply, plan: Plan, act: Act) -> tuple[Plan, Act]:
    return plan, Rebuild() if isinstance(act, Resend) else act


def _forgets_what_was_lost(_: Plan, sent: Sent, reply: Reply, plan: Plan, act: Act) -> tuple[Plan, Act]:
    lost = isinstance(reply, Refusal) and reply.kind is Kind.UNKNOWN
    return (plan, Settle(frozenset(sent.events), 0, "")) if lost else (plan, act)


def _sets_all_aside(before: Plan, sent: Sent, reply: Reply, plan: Plan, act: Act) -> tuple[Plan, Act]:
    refused = isinstance(reply, Refusal) and reply.kind in (Kind.PERMANENT, Kind.TOO_LARGE)
    return (before, Rebuild(sent.events)) if refused else (plan, act)


def _parks_what_a_person_must_repair(patch: pytest.MonkeyPatch) -> None:
    def classify(status: int, content_type: str, retry_after_ms: int | None) -> Refusal | None:
        refusal = _classify(status, content_type, retry_after_ms)
        return Refusal(Kind.PERMANENT, refusal.detail) if refusal and refusal.kind is Kind.CONFIG else refusal

    patch.setattr(backend, "classify", classify)


def _requests(**changed: object) -> Break:
    def request(self: requests.Session, method: str, url: str, **given: Any) -> requests.Response:  # noqa: ANN401
        return _request(self, method, url, **{**given, **changed})

    return lambda patch: patch.setattr(requests.Session, "request", request)


def _asks_the_environment(patch: pytest.MonkeyPatch) -> None:
    def made(self: Transport, *given: Any) -> None:  # noqa: ANN401
        _made(self, *given)
        self._session.trust_env = True
        self._session.mount("http://", HTTPAdapter())

    patch.setattr(Transport, "__init__", made)


def _takes_any_host(patch: pytest.MonkeyPatch) -> None:
    def pooled(self: HTTPAdapter, *given: Any, **more: Any) -> None:  # noqa: ANN401
        _pooled(self, *given, assert_hostname=False, **more)

    patch.setattr(HTTPAdapter, "init_poolmanager", pooled)


def _takes_any_tls(patch: pytest.MonkeyPatch) -> None:
    def made(self: Transport, *given: Any) -> None:  # noqa: ANN401
        _made(self, *given)
        adapter: Any = self._session.adapters["https://"]
        adapter._context.set_ciphers("ALL:@SECLEVEL=0")
        adapter._context.minimum_version = ssl.TLSVersion.TLSv1

    patch.setattr(Transport, "__init__", made)


def _has_no_deadline(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transport._Watch, "begin", lambda *_: None)


def _reads_any_length(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transport, "REPLY_LIMIT", 1 << 40)


def _unpacks(patch: pytest.MonkeyPatch) -> None:
    def read(self: urllib3.HTTPResponse, size: int, **_: object) -> bytes:
        return _read(self, size, decode_content=True)

    patch.setattr(urllib3.HTTPResponse, "read", read)


def _waits_as_long_as_it_is_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(delivery, "RETRY_AFTER_MS", (0, 10**15))


def _believes_any_signature(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(receipt, "verify", lambda *_: None)


def _reads_json_as_it_comes(patch: pytest.MonkeyPatch) -> None:
    def read(data: bytes, *_: object) -> tuple[Receipt, str]:
        value = json.loads(data)
        said = value["receipt"]
        return Receipt(said["batch"], tuple(said["acked"]), 7, said["time"]), value["checkpoint"]

    patch.setattr(backend, "read_reply", read)


def _takes_the_receipt_of_any_batch(patch: pytest.MonkeyPatch) -> None:
    def receipted(self: backend.HqBackend, _: str, __: object, body: bytes) -> tuple[Reply, int]:
        said, note = receipt.read_reply(body, self._hq.name, self._hq.public, self._device_public)
        size = checkpoint.unverified(note).size
        return Accepted(frozenset(said.acked), size, note, said.time), said.generation

    patch.setattr(backend.HqBackend, "_receipted", receipted)


def _takes_any_type(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(replies, "_success", lambda *_: None)


MUTANTS: Final[dict[str, tuple[Break, tuple[str, ...]]]] = {
    "settles without a receipt": (_steps(_settles_without_a_receipt), ("unsigned 200", "empty", "HTML as JSON")),
    "takes a portal for HQ": (_steps(_takes_a_portal_for_hq), ("captive portal 200",)),
    "takes a receipt for all that was sent": (_steps(_believes_the_size_alone), ("unknown ids", "partial ack")),
    "makes a new batch for each attempt": (_steps(_makes_a_new_batch), ("drop after commit", "401")),
    "takes a lost answer for a good one": (_steps(_forgets_what_was_lost), ("drop before commit", "truncated body")),
    "sets a whole batch aside": (_steps(_sets_all_aside), ("413 for one event", "400 for one event")),
    "sets aside what a person must repair": (_parks_what_a_person_must_repair, ("401", "403")),
    "follows redirects": (_requests(allow_redirects=True), ("302", "307", "308", "redirect loop")),
    "does not verify the server": (_requests(verify=False), ("TLS wrong CA", "TLS expired", "TLS self-signed")),
    "asks the environment for a proxy": (_asks_the_environment, ("ok",)),
    "takes a certificate of any host": (_takes_any_host, ("TLS wrong host",)),
    "takes any TLS": (_takes_any_tls, ("TLS 1.0",)),
    "has no deadline": (_has_no_deadline, ("hang",)),
    "reads any length": (_reads_any_length, ("infinite body",)),
    "unpacks": (_unpacks, ("gzip bomb", "deflate bomb")),
    "waits as long as it is told": (_waits_as_long_as_it_is_told, ("503 with Retry-After huge",)),
    "believes any signature": (_believes_any_signature, ("bad signature",)),
    "reads JSON as it comes": (_reads_json_as_it_comes, ("duplicate keys", "NaN", "BOM")),
    "takes the receipt of any batch": (_takes_the_receipt_of_any_batch, ("other batch",)),
    "takes any content type": (_takes_any_type, ("wrong content type",)),
}
"""What is broken, and the cases that see it; in CI the first of them."""
