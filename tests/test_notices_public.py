"""Published notices from the desk to HQ's public page: signed, whole, unchangeable, with what changed (policy KK16)."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from door_kit import Kiosk, at_home
from hq_desk import CHEAP, text_of
from hq_site import Door, Site, found, running
from notice_kit import DAY_MS, PUBLISHED, content, first, second
from running_kiosk import furnished
from store_kit import here
from wire_samples import DEVICE, KEY

from hq import page_notices, published
from hq.database import writing
from hq.desk import Desk, Form
from hq.devices import Device, revoke
from hq.differences import Change, differences
from hq.office import open_office
from kiosk.store import FileRootKey, Store, outbox, papers
from kiosk.store.keys import KeyKind
from kiosk.store.papers import PaperKind
from kiosk.store.telling import Telling
from sync.exchange import Exchange
from wire import canonical, notice, pieces
from wire.errors import BadSignature, FormatError
from wire.notice import Words
from wire.signing import SigningKey


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("notices"))
    with running(site, program=CHEAP):
        yield site


@pytest.fixture(scope="module")
def device(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Kiosk:
    return at_home(site, tmp_path_factory.mktemp("device") / "kiosk")


@pytest.fixture(scope="module")
def door(site: Site) -> Door:
    side = site.door("side", "Pintu samping")
    for each in (first(side.id), second(side.id)):
        assert told(site, side, notice.sign(each, side.key), each.published).json() == {"stored": True}
    return side


def told(site: Site, door: Door, body: bytes, at: int = PUBLISHED) -> httpx.Response:
    with site.client(door) as client:
        return client.put(f"/v1/notices/{at}", content=body, headers={"Content-Type": "application/json"})


def page(site: Site, **asked: str | int) -> httpx.Response:
    with site.client() as client:
        return client.get("/notices", params=dict(asked))


# the format


def test_a_notice_comes_back_as_it_was_signed_and_any_change_is_refused() -> None:
    said = first(DEVICE)
    file = notice.sign(said, KEY)
    assert notice.read(file, KEY.public) == said
    for wrong in (
        file.replace(b"24 months", b"25 months"),
        file.replace(b'"2026-1"', b'"2026-3"'),
        file[:-1],
        file.replace(b'"review"', b'"revieW"'),
    ):
        with pytest.raises(FormatError):
            notice.read(wrong, KEY.public)
    value = json.loads(file)
    value["contact"] = "somebody else"
    with pytest.raises(BadSignature):
        notice.read(canonical.encode(value) + b"\n", KEY.public)


@pytest.mark.parametrize(
    "change",
    [
        {"version": "../2026"},
        {"version": ""},
        {"effective": "16-11-2026"},
        {"published": -1},
        {"contact": "a\u202eb"},
        {"texts": {}},
        {"texts": {"fr": Words("t", (("h", "p"),))}},
    ],
)
def test_what_is_not_for_everybody_to_read_is_no_notice(change: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        replace(first(DEVICE), **change)  # type: ignore[arg-type]


def test_a_file_is_cut_into_what_the_exchange_takes_and_put_together_whole() -> None:
    data = notice.sign(first(DEVICE), KEY) * 20
    cut = pieces.cut(data)
    assert len(cut) > 3
    assert max(map(len, cut)) <= pieces.PIECE_LIMIT
    read = [pieces.read(one) for one in cut]
    assert pieces.joined(reversed(read)) == data
    assert pieces.joined(read[1:]) is None
    with pytest.raises(FormatError):
        pieces.joined([*read[:-1], replace(read[-1], data=b"x")])
    with pytest.raises(FormatError):
        pieces.joined([*read, replace(read[0], data=b"x")])
    with pytest.raises(FormatError):
        pieces.joined([read[0], replace(read[1], file="0" * 64)])
    for length in (0, pieces.PIECES_LIMIT * pieces.PIECE_LIMIT):
        with pytest.raises(FormatError):
            pieces.cut(bytes(length))


# the way there


def test_what_the_desk_has_published_is_asked_for_once_and_no_draft(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    with closing(Store.open(config.state, FileRootKey(config.state / "root.key"))) as store:
        papers.put(store, PaperKind.NOTICE, {**content(first("x")), "published_at": 0}, state="draft")
        papers.put(store, PaperKind.NOTICE, {"published_at": PUBLISHED, "version": "1"}, state="published")  # no notice
        papers.put(store, PaperKind.NOTICE, content(first("x")), state="published")
        outbox.begin_anew(config.exchange).close()
        for _ in range(2):  # the second is a kiosk that was started again
            with closing(Exchange.open(config.exchange)) as exchange:
                telling = Telling(config.certificates)
                for _ in range(2):
                    telling.round(here(store), exchange)
                    telling._looked_at = None
                asked = [row for row in exchange.requests(0) if row.kind == "notice"]
        file = pieces.joined(pieces.read(row.body) for row in asked)
        assert len({row.body for row in asked}) == len(asked)
        assert file is not None
        assert notice.read(file, store.device_public) == first(store.device_id)


def test_a_published_notice_goes_from_the_desk_to_the_page_and_again_changes_nothing(site: Site, device: Kiosk) -> None:
    with (
        closing(Store.open(device.config.state, FileRootKey(device.config.state / "root.key"))) as store,
        closing(Exchange.open(device.config.exchange)) as exchange,
    ):
        papers.put(store, PaperKind.NOTICE, content(first("x")), state="published")
        Telling(device.config.certificates).round(here(store), exchange)
    assert device.sync("errands")[:2] == (0, "all done\n")
    assert device.requests() == []
    said = text_of(page(site, device=device.device, language="en"))
    for words in ("Attendance is kept for 24 months.", "2026-1", "2027-11-16", "Direksi", "dpo@contoh.example"):
        assert words in said
    stored = site.rows("SELECT body, received FROM published_notices WHERE device = :d", d=device.device)
    device.request("notice", b"{}")
    with closing(Exchange.open(device.config.exchange)) as exchange:
        for piece in pieces.cut(bytes(stored[0][0])):
            exchange.request("notice", piece)
        exchange.request("notice", pieces.cut(bytes(9_000))[0])  # and the rest of it never comes
    assert device.sync("errands")[0] == 0
    assert [pieces.read(row.body).number for row in device.requests()] == [1]
    assert site.rows("SELECT body, received FROM published_notices WHERE device = :d", d=device.device) == stored
    with closing(Exchange.open(device.config.exchange)) as exchange:
        exchange.answered([row.id for row in exchange.requests(0)])


def test_a_notice_that_hq_refuses_waits_and_does_not_hold_up_the_next(site: Site, device: Kiosk) -> None:
    with closing(Store.open(device.config.state, FileRootKey(device.config.state / "root.key"))) as store:
        key = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
    with closing(Exchange.open(device.config.exchange)) as exchange:
        for file in (
            notice.sign(replace(first(device.device), published=5), KEY),
            notice.sign(second(device.device), key),
        ):
            for piece in pieces.cut(file):
                exchange.request("notice", piece)
    assert device.sync("errands")[:2] == (1, "notices: hq_bad_signature\n")
    assert {pieces.read(row.body).file for row in device.requests()} != set()
    assert "2026-2" in text_of(page(site, device=device.device))
    with closing(Exchange.open(device.config.exchange)) as exchange:
        exchange.answered([row.id for row in exchange.requests(0)])


# what HQ takes


def test_hq_takes_a_notice_of_that_device_alone_and_never_other_words_under_the_same_date(
    site: Site, door: Door
) -> None:
    good = notice.sign(first(door.id), door.key)
    assert told(site, door, good).json() == {"stored": True}
    for body, at, why in (
        (notice.sign(first(door.id), KEY), PUBLISHED, "bad-signature"),
        (notice.sign(first("another"), door.key), PUBLISHED, "wrong-device"),
        (good, PUBLISHED + 1, "not-understood"),
        (good[:-1], PUBLISHED, "not-understood"),
        (b"{}", PUBLISHED, "not-understood"),
        (notice.sign(replace(second(door.id), published=PUBLISHED), door.key), PUBLISHED, "conflict"),
        (b" " * (notice.FILE_LIMIT + 1), PUBLISHED, "too-large"),
    ):
        answer = told(site, door, body, at)
        assert answer.json()["type"] == f"urn:ambang:problem:{why}"
    with site.client() as stranger:
        assert stranger.put(f"/v1/notices/{PUBLISHED}", content=good).status_code == 403
    moved = replace(first(door.id), contact="dpo2@contoh.example")
    assert told(site, door, notice.sign(moved, door.key)).json() == {"stored": True}
    assert "dpo2@contoh.example" in text_of(page(site, device=door.id, at=PUBLISHED))
    told(site, door, good)


# the page


def test_everybody_reads_current_and_past_with_what_changed_in_three_languages(site: Site, door: Door) -> None:
    for language, (old, new) in {
        "en": ("Attendance is kept for 24 months.", "Attendance is kept for 12 months."),
        "id": ("Kehadiran disimpan 24 bulan.", "Kehadiran disimpan 12 bulan."),
        "nl": ("Aanwezigheid 24 maanden.", "Aanwezigheid 12 maanden."),
    }.items():
        answer = page(site, device=door.id, language=language)
        assert f'lang="{language}"' in answer.text
        assert f"{old}</del>" in answer.text
        assert f"{new}</ins>" in answer.text
        past = page(site, device=door.id, at=PUBLISHED, language=language)
        assert old in past.text
        assert new not in past.text
        assert "<del>" not in past.text


def test_the_page_sets_no_cookie_runs_nothing_and_says_nothing_of_what_is_not_there(site: Site, door: Door) -> None:
    answer = page(site, device=door.id)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    for asked in ({"device": "nobody"}, {"at": "1"}, {"device": door.id, "at": "x' OR 1=1 --"}):
        refused = page(site, **asked)
        assert refused.status_code == 404
        assert "OR 1=1" not in refused.text
    assert page(site, language="<script>").status_code == 200


def test_doors_that_show_the_same_notice_stand_together_and_each_can_be_asked_for(site: Site, door: Door) -> None:
    other = site.door("back", "Pintu belakang")
    body = notice.sign(replace(second(other.id), published=PUBLISHED + 9), other.key)
    assert told(site, other, body, PUBLISHED + 9).status_code == 200
    assert "Pintu belakang, Pintu samping" in text_of(page(site, device=door.id))
    mine = text_of(page(site, device=other.id, language="en"))
    assert "Pintu belakang, Pintu samping" in mine
    assert "What changed" not in mine, "the first of this door"


def test_what_a_notice_says_is_shown_and_never_run(site: Site) -> None:
    door = site.door("hostile", "<b>Pintu</b>")
    words = Words("<script>alert(1)</script>", (("<img src=x>", 'a" onload="x {{ 7 * 7 }}'),))
    hostile = replace(first(door.id), texts={"en": words}, contact="<a href='x'>y</a>", published=PUBLISHED - 1)
    assert told(site, door, notice.sign(hostile, door.key), PUBLISHED - 1).status_code == 200
    answer = page(site, device=door.id, language="nl")
    for never in ("<script", "<img", "<a href='x'", "49", "<b>Pintu"):
        assert never not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_an_hq_without_a_notice_says_so_and_one_with_a_coming_one_says_from_when(tmp_path: Path) -> None:
    empty = found(tmp_path)
    with closing(open_office(empty.root)) as office:

        def said(at: int) -> str:
            return bytes(page_notices._notices(Desk(office, lambda: at), "en", Form({})).body).decode()

        assert "No privacy notice has been published here yet." in said(0)
        door = empty.door("front", "Pintu depan")
        known = Device(door.id, door.key.public)
        for each in (first(door.id), second(door.id)):
            published.receive(office, known, str(each.published), notice.sign(each, door.key), 1)
        day = PUBLISHED - PUBLISHED % DAY_MS
        for at, standing, shown in (
            (day - 1, ["Not yet in force", "Not yet in force"], "12 months"),
            (day, ["Not yet in force", "In force"], "24 months"),
            (day + DAY_MS, ["In force", "No longer in force"], "12 months"),
        ):
            assert re.findall(r"2026-11-1[67], ([^<]+)</span>", said(at)) == standing
            assert f"Attendance is kept for {shown}." in said(at).partition("<article")[2]


def test_one_door_in_wrong_hands_speaks_for_no_other_and_for_nobody_once_it_is_withdrawn(tmp_path: Path) -> None:
    site = found(tmp_path)
    with closing(open_office(site.root)) as office:
        front, rogue = site.door("front", "Pintu depan"), site.door("rogue", "Pintu hilang")

        def publishes(door: Door, *those: notice.Published, received: int) -> None:
            for each in those:
                known = Device(door.id, door.key.public)
                published.receive(office, known, str(each.published), notice.sign(each, door.key), received)

        ours = (first(front.id), second(front.id))
        publishes(front, *ours, received=PUBLISHED + DAY_MS)
        past = [replace(first(rogue.id), published=at, version=f"fake-{at}") for at in (1, 2, 3)]
        same = replace(second(rogue.id), published=ours[1].published + 1, contact="dpo@rogue.example")
        publishes(rogue, *past, same, received=PUBLISHED + 2 * DAY_MS)
        (together,) = published.lineages(office)
        assert {each.device for each in together.versions} == {front.id}, "a longer history is not a better one"
        words = {"en": Words("Privacy notice", (("Your data", "All of it is sold."),))}
        publishes(
            rogue, replace(same, published=PUBLISHED + 3650 * DAY_MS, texts=words), received=PUBLISHED + 3 * DAY_MS
        )
        third = replace(second(front.id), published=PUBLISHED + 4 * DAY_MS, texts=ours[0].texts, version="2026-3")
        publishes(front, third, received=PUBLISHED + 4 * DAY_MS)
        assert published.lineages(office)[0].versions[0].device == front.id, "a date far ahead does not stay on top"
        with writing(office.engine) as work:
            revoke(work, rogue.id, 1)
        assert [each.doors for each in published.lineages(office)] == [("Pintu depan",)]
        assert published.lineages(office, rogue.id)[0].versions[0].device == front.id
        with writing(office.engine) as work:
            revoke(work, front.id, 1)
        assert published.lineages(office), "of doors out of use it is still to be read what they said"


# what changed


def test_differences_name_each_sentence_that_was_added_or_removed() -> None:
    before = Words("T", (("A", "One. Two. Three."), ("B", "Same."), ("C", "Gone."), ("", "x"), ("", "y")))
    after = Words("T", (("A", "One. 2. Three. Four."), ("B", "Same."), ("", "x"), ("", "z"), ("D", "Came.")))
    found = {each.heading: each.pieces for each in differences(before, after)}
    assert [(piece.change, piece.text) for piece in found["A"]] == [
        (Change.KEPT, "One."),
        (Change.REMOVED, "Two."),
        (Change.ADDED, "2."),
        (Change.KEPT, "Three."),
        (Change.ADDED, "Four."),
    ]
    assert [(piece.change, piece.text) for piece in found["C"]] == [(Change.REMOVED, "Gone.")]
    assert [(piece.change, piece.text) for piece in found["D"]] == [(Change.ADDED, "Came.")]
    assert [(piece.change, piece.text) for piece in found[""]] == [(Change.REMOVED, "y"), (Change.ADDED, "z")]
    assert "B" not in found
    assert differences(before, before) == ()


def test_a_notice_made_of_endless_short_sentences_keeps_hq_busy_for_no_more_than_a_moment() -> None:
    def made(step: int) -> Words:
        sentences = " ".join(f"{number * step % 7}." for number in range(199))
        return Words("t", tuple(("h", f"{sentences} {number}") for number in range(145)))

    began = time.process_time()
    found = differences(made(1), made(3))
    assert len(found) == 145
    assert time.process_time() - began < 1, "seconds"


def test_a_paragraph_made_to_take_long_is_compared_as_a_whole() -> None:
    before, after = Words("T", (("A", "a. b. " * 2_000 + "a."),)), Words("T", (("A", "b. a. " * 2_000 + "b."),))
    (changed,) = differences(before, after)
    assert [piece.change for piece in changed.pieces] == [Change.REMOVED, Change.ADDED]
