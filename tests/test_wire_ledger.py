"""The chain, its checkpoints and the batches: any change is found, and named by its place."""

import base64
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_samples import DEVICE, HQ, HQ_NAME, KEY, OTHER, events, ledger, noise, sample_batch
from wire_strategies import DEVICES, HASHES, flip, flips

from wire import batch, canonical, checkpoint, event, spine
from wire.checkpoint import Checkpoint
from wire.errors import BadSignature, BrokenChain, FormatError
from wire.spine import SpineRow

OWN = "ambang/" + DEVICE
ROWS = ledger(8)
NOTE = checkpoint.sign(Checkpoint(DEVICE, 8, ROWS[-1].h), KEY)
KEYS = {OWN: KEY.public, HQ_NAME: HQ.public}


def checkpoint_at(size: int, rows: tuple[SpineRow, ...] = ROWS, device: str = DEVICE) -> Checkpoint:
    return Checkpoint(device, size, rows[size - 1].h if size else spine.genesis(device))


@given(DEVICES, st.lists(st.tuples(HASHES, HASHES), max_size=8))
@settings(deadline=None)
def test_a_chain_that_was_linked_is_sound_from_any_place(device: str, parts: list[tuple[bytes, bytes]]) -> None:
    heads, rows = [spine.genesis(device)], []
    for seq, (committed, digest) in enumerate(parts, 1):
        rows.append(spine.link(heads[-1], seq, committed, digest))
        heads.append(rows[-1].h)
    for start, head in enumerate(heads):
        assert spine.verify(rows[start:], head, start + 1) == heads[-1]


@given(st.integers(0, 7), st.sampled_from(["commitment", "body_digest", "h"]), st.integers(0, 255))
@settings(deadline=None)
def test_one_flipped_bit_in_a_row_is_named(place: int, part: str, bit: int) -> None:
    row = ROWS[place]
    altered = {name: getattr(row, name) for name in ("commitment", "body_digest", "h")}
    altered[part] = flip(altered[part], bit)
    rows = (*ROWS[:place], SpineRow(row.seq, **altered), *ROWS[place + 1 :])
    with pytest.raises(BrokenChain) as caught:
        spine.verify(rows, spine.genesis(DEVICE), 1)
    assert caught.value.seq == place + 1
    assert str(caught.value) == f"entry {place + 1}: does not follow from the entry before it"


@given(st.data())
@settings(deadline=None)
def test_removed_swapped_and_repeated_rows_are_named(data: st.DataObject) -> None:
    order = data.draw(st.lists(st.integers(0, 7), max_size=10).filter(lambda found: found != list(range(len(found)))))
    first = next(place for place, found in enumerate(order) if place != found)
    with pytest.raises(BrokenChain) as caught:
        spine.verify([ROWS[place] for place in order], spine.genesis(DEVICE), 1)
    assert caught.value.seq == first + 1


@pytest.mark.parametrize(
    "parts",
    [
        (0, b"x" * 32, b"x" * 32, b"x" * 32),
        (2**53, b"x" * 32, b"x" * 32, b"x" * 32),
        (True, b"x" * 32, b"x" * 32, b"x" * 32),
        (1, b"x" * 31, b"x" * 32, b"x" * 32),
        (1, b"x" * 32, "x" * 32, b"x" * 32),
        (1, b"x" * 32, b"x" * 32, None),
    ],
)
def test_a_row_of_wrong_parts_is_never_made(parts: tuple[int, bytes, bytes, bytes]) -> None:
    with pytest.raises(FormatError):
        SpineRow(*parts)


def test_linking_and_committing_check_their_sizes() -> None:
    with pytest.raises(FormatError):
        spine.link(b"short", 1, bytes(32), bytes(32))
    with pytest.raises(FormatError):
        spine.link(bytes(32), 0, bytes(32), bytes(32))
    with pytest.raises(FormatError):
        spine.commitment(bytes(15), b"{}")
    with pytest.raises(FormatError):
        spine.genesis("not a device")


def test_a_body_is_bound_by_its_digest() -> None:
    assert spine.body_digest(b"abc").hex().startswith("ba7816bf8f01cfea")  # FIPS 180-4, example of SHA-256


def test_the_salt_hides_a_guessable_event() -> None:
    clear = event.clear(events()["check-in"], DEVICE)
    assert spine.commitment(noise("one", 16), clear) != spine.commitment(noise("other", 16), clear)


