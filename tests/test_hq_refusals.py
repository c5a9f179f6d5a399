"""What HQ refuses, over real TLS; each refusal is a problem document and none is HQ's own failure."""

import json
import os
import random
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hq_site import PROBLEM, Door, Site, broken, check_in, found, make_door, register, running
from pg_server import POSTGRESQL_WITH_LONG, new_database

from hq import ca
from hq.__main__ import main
from hq.refusals import NOTICED, SENTENCES, AlarmKind, Kind
from wire import batch as batches
from wire import checkpoint
from wire.signing import SigningKey


@pytest.fixture(scope="module", params=POSTGRESQL_WITH_LONG)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("refusals"), new_database(request))
    with running(site):
        yield site


@pytest.fixture
def door(site: Site) -> Door:
    door = site.door(f"door-{os.urandom(6).hex()}")
    door.append(check_in())
    return door


def is_problem(answer: httpx.Response, kind: Kind) -> None:
    status, sentence = SENTENCES[kind]
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    document = answer.json()
    assert (document["type"], document["title"]) == (f"urn:ambang:problem:{kind}", sentence)


def changed(door: Door, change: Callable[[dict[str, Any]], object]) -> bytes:
    value: dict[str, Any] = json.loads(batches.encode(door.batch()))
    change(value)
    return json.dumps(value).encode()


def rung(site: Site, door: Door) -> list[str]:
    return [kind for (kind,) in site.rows("SELECT kind FROM alarms WHERE device = :id", id=door.id)]


def test_every_problem_has_a_sentence_and_every_alarm_is_a_problem() -> None:
    assert set(SENTENCES) == set(Kind)
    assert {alarm.value for alarm in set(AlarmKind) - NOTICED} <= {kind.value for kind in Kind}


def test_a_caller_without_a_certificate_is_refused_before_its_body_is_read(site: Site, door: Door) -> None:
    is_problem(site.send_bytes(None, batches.encode(door.batch()), door.batch().batch), Kind.CERTIFICATE_REQUIRED)


def test_no_header_can_pretend_to_be_a_certificate(site: Site, door: Door) -> None:
    batch = door.batch()
    pretended = {"ambang.peer": door.id, "X-SSL-Client-CN": door.id, "X-Client-Cert": door.certificate.name}
    answer = site.send_bytes(None, batches.encode(batch), batch.batch, **pretended)
    is_problem(answer, Kind.CERTIFICATE_REQUIRED)


def test_a_device_cannot_speak_for_another_and_the_attempt_rings(site: Site, door: Door) -> None:
    other = site.door(f"other-{os.urandom(6).hex()}")
    batch = door.batch()
    is_problem(site.send_bytes(other, batches.encode(batch), batch.batch), Kind.WRONG_DEVICE)
    assert rung(site, other) == ["wrong-device"]
    assert site.events_of(door) == []


def test_a_withdrawn_certificate_is_refused_and_a_new_one_is_not(site: Site, door: Door) -> None:
    assert main(["device", "revoke", "--data", str(site.root), "--id", door.id]) == 0
    is_problem(site.send(door, door.batch()), Kind.CERTIFICATE_WITHDRAWN)
    register(site, door)
    assert site.send(door, door.batch()).status_code == 200


def test_a_certificate_that_hq_signed_but_does_not_know_is_refused(site: Site, door: Door) -> None:
    authority = ca.Authority((site.root / "ca.pem").read_bytes(), (site.root / "ca.key").read_bytes())
    request = door.tls_key.with_suffix(".csr").read_bytes()
    door.certificate.unlink()
    door.certificate.write_bytes(ca.issue_device(authority, request, door.id, datetime.now(UTC)).certificate)
    is_problem(site.send(door, door.batch()), Kind.CERTIFICATE_WITHDRAWN)


@pytest.mark.parametrize("what", ["expired", "of another authority", "a server's"])
def test_a_certificate_that_is_no_good_does_not_get_past_tls(site: Site, door: Door, what: str) -> None:
    now = datetime.now(UTC)
    authority = ca.Authority((site.root / "ca.pem").read_bytes(), (site.root / "ca.key").read_bytes())
    request = door.tls_key.with_suffix(".csr").read_bytes()
    if what == "expired":
        certificate = ca.issue_device(authority, request, door.id, now - timedelta(days=100)).certificate
    elif what == "of another authority":
        certificate = ca.issue_device(ca.found("ambang-hq/kantor", now), request, door.id, now).certificate
    else:
        issued, key = ca.issue_server(authority, [door.id], now)
        certificate = issued.certificate
        door.tls_key.write_bytes(key)
    door.certificate.unlink()
    door.certificate.write_bytes(certificate)
    with pytest.raises((httpx.TransportError, ssl.SSLError)):
        site.send(door, door.batch())
    assert site.events_of(door) == []


