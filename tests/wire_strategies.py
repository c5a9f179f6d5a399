"""Hypothesis strategies for what crosses a border, and the flip of one bit."""

import string
from collections.abc import Iterator

from hypothesis import strategies as st

from wire import event
from wire.canonical import INTEGER_LIMIT, Encodable

UNSEEN = "\xad\u061c\u180e\ufeff"
INTEGERS = st.integers(-INTEGER_LIMIT, INTEGER_LIMIT)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | INTEGERS | TEXT
HASHES = st.binary(min_size=32, max_size=32)
UUIDS = st.uuids().map(str)
MOMENTS = st.integers(0, 253_402_300_799_999)
EVENT_IDS = st.builds(event.uuid7, st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
ZONES = st.sampled_from(["Asia/Jakarta", "Asia/Jayapura", "UTC", "Etc/GMT+7", "America/Argentina/Buenos_Aires"])
DEVICES = st.text(string.ascii_letters + string.digits + "._-", max_size=63).map("d".__add__)
CLOCKS = st.builds(
    event.Clock,
    ZONES,
    st.integers(0, INTEGER_LIMIT),
    UUIDS,
    st.sampled_from(event.ClockState),
    st.integers(0, 2**31 - 1),
)


def nested(levels: int) -> st.SearchStrategy[Encodable]:
    """JSON values with at most `levels` containers inside each other."""
    if levels == 0:
        return SCALARS
    inner = nested(levels - 1)
    return SCALARS | st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)


def names(least: int = 0, most: int = 64, most_bytes: int = 128) -> st.SearchStrategy[str]:
    """Text that wire lets through."""
    letters = st.characters(exclude_categories=["Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"], exclude_characters=UNSEEN)
    words = st.text(letters, min_size=least, max_size=most)
    return words.filter(
        lambda word: (
            word == word.strip(" ")
            and len(word.encode()) <= most_bytes
            and not set(map(ord, word)) & set(range(0xFFF9, 0x10000))
        )
    )


CHECK_INS = st.builds(
    event.CheckIn,
    EVENT_IDS,
    names(1),
    st.sampled_from(event.Action),
    MOMENTS,
    CLOCKS,
    st.sampled_from(event.Method),
    names(),
)
NOTICES = st.builds(event.Notice, EVENT_IDS, st.sampled_from(event.NoticeKind), names(1), MOMENTS, CLOCKS, names())
REFERENCES = st.tuples(EVENT_IDS, EVENT_IDS).filter(lambda ids: ids[0] != ids[1])
DISPUTES = REFERENCES.flatmap(
    lambda ids: st.builds(event.Dispute, st.just(ids[0]), names(1), st.just(ids[1]), MOMENTS, CLOCKS, names())
)
CORRECTIONS = REFERENCES.flatmap(
    lambda ids: st.builds(
        event.Correction,
        st.just(ids[0]),
        names(1),
        st.just(ids[1]),
        st.sampled_from(event.Action),
        MOMENTS,
        CLOCKS,
        st.sampled_from(event.Method),
        names(),
    )
)
AMENDMENTS = st.tuples(REFERENCES, st.sampled_from(event.Decision)).flatmap(
    lambda drawn: st.builds(
        event.Amendment,
        st.just(drawn[0][0]),
        names(1),
        st.just("" if drawn[1] is event.Decision.ADDED else drawn[0][1]),
        st.just(drawn[1]),
        st.sampled_from(event.Action),
        MOMENTS,
        MOMENTS,
        CLOCKS,
        names(),
    )
)
TRIPS = REFERENCES.flatmap(
    lambda ids: st.builds(
        event.TripDetails,
        st.just(ids[0]),
        names(1),
        st.just(ids[1]),
        MOMENTS,
        CLOCKS,
        names(1).map(lambda text: text[:40].strip()).filter(bool),
        st.sampled_from(event.TripReason),
        names().map(lambda text: text[:16].strip()),
        names().map(lambda text: text[:8].strip()),
        names().map(lambda text: text[:8].strip()),
    )
)
EVENTS: st.SearchStrategy[event.Event] = st.one_of(CHECK_INS, NOTICES, DISPUTES, CORRECTIONS, AMENDMENTS, TRIPS)


def flips(data: bytes) -> Iterator[bytes]:
    """`data` with one bit flipped, for every bit."""
    for place in range(len(data)):
        for bit in range(8):
            yield flip(data, place * 8 + bit)


def flip(data: bytes, bit: int) -> bytes:
    place = bit // 8
    return data[:place] + bytes((data[place] ^ 1 << bit % 8,)) + data[place + 1 :]
