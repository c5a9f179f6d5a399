"""Only HQ's own word, unchanged, counts as a receipt."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_samples import HQ, HQ_NAME, KEY, NOW_MS, OTHER, event_id, sample_batch
from wire_strategies import EVENT_IDS, MOMENTS, UUIDS, flips

from wire import canonical, checkpoint, receipt
from wire.errors import BadSignature, FormatError
from wire.receipt import Receipt

BATCH = sample_batch()
WORD = Receipt(BATCH.batch, (event_id(1), event_id(2)), 3, NOW_MS)
NOTE = checkpoint.cosign(BATCH.checkpoint, HQ_NAME, HQ)
REPLY = receipt.reply(receipt.sign(WORD, HQ), NOTE)
RECEIPTS = st.builds(
    Receipt, UUIDS, st.lists(EVENT_IDS, unique=True, max_size=6).map(tuple), st.integers(0, 2**53 - 1), MOMENTS
)


@given(RECEIPTS)
@settings(deadline=None)
def test_a_receipt_survives_the_journey(word: Receipt) -> None:
    assert receipt.read(canonical.decode(canonical.encode(receipt.sign(word, HQ))), HQ.public) == word


def test_a_reply_is_read() -> None:
    assert receipt.read_reply(REPLY, HQ_NAME, HQ.public, KEY.public) == (WORD, NOTE)


def test_one_flipped_bit_of_a_reply_is_refused() -> None:
    for altered in flips(REPLY):
        with pytest.raises(FormatError):
            receipt.read_reply(altered, HQ_NAME, HQ.public, KEY.public)


def test_a_reply_of_another_hq_or_for_another_device_is_refused() -> None:
    for name, hq, device in (
        ("ambang-hq/other", HQ.public, KEY.public),
        (HQ_NAME, OTHER.public, KEY.public),
        (HQ_NAME, HQ.public, OTHER.public),
        (HQ_NAME, KEY.public, KEY.public),
    ):
        with pytest.raises(BadSignature):
            receipt.read_reply(REPLY, name, hq, device)


def test_a_reply_whose_note_hq_did_not_sign_is_refused() -> None:
    for note in (BATCH.checkpoint, checkpoint.cosign(BATCH.checkpoint, HQ_NAME, OTHER)):
        with pytest.raises(BadSignature):
            receipt.read_reply(receipt.reply(receipt.sign(WORD, HQ), note), HQ_NAME, HQ.public, KEY.public)


@pytest.mark.parametrize(
    "data", [b"", b"OK", b"{}", b"[]", b"<html>", b'{"receipt":{},"checkpoint":""}', b" " * 70_000]
)
def test_a_200_without_a_receipt_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        receipt.read_reply(data, HQ_NAME, HQ.public, KEY.public)


def test_a_receipt_of_wrong_parts_is_never_made() -> None:
    many = tuple(event_id(number) for number in range(513))
    assert replace(WORD, acked=many[:512])
    for change in (
        {"batch": "1"},
        {"acked": many},
        {"acked": many[:1] * 2},
        {"acked": (BATCH.batch,)},
        {"generation": -1},
        {"generation": 2**53},
        {"time": -1},
    ):
        with pytest.raises(FormatError):
            replace(WORD, **change)


@pytest.mark.parametrize("acked", [[1], [None], [[]], [{}], [True]])
def test_an_acked_id_that_is_no_text_is_refused(acked: list[object]) -> None:
    with pytest.raises(FormatError):
        receipt.read({**receipt.sign(WORD, HQ), "acked": acked}, HQ.public)


def test_the_largest_reply_fits_its_limit() -> None:
    word = replace(WORD, acked=tuple(event_id(number) for number in range(512)), generation=2**53 - 1)
    note = NOTE
    for number in range(6):
        note = checkpoint.cosign(note, f"{'w' * 120}{number}", OTHER)
    data = receipt.reply(receipt.sign(word, HQ), note)
    assert receipt.read_reply(data, HQ_NAME, HQ.public, KEY.public) == (word, note)
    assert len(data) < 0.5 * receipt.REPLY_LIMIT