def test_tls_older_than_1_2_and_plain_http_get_no_answer(site: Site) -> None:
    host, port = httpx.URL(site.url).host, httpx.URL(site.url).port
    context = ssl.create_default_context(cafile=site.root / "ca.pem")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection((host, port or 0)) as plain, pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(plain, server_hostname=host)
    with pytest.raises(httpx.TransportError):
        httpx.get(site.url.replace("https", "http"), trust_env=False)


def test_a_client_that_does_not_trust_the_authority_stops_before_it_sends(site: Site) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(site.url, trust_env=False)


def test_a_checkpoint_that_another_key_signed_is_refused_and_rings(site: Site, door: Door) -> None:
    honest, door.key = door.key, SigningKey.generate()
    forged = door.batch()
    door.key = honest
    is_problem(site.send(door, forged), Kind.BAD_SIGNATURE)
    assert rung(site, door) == ["bad-signature"]


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["spine"][0].update(commitment="00" * 32),
        lambda value: value["spine"][0].update(body_digest="00" * 32),
        lambda value: value["spine"][0].update(seq=2),
        lambda value: value.update(h_prev="00" * 32),
        lambda value: value["events"][0]["data"].update(person="E-9999"),
        lambda value: value["events"][0]["data"].update(salt="00" * 16),
        lambda value: value["spine"].append(value["spine"][0]),
        lambda value: value.update(device="another"),
    ],
    ids=["commitment", "body digest", "seq", "h_prev", "person", "salt", "a row twice", "device"],
)
def test_a_batch_that_does_not_follow_from_itself_is_refused_and_rings(
    site: Site, door: Door, change: Callable[[dict[str, Any]], object]
) -> None:
    body = changed(door, change)
    is_problem(site.send_bytes(door, body, json.loads(body)["batch"]), Kind.BROKEN_CHAIN)
    assert rung(site, door) == ["broken-chain"]
    assert site.events_of(door) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.update(vector=[1, 2, 3]),
        lambda value: value.update(image="/9j/4AAQSkZJRg=="),
        lambda value: value["events"][0].update(image="/9j/4AAQSkZJRg=="),
        lambda value: value["events"][0]["data"].update(vector=[12, -5] * 256),
        lambda value: value["events"][0]["data"].update(embedding=[0.12, -0.5]),
        lambda value: value["events"][0]["data"].update(score=97),
        lambda value: value["events"][0]["data"].update(name="Sari Wulandari"),
        lambda value: value["events"][0]["data"].update(site="x" * 2048),
        lambda value: value["events"][0].update(type="com.ambang.checkin.v2"),
        lambda value: value["events"][0].update(time="yesterday"),
        lambda value: value["spine"][0].update(h="00" * 32),
        lambda value: value.update(spine=[]),
        lambda value: value.update(spine=value["spine"] * 513),
        lambda value: value.update(events=value["events"] * 513),
        lambda value: value.update(device=7),
        lambda value: value.update(batch="no-uuid"),
        lambda value: value.pop("checkpoint"),
        lambda value: value["events"].append(value["events"][0]),
    ],
)
def test_there_is_no_field_for_a_vector_an_image_or_anything_else(
    site: Site, door: Door, change: Callable[[dict[str, Any]], object]
) -> None:
    body = changed(door, change)
    is_problem(site.send_bytes(door, body, door.batch().batch), Kind.NOT_UNDERSTOOD)
    assert site.events_of(door) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"device":NaN}',
        b'{"device":1e400}',
        b'{"device":"a","device":"b"}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"9" * 100_000,
        b'"\\ud800"',
        b"<html>",
    ],
)
def test_garbage_is_a_plain_refusal(site: Site, door: Door, body: bytes) -> None:
    is_problem(site.send_bytes(door, body, "x"), Kind.NOT_UNDERSTOOD)