def test_the_chain_of_a_year_is_verified_well_under_ten_seconds() -> None:
    count = 100_000
    committed, digest, start = bytes(32), bytes(32), spine.genesis(DEVICE)

    def rows() -> Iterator[SpineRow]:
        head = start
        for seq in range(1, count + 1):
            row = spine.link(head, seq, committed, digest)
            yield row
            head = row.h

    kept = list(rows())
    began = time.process_time()
    assert spine.verify(kept, start, 1) == kept[-1].h
    assert (time.process_time() - began) * 1_000_000 / count < 10


@given(DEVICES, st.integers(1, 2**53 - 1), HASHES)
@settings(deadline=None)
def test_a_signed_checkpoint_is_read(device: str, size: int, head: bytes) -> None:
    made = Checkpoint(device, size, head)
    note = checkpoint.sign(made, KEY)
    own = "ambang/" + device
    assert checkpoint.unverified(note) == made
    assert checkpoint.read(note, {own: KEY.public}) == (made, frozenset({own}))
    both = checkpoint.cosign(note, HQ_NAME, HQ)
    assert checkpoint.read(both, {own: KEY.public, HQ_NAME: HQ.public}) == (made, frozenset({own, HQ_NAME}))
    assert checkpoint.read(both, {own: KEY.public}) == (made, frozenset({own}))


def test_the_key_id_is_that_of_the_published_note_format() -> None:
    # "PeterNeumann+c74f20a3+ARpc2Qc..." is the verifier key in the documentation of Go's sumdb/note.
    public = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert public[:1] == b"\x01"
    assert checkpoint.note_key_id("PeterNeumann", public[1:]).hex() == "c74f20a3"


def test_one_flipped_bit_of_a_note_is_refused() -> None:
    for altered in flips(NOTE.encode()):
        with pytest.raises(FormatError):
            checkpoint.read(altered.decode("utf-8", "surrogateescape"), KEYS)


def test_one_flipped_bit_of_a_counter_signed_note_costs_a_signature() -> None:
    both = checkpoint.cosign(NOTE, HQ_NAME, HQ)
    assert checkpoint.read(both, KEYS)[1] == {OWN, HQ_NAME}
    for altered in flips(both.encode()):
        try:
            found, names = checkpoint.read(altered.decode("utf-8", "surrogateescape"), KEYS)
        except FormatError:
            continue
        assert found == checkpoint_at(8)
        assert names == {OWN}


def test_a_checkpoint_of_wrong_parts_is_never_made() -> None:
    for device, size, head in (
        ("-", 1, bytes(32)),
        (DEVICE, -1, bytes(32)),
        (DEVICE, 2**53, bytes(32)),
        (DEVICE, 1, bytes(31)),
        (DEVICE, 0, bytes(32)),
    ):
        with pytest.raises(FormatError):
            Checkpoint(device, size, head)


def test_nobody_signs_twice_or_under_a_strange_name() -> None:
    both = checkpoint.cosign(NOTE, HQ_NAME, HQ)
    for name in (HQ_NAME, OWN, "", "with space", "plus+", "new\nline"):
        with pytest.raises(FormatError):
            checkpoint.cosign(both, name, OTHER)
    full = both
    for number in range(6):
        full = checkpoint.cosign(full, f"witness-{number}", OTHER)
    with pytest.raises(FormatError):
        checkpoint.cosign(full, "witness-9", OTHER)


def test_a_note_that_is_no_text_or_too_long_is_refused() -> None:
    for note in (None, b"", NOTE.encode(), "", "\n\n", "x" * 5000, NOTE + "\u2014 a b\n"):
        with pytest.raises(FormatError):
            checkpoint.read(note, KEYS)  # type: ignore[arg-type]


def test_the_whole_ledger_agrees_with_its_checkpoints() -> None:
    stated = [checkpoint_at(size) for size in (0, 3, 8, 3)]
    assert checkpoint.audit(ROWS, DEVICE, stated) == ROWS[-1].h
    assert checkpoint.audit(ROWS, DEVICE, []) == ROWS[-1].h
    assert checkpoint.audit([], DEVICE, []) == spine.genesis(DEVICE)


