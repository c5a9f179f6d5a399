"""HQ keeps to its own OpenAPI document, whatever it is sent; and takes neither a vector nor an image anywhere."""

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from door_kit import wait_for
from hq_site import PROBLEM, Door, Site, check_in, found, now_ms, running
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok

from hq import api_enrol, backups, devices, messages, reports
from hq.database import reading, writing
from hq.office import open_office
from hq.refusals import SENTENCES, Kind, Problem
from wire import canonical, report
from wire.report import Delivery, Report

CHECKED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("contract"))
    with running(site):
        yield site


@pytest.fixture(scope="module")
def door(site: Site) -> Door:
    return site.door("contract-1")


def document(site: Site) -> dict[str, Any]:
    with site.client() as client:
        whole: dict[str, Any] = client.get("/openapi.json").json()
    return whole


def test_hq_answers_as_its_document_says_whatever_it_is_sent(
    site: Site, door: Door, rounds: Callable[[int, int], int]
) -> None:
    schema = schemathesis.openapi.from_dict(document(site))
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(operations) == 9
    checks: Any = [CHECKS.get_one(name) for name in CHECKED]
    seen: set[int] = set()
    line = requests.Session()
    line.trust_env = False
    line.cert = (str(door.certificate), str(door.tls_key))
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=rounds(5, 300),
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        def answers(case: schemathesis.Case[Any]) -> None:
            answer = case.call(base_url=site.url, session=line, verify=str(site.root / "ca.pem"))
            seen.add(answer.status_code)
            case.validate_response(answer, checks=checks)

        answers()
    line.close()
    assert {200, 400} <= seen
    assert max(seen) < 500


def test_the_document_names_every_problem_that_a_device_can_meet(site: Site) -> None:
    whole = json.dumps(document(site))
    not_for_devices = {Kind.NOT_HERE, Kind.WRONG_METHOD, Kind.FOREIGN_FORM}
    for kind in set(Kind) - not_for_devices:
        if f"urn:ambang:problem:{kind}" not in whole:
            assert SENTENCES[kind][0] in {401, 303, 404}, f"{kind} is not in the document"


def a_report(device: str) -> dict[str, Any]:
    told = Report(
        device=device,
        installation="ab" * 8,
        at=now_ms(),
        version="1",
        delivery=Delivery.OK,
        detail="",
        waiting=0,
        oldest=None,
        dead={"server_bug": 1},
        certificate_until=now_ms(),
        system_updated=None,
        network="00" * 32,
        network_changed=False,
        welfare=None,
    )
    said: dict[str, Any] = json.loads(report.encode(told))
    return said


SMUGGLED: dict[str, tuple[str, Any]] = {
    "a vector": ("vector", [0] * 512),
    "an image": ("image", "iVBORw0KGgo="),
    "an unknown field": ("note", "x"),
    "a number as text": ("waiting", "0"),
    "a fraction": ("waiting", 0.5),
    "a truth for a number": ("waiting", True),
    "a text for a word": ("detail", "No such thing"),
    "a long word": ("version", "x" * 33),
    "a nested vector": ("welfare", {"vector": [1]}),
    "many reasons": ("dead", {f"reason_{number}": 1 for number in range(17)}),
}


@pytest.mark.parametrize(("name", "value"), SMUGGLED.values(), ids=SMUGGLED)
def test_a_report_with_anything_that_is_not_agreed_is_refused(site: Site, door: Door, name: str, value: object) -> None:
    with site.client(door) as client:
        assert client.post("/v1/reports", json=a_report(door.id)).status_code == 200
        answer = client.post("/v1/reports", json=a_report(door.id) | {name: value})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:ambang:problem:not-understood")


@pytest.mark.parametrize("path", ["/v1/devices:enrol", "/v1/certificate:renew", "/v1/reports", "/v1/events:batch"])
@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n" + bytes(99), b'{"embedding":[0.1]}', b"[" * 100_000, b"{}"])
def test_an_image_or_a_vector_is_understood_nowhere(site: Site, door: Door, path: str, body: bytes) -> None:
    with site.client(door) as client:
        answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 413}
    assert answer.headers["content-type"] == PROBLEM


def test_a_report_for_another_device_is_refused_and_rings(site: Site, door: Door) -> None:
    with site.client(door) as client:
        answer = client.post("/v1/reports", json=a_report("another"))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:ambang:problem:wrong-device")


def put(site: Site, door: Door | None, name: str, body: bytes, **headers: str) -> httpx.Response:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    sent = {"Content-Type": "application/octet-stream", "Content-Digest": f"sha-256=:{digest}:"} | headers
    with site.client(door) as client:
        return client.put(f"/v1/backups/{name}", content=body, headers=sent)