def test_no_flipped_bit_is_accepted_and_none_makes_hq_fail(site: Site, door: Door) -> None:
    for number in range(6):
        door.append(check_in(f"E-{number}"))
    batch = door.batch()
    body = batches.encode(batch)
    dice = random.Random(20261121)  # noqa: S311 - which bits to try, nothing secret
    headers = {"Content-Type": "application/json", "Idempotency-Key": f'"{batch.batch}"'}
    answers = set()
    with site.client(door) as client:
        for _ in range(300):
            spoiled = bytearray(body)
            spoiled[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
            answers.add(client.post("/v1/events:batch", content=bytes(spoiled), headers=headers).status_code)
    assert answers <= {400, 403, 422}
    assert site.events_of(door) == []


def test_a_note_that_others_have_signed_too_is_refused(site: Site, door: Door) -> None:
    def cosigned(value: dict[str, Any]) -> None:
        value["checkpoint"] = checkpoint.cosign(value["checkpoint"], site.name, SigningKey.generate())

    body = changed(door, cosigned)
    is_problem(site.send_bytes(door, body, json.loads(body)["batch"]), Kind.NOT_UNDERSTOOD)


@pytest.mark.parametrize("key", ["", "{batch}", '"another"', '"{batch}', '""'])
def test_the_idempotency_key_must_be_the_batch_s_own_id_in_quotes(site: Site, door: Door, key: str) -> None:
    batch = door.batch()
    sent = {"Idempotency-Key": key.format(batch=batch.batch)}
    is_problem(site.send_bytes(door, batches.encode(batch), "", **sent), Kind.KEY_MISSING)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "identity, deflate"},
    ],
)
def test_another_type_or_encoding_is_refused(site: Site, door: Door, headers: dict[str, str]) -> None:
    batch = door.batch()
    is_problem(site.send_bytes(door, batches.encode(batch), batch.batch, **headers), Kind.WRONG_TYPE)


@pytest.mark.parametrize("megabytes", [2, 64])
def test_a_body_over_one_mebibyte_is_refused_and_not_kept(site: Site, door: Door, megabytes: int) -> None:
    piece = b" " * 2**16

    def body() -> Iterator[bytes]:
        for _ in range(megabytes * 16):
            yield piece

    with site.client(door) as client:
        headers = {"Content-Type": "application/json", "Idempotency-Key": '"x"'}
        try:
            is_problem(client.post("/v1/events:batch", content=body(), headers=headers), Kind.TOO_LARGE)
        except httpx.WriteError:
            assert megabytes == 64  # after 5 MiB HQ stops listening
    assert site.send(door, door.batch()).status_code == 200


ELSEWHERE = ["GET /nothing", "POST /v1", "PUT /v1/backups", "POST /v1/events:batch/", "GET /open/", "GET /docs"]


@pytest.mark.parametrize(("method", "path"), [one.split() for one in ELSEWHERE])
def test_other_addresses_are_not_here(site: Site, door: Door, method: str, path: str) -> None:
    with site.client(door) as client:
        is_problem(client.request(method, path), Kind.NOT_HERE)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_the_address_answers_no_other_method(site: Site, door: Door, method: str) -> None:
    with site.client(door) as client:
        is_problem(client.request(method, "/v1/events:batch"), Kind.WRONG_METHOD)


def test_refusals_of_known_devices_are_counted(site: Site, door: Door) -> None:
    before = site.export()["refused"]
    site.send_bytes(door, b"{}", "x")
    site.send_bytes(None, b"{}", "x")
    assert site.export()["refused"] == before + 1


TROUBLE = [("disk-fails", Kind.BUSY), ("crowded", Kind.BUSY), ("our-mistake", Kind.OUR_FAULT)]


@pytest.mark.parametrize(("breakage", "kind"), TROUBLE)
def test_hq_s_own_trouble_is_a_problem_document_that_tells_nothing(tmp_path: Path, breakage: str, kind: Kind) -> None:
    site = found(tmp_path)
    door = site.door("door")
    door.append(check_in("E-SECRET"))
    with running(site, program=broken(breakage)):
        answer = site.send(door, door.batch())
        is_problem(answer, kind)
        assert (answer.headers.get("retry-after") == "5") == (kind is Kind.BUSY)
    assert "E-SECRET" not in site.log.read_text()
    with running(site):
        assert site.send(door, door.batch()).status_code == 200
    assert len(site.events_of(door)) == 1


def test_a_request_that_names_another_device_gets_no_certificate(site: Site, tmp_path: Path) -> None:
    door = make_door(tmp_path, "honest", common_name="another")
    arguments = ["device", "add", "--data", str(site.root), "--id", door.id, "--public", door.key.public.hex()]
    request = str(door.tls_key.with_suffix(".csr"))
    assert main([*arguments, "--csr", request, "--out", str(door.certificate)]) == 2
    assert not door.certificate.exists()