def test_the_audit_names_the_first_bad_entry() -> None:
    rewritten = list(ROWS[:4])
    for seq in range(5, 9):
        rewritten.append(spine.link(rewritten[-1].h, seq, noise(f"new {seq}", 32), ROWS[seq - 1].body_digest))
    other = ledger(8, "door-2")
    stated = [checkpoint_at(2), checkpoint_at(6), checkpoint_at(8)]
    fork = replace(checkpoint_at(6), head=noise("fork", 32))
    for seq, rows, found in (
        (6, ROWS[:5], stated),  # truncated, though HQ has seen more
        (1, [], stated),
        (6, rewritten, stated),  # every hash was made anew
        (4, (*ROWS[:3], *ROWS[4:]), stated),
        (1, other, [checkpoint_at(8)]),
        (5, (*ROWS[:4], *other[4:]), stated),
        (6, ROWS, [*stated, fork]),
        (3, ROWS, [checkpoint_at(3, other, "door-2")]),
    ):
        with pytest.raises(BrokenChain) as caught:
            checkpoint.audit(rows, DEVICE, found)
        assert caught.value.seq == seq


def test_a_batch_survives_the_journey() -> None:
    whole = sample_batch()
    assert batch.decode(batch.encode(whole)) == whole
    assert len(whole.events) < len(whole.rows)


@given(st.data())
@settings(deadline=None, max_examples=600)
def test_one_flipped_bit_of_a_batch_is_refused_or_is_not_signed(data: st.DataObject) -> None:
    whole = sample_batch()
    encoded = batch.encode(whole)
    try:
        found = batch.decode(flip(encoded, data.draw(st.integers(0, len(encoded) * 8 - 1))))
    except FormatError:
        return
    if found.batch == whole.batch:  # the id of a delivery is only a name; TLS protects it
        with pytest.raises(BadSignature):
            checkpoint.read(found.checkpoint, KEYS)
    assert (found.rows, found.events) == (whole.rows, whole.events)


def test_parts_that_do_not_fit_never_make_a_batch() -> None:
    whole = sample_batch()
    rows, given = whole.rows, whole.events
    for change in (
        {"device": "x y"},
        {"device": "door-2"},
        {"batch": "1"},
        {"h_prev": bytes(32)},
        {"h_prev": b""},
        {"rows": ()},
        {"rows": rows[1:]},
        {"rows": rows * 200},
        {"checkpoint": NOTE},
        {"events": (given[1], given[0])},
        {"events": (given[0], given[0])},
        {"events": (replace(given[0], device="door-2"),)},
        {"events": (replace(given[0], seq=9),)},
        {"events": (replace(given[0], seq=2),)},
        {"events": (replace(given[0], salt=bytes(16)),)},
    ):
        with pytest.raises(FormatError):
            replace(whole, **change)


def test_one_event_id_cannot_stand_twice_in_a_batch() -> None:
    head, rows, found = spine.genesis(DEVICE), [], []
    clear = event.clear(events()["check-in"], DEVICE)
    for seq in (1, 2):
        salt = noise(f"salt {seq}", 16)
        rows.append(spine.link(head, seq, spine.commitment(salt, clear), bytes(32)))
        head = rows[-1].h
        found.append(event.delivered(clear, seq, salt))
    note = checkpoint.sign(Checkpoint(DEVICE, 2, head), KEY)
    with pytest.raises(FormatError, match="an event id twice"):
        replace(sample_batch(), rows=tuple(rows), events=tuple(found), checkpoint=note)


def test_the_largest_batch_fits_its_limit() -> None:
    longest = "\U0001f600" * 21 + '"' * 43
    base = events()["claimed"]
    assert isinstance(base, event.CheckIn)
    device, head, rows, found = "d" * 64, spine.genesis("d" * 64), [], []
    for seq in range(1, batch.ROWS_LIMIT + 1):
        one = replace(base, event_id=event.uuid7(seq, bytes(10)), person=longest, site=longest)
        clear, salt = event.clear(replace(one, clock=replace(one.clock, zone="A" * 64)), device), bytes(16)
        rows.append(spine.link(head, seq, spine.commitment(salt, clear), bytes(32)))
        head = rows[-1].h
        found.append(event.delivered(clear, seq, salt))
    note = checkpoint.sign(Checkpoint(device, len(rows), head), KEY)
    start = spine.genesis(device)
    whole = batch.Batch(device, sample_batch().batch, start, tuple(rows), note, tuple(found))
    encoded = batch.encode(whole)
    assert len(encoded) < 0.7 * batch.SIZE_LIMIT
    assert batch.decode(encoded) == whole
    assert canonical.encode(canonical.decode(encoded)) == encoded