@pytest.mark.parametrize(
    ("name", "headers", "kind"),
    [
        (".hidden", {}, Kind.NOT_UNDERSTOOD),
        ("a%00b", {}, Kind.NOT_UNDERSTOOD),
        ("x" * 129, {}, Kind.NOT_UNDERSTOOD),
        ("one", {"Content-Digest": ""}, Kind.DIGEST_MISSING),
        ("one", {"Content-Digest": "md5=:xxx:"}, Kind.DIGEST_MISSING),
        ("one", {"Content-Digest": f"sha-256=:{'A' * 43}=:"}, Kind.DIGEST_WRONG),
        ("one", {"Content-Type": "application/json"}, Kind.WRONG_TYPE),
        ("one", {"Content-Encoding": "gzip"}, Kind.WRONG_TYPE),
    ],
)
def test_a_backup_that_is_not_what_it_says_is_not_kept(
    site: Site, door: Door, name: str, headers: dict[str, str], kind: Kind
) -> None:
    folder = site.root / "backups" / door.id
    before = sorted(folder.iterdir()) if folder.exists() else []
    answer = put(site, door, name, b"sealed", **headers)
    assert (answer.status_code, answer.json()["type"]) == (SENTENCES[kind][0], f"urn:ambang:problem:{kind}")
    assert (sorted(folder.iterdir()) if folder.exists() else []) == before


def test_a_backup_is_kept_once_under_its_id(site: Site, door: Door) -> None:
    content = os.urandom(2_000_000)
    assert [put(site, door, "kept", content).status_code for _ in range(2)] == [200, 200]
    assert put(site, door, "kept", b"another").json()["type"] == "urn:ambang:problem:conflict"
    assert (site.root / "backups" / door.id / "kept").read_bytes() == content
    assert put(site, None, "kept", content).status_code == 403
    other = site.door("contract-2")
    assert put(site, other, "kept", b"its own").status_code == 200
    assert put(site, door, "empty", b"").status_code == 400


def test_a_backup_that_has_just_come_stays_also_after_the_clock_of_hq_was_set_back(site: Site, door: Door) -> None:
    with closing(open_office(site.root)) as office:
        for number, at in enumerate((3_000, 2_000, 1_000)):
            content = f"sealed {number}".encode()
            incoming = backups.Incoming(office, door.id, f"back-{number}", hashlib.sha256(content).digest(), 100)
            incoming.begin()
            incoming.write(content)
            incoming.keep(2, at)
            assert (site.root / "backups" / door.id / f"back-{number}").read_bytes() == content
        with reading(office.engine) as view:
            assert {"back-2"} <= {one.id for one in backups.listed(view, door.id)}


def test_a_backup_that_stops_in_the_middle_leaves_nothing(site: Site, door: Door) -> None:
    def half() -> Iterator[bytes]:
        yield bytes(2_000_000)
        raise ConnectionError("the line was cut")

    digest = base64.b64encode(bytes(32)).decode()
    headers = {"Content-Type": "application/octet-stream", "Content-Digest": f"sha-256=:{digest}:"}
    with site.client(door) as client, pytest.raises(ConnectionError):
        client.put("/v1/backups/half", content=half(), headers=headers)
    # 429 until HQ has noticed that the line was cut; it does not block the next for long
    wait_for(lambda: put(site, door, "whole", b"whole").status_code == 200)
    names = {path.name for path in (site.root / "backups" / door.id).iterdir()}
    assert not [name for name in names if "half" in name]


def test_a_certificate_is_renewed_so_often_and_no_more(site: Site) -> None:
    door = site.door("renews")
    csr = {"csr": door.tls_key.with_suffix(".csr").read_text()}
    with site.client(door) as client:
        answers = [client.post("/v1/certificate:renew", json=csr) for _ in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 7 + [429] * 2
    assert answers[-1].headers["retry-after"] == "3600"
    assert answers[0].json().keys() == {"certificate"}
    other = site.door("not-renews")
    with site.client(other) as client:
        assert client.post("/v1/certificate:renew", json=csr).status_code == 400


def test_a_device_that_is_withdrawn_while_it_asks_gets_no_next_certificate(site: Site) -> None:
    door = site.door("withdrawn-meanwhile")
    csr = {"csr": door.tls_key.with_suffix(".csr").read_text()}
    with closing(open_office(site.root)) as office:
        with reading(office.engine) as view:
            device = devices.Device(door.id, devices.public_key(view, door.id) or b"")
        with writing(office.engine) as work:
            messages.withdrawn(work, office, door.id, now_ms())
        with pytest.raises(Problem) as problem:
            api_enrol._renewed(office, device, canonical.encode(csr), now_ms())
        assert problem.value.kind is Kind.CERTIFICATE_WITHDRAWN
    with site.client(door) as client:
        assert client.post("/v1/certificate:renew", json=csr).status_code == 403


def test_a_device_that_says_nothing_for_a_day_is_silent(site: Site) -> None:
    door, quiet = site.door("speaks"), site.door("quiet")
    door.append(check_in())
    assert site.send(door, door.batch()).status_code == 200
    with closing(open_office(site.root)) as office, reading(office.engine) as view:
        now = now_ms()
        assert not [one for one in reports.silent(view, now) if one.device in {"speaks", "quiet"}]
        later = {one.device: one.since for one in reports.silent(view, now + reports.DAY_MS + 60_000)}
    assert later[quiet.id] is None
    assert abs((later[door.id] or 0) - now) < 60_000
    assert backups.KEEP == 14
