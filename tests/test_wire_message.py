"""Messages from headquarters: read back as they were written, and never otherwise than they were signed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_samples import DEVICE, HQ, NOW_MS
from wire_strategies import DEVICES, HASHES, MOMENTS, names
from wire_vectors_message import CONTENTS, PEOPLE, signed

from wire import message
from wire.canonical import INTEGER_LIMIT
from wire.errors import BadSignature, FormatError
from wire.message import (
    PEOPLE_LIMIT,
    Announcement,
    Content,
    Departure,
    Entry,
    Message,
    Parting,
    Policy,
    Roster,
    Shift,
    Sibling,
    Standing,
    Trip,
    Trust,
)

VERSIONS = st.integers(1, INTEGER_LIMIT)
MINUTES = st.integers(0, 1_439)
ENTRIES = st.builds(
    Entry,
    names(1),
    names(1),
    names(1),
    st.sampled_from(Standing),
    st.sampled_from(["", "id", "en", "nl"]),
    names(),
)
LISTS = st.lists(ENTRIES, max_size=4, unique_by=(lambda one: one.ref, lambda one: one.code)).map(tuple)
SHIFTS = st.lists(st.builds(Shift, names(1), names(1), MINUTES, MINUTES, names()), max_size=3, unique_by=lambda s: s.id)
KINDS: dict[str, st.SearchStrategy[Content]] = {
    "roster": st.builds(
        lambda version, full, people: Roster(version, full, 2, 3, people), VERSIONS, st.booleans(), LISTS
    ),
    "policy": st.builds(lambda version, shifts: Policy(version, tuple(shifts)), VERSIONS, SHIFTS),
    "announcement": st.builds(Announcement, names(1), MOMENTS, MOMENTS, *[names(0, 280, 1_120)] * 3, st.booleans()),
    "trip": st.builds(Trip, st.binary(min_size=8, max_size=8).map(bytes.hex), st.booleans(), names()),
    "sibling": st.builds(Sibling, DEVICES, HASHES.map(bytes.hex), st.sampled_from(Trust)),
    "departure": st.builds(Departure, names(), names(1), st.sampled_from(Parting), DEVICES),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_read_back_and_the_signature_fits(kind: str) -> None:
    @settings(max_examples=25, deadline=None)
    @given(DEVICES, st.integers(0, INTEGER_LIMIT), MOMENTS, KINDS[kind])
    def holds(device: str, number: int, at: int, content: Content) -> None:
        found = message.sign(Message(device, number, at, content), HQ)
        assert message.decode(message.encode(found)) == found
        assert message.from_json(message.to_json(found)) == found
        assert found.kind == kind
        message.check(found, HQ.public)

    holds()


def test_every_kind_has_a_word_and_a_strategy() -> None:
    assert set(message.KINDS) == set(KINDS) == {signed(content).kind for content in CONTENTS.values()}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_no_character_can_be_changed_without_notice(content: Content) -> None:
    text = message.encode(signed(content)).decode()
    for place in range(0, len(text), 7):
        altered = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        try:
            found = message.decode(altered.encode())
        except FormatError:
            continue
        with pytest.raises(BadSignature):
            message.check(found, HQ.public)


def test_the_largest_part_of_a_roster_fits_with_the_longest_texts() -> None:
    longest = "\\" * 57  # spelled with two bytes each
    people = tuple(
        Entry(f"{number:07d}{longest}", f"{number:07d}{longest}", "\u00e9" * 64, Standing.SUSPENDED, "id", '"' * 64)
        for number in range(PEOPLE_LIMIT)
    )
    whole = message.sign(Message("d" * 64, 2**53 - 1, NOW_MS, Roster(2**53 - 1, True, 64, 64, people)), HQ)  # noqa: FBT003
    assert len(message.encode(whole)) < 1 << 20
    assert message.decode(message.encode(whole)) == whole
    with pytest.raises(FormatError):
        Roster(1, True, 1, 1, (*people, PEOPLE[0]))  # noqa: FBT003
    with pytest.raises(FormatError):
        message.decode(b'{"x":"' + b"x" * (1 << 20) + b'"}')


def test_no_name_shows_in_a_repr() -> None:
    shown = repr([signed(content) for content in CONTENTS.values()])
    assert not any(word in shown for word in ("Budi", "Wahyuni", "K-0042", "HR-EMP"))


def test_an_unsigned_message_is_told_apart_from_a_forged_one() -> None:
    plain = Message(DEVICE, 0, NOW_MS, CONTENTS["policy"])
    with pytest.raises(BadSignature, match="not signed"):
        message.check(message.decode(message.encode(plain)), HQ.public)
    with pytest.raises(FormatError):
        Message(DEVICE, 1, NOW_MS, CONTENTS["policy"], b"short")
