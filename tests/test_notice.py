"""The privacy notice says all that the law asks for, out of what this device really does, in three languages."""

import string
from dataclasses import fields, replace
from pathlib import Path

import pytest
from consent_kit import COMPANY, CONTROLLER, source

from kiosk import words
from kiosk.config import Config, Headquarters
from kiosk.rights import blocks, notice, plain_text
from kiosk.rights.company import Company, Officer, PurposeRule, Recipient
from kiosk.rights.document import Document, Grid, Heading, NewPage, Paragraph
from kiosk.rights.editions import Text, digest_of, drafted
from kiosk.rights.notice_changes import changes
from kiosk.rights.notice_source import Source, gaps
from kiosk.rights.purposes import LegalBasis, Purpose
from kiosk.rights.recipients import abroad
from kiosk.store.columns import Holds, Kept
from wire.errors import FormatError
from wire.event import TRIP_FIELDS, CheckIn

LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)
TWELVE: tuple[str, ...] = (
    "who",
    "purposes",
    "interests",
    "categories",
    "recipients",
    "transfers",
    "retention",
    "rights",
    "withdrawal",
)
TWELVE += ("complaint", "duty", "decisions")


def read(made: Source, language: str) -> str:
    """Everything the notice says, on one line."""
    paper = Document(
        "notice", language, "T", "", 0, confidential=False, footer="", blocks=notice.full(made, language), data={}
    )
    return " ".join(plain_text.text(paper).split())


def say(language: str, key: str, **values: str | int) -> str:
    return words.say(language, f"notice.{key}", **values)


@LANGUAGES
def test_the_notice_has_the_twelve_items_and_says_where_data_comes_from_and_what_of_bystanders(language: str) -> None:
    made = notice.full(source(), language)
    headings = [each.text for each in made if isinstance(each, Heading)]
    assert headings == [
        say(language, "in_short"),
        *(say(language, f"item.{each}") for each in (*TWELVE, "sources", "bystanders", "consent")),
    ]
    at = [number for number, each in enumerate(made) if isinstance(each, Heading)]
    assert all(after - before > 1 for before, after in zip(at, [*at[1:], len(made)], strict=True)), "none is empty"


@LANGUAGES
def test_controller_officer_authority_and_recipient_stand_in_it_with_country_ground_and_safeguard(
    language: str,
) -> None:
    said = read(source(), language)
    named = ("PT Gerbang Terang", "Jl. Merdeka 1, Bandung", "Ibu Lestari", "dpo@gerbang.example", "Lembaga PDP")
    assert all(each in said for each in (*named, "https://pdp.example", "Gerbang Payroll BV", "NL", "SCC-7"))
    assert say(language, "transfer.contract_clauses") in said
    assert say(language, "transfer.none") not in said


@LANGUAGES
def test_every_purpose_stands_with_its_ground_and_each_legitimate_interest_is_named(language: str) -> None:
    said = read(source(), language)
    for rule in COMPANY.purposes:
        assert say(language, f"purpose.{rule.purpose}") in said
    for purpose in (Purpose.SECURITY, Purpose.OPERATION, Purpose.ANNOUNCEMENTS):
        assert say(language, f"interest.{purpose}") in said
    assert "6(1)(a), 9(2)(a)" in said, "the face rests on explicit consent"
    assert "20(2)(a), 4(2)(b)" in said
    assert say(language, "purpose.conduct") not in said


@LANGUAGES
def test_every_class_of_the_data_dictionary_has_its_words_its_period_and_every_field_of_an_event(language: str) -> None:
    said = read(source(), language)
    for holds in Holds:
        assert say(language, f"data.{holds}") in said, "twice: what for, and how long"
    for field in fields(CheckIn):
        assert say(language, f"field.{field.name}") in said
    for name in TRIP_FIELDS:
        assert say(language, f"field.{name}") in said
    months = {"attendance": 24, "requests": 36, "breaches": 60, "proofs": 60, "exports_days": 30}
    for kept in Kept:
        assert say(language, f"kept.{kept}", **months)
    grid = next(
        each
        for each in notice.full(source(), language)
        if isinstance(each, Grid) and each.head[1] == say(language, "kept.head")
    )
    assert [row[0] for row in grid.rows] == [say(language, f"data.{holds}") for holds in Holds]
    assert all(row[1] for row in grid.rows)


@LANGUAGES
def test_refusing_costs_nothing_and_the_notice_says_so_where_nobody_can_miss_it(language: str) -> None:
    strong = [each.text for each in notice.full(source(), language) if isinstance(each, Paragraph) and each.strong]
    assert strong == [say(language, "duty.face")]
    assert say(language, "short.refuse") in notice.short(source(), language)
    assert say(language, "decision.pay") in read(source(), language)
    assert say(language, "decision.profile") in read(source(), language)


@LANGUAGES
def test_the_short_layer_fits_on_a_screen_and_says_who_why_how_to_refuse_and_whom_to_ask(language: str) -> None:
    said = notice.short(source(), language)
    assert len("\n".join(said)) <= notice.SHORT_LIMIT
    assert len(said) == 6
    assert "PT Gerbang Terang" in said[0]
    assert "dpo@gerbang.example" in said[4]
    assert "Lembaga PDP" in said[5]


@LANGUAGES
def test_a_device_that_recognises_no_faces_speaks_of_none_and_asks_for_no_consent(language: str) -> None:
    said = read(source(mode="off"), language)
    unsaid = (
        "purpose.face_recognition",
        "data.biometric",
        "data.picture",
        "item.consent",
        "duty.face",
        "decision.none",
    )
    assert not [key for key in unsaid if say(language, key) in said]
    assert say(language, "duty.pin") in said
    assert "9(2)(a)" not in said


def test_the_laws_are_those_that_the_company_is_under() -> None:
    for law, there, gone in (("gdpr", "GDPR Article", "UU PDP"), ("uu_pdp", "UU PDP 27/2022 Article", "GDPR")):
        said = read(source(replace(COMPANY, clocks=replace(COMPANY.clocks, law=law))), "en")
        assert there in said
        assert gone not in said


def test_what_privacy_toml_leaves_open_is_said_and_counted() -> None:
    empty = source(Company())
    assert gaps(empty) == Company().missing()
    assert read(empty, "en").count("(not filled in)") >= 6
    assert gaps(source()) == ()


def test_a_ground_without_its_interest_or_its_law_is_a_gap() -> None:
    trips = PurposeRule(Purpose.BUSINESS_TRIPS, LegalBasis.LEGITIMATE_INTERESTS)
    others = tuple(each for each in COMPANY.purposes if each.purpose is not Purpose.BUSINESS_TRIPS)
    made = source(replace(COMPANY, purposes=(*others, trips)))
    assert gaps(made) == ("purpose.interest of business_trips",)
    named = replace(trips, interest="planning who is away")
    made = source(replace(COMPANY, purposes=(*others, named)))
    assert gaps(made) == ()
    assert "planning who is away" in read(made, "en")


def test_a_device_that_sends_needs_a_recipient_and_every_recipient_a_country_a_ground_and_fields() -> None:
    sending = Config(data=Path("/nowhere"), headquarters=Headquarters("ambang-hq/main", "0" * 64))
    assert gaps(Source(replace(COMPANY, recipients=()), sending, "")) == ("recipient",)
    bare = replace(COMPANY, recipients=(Recipient("A", "processor", "a.example"),))
    assert gaps(Source(bare, sending, "")) == (
        "recipient of A: country_missing",
        "recipient of A: ground_missing",
        "recipient of A: fields_missing",
    )
    assert say("en", "recipient.nobody") in read(source(replace(COMPANY, recipients=())), "en")


def test_a_transfer_is_what_leaves_the_country_or_the_european_economic_area() -> None:
    assert (abroad("NL", "DE"), abroad("ID", "DE"), abroad("DE", "ID"), abroad("ID", "ID")) == (
        False,
        True,
        True,
        False,
    )
    assert abroad("", "ID"), "what nobody has stated is not taken for home"
    dutch = replace(COMPANY, controller=replace(CONTROLLER, country="NL"))
    assert say("en", "transfer.none_outside_eea") in read(source(dutch), "en")


def test_the_version_hangs_on_the_words_of_all_languages_and_on_nothing_of_the_device() -> None:
    one, other = drafted(source(), 1), drafted(source(device="f" * 16), 2)
    assert one.digest == other.digest
    assert one.label == f"2026-11-16-{one.digest[:8]}"
    later = drafted(source(replace(COMPANY, approval=replace(COMPANY.approval, review="2027-12-31"))), 1)
    assert later.digest == one.digest, "another day of review is no other text"
    asked = replace(COMPANY, officer=Officer("Pak Wira", "dpo@gerbang.example"))
    assert drafted(source(asked), 1).digest != one.digest
    assert drafted(source(mode="off"), 1).digest != one.digest
    spelled = tuple(Text(each.language, each.title, each.blocks[:-1]) for each in one.texts)
    assert digest_of(spelled) != one.digest


def test_every_block_of_a_notice_comes_back_from_a_paper_and_nothing_else_is_read() -> None:
    for block in notice.full(source(), "id"):
        assert blocks.read(blocks.spell(block)) == block
    for bad in (
        [],
        ["grid 3", "a", "b"],
        ["grid 9", "a"],
        ["heading 3", "a"],
        ["facts", "a"],
        ["script", "x"],
        "x",
        [1],
    ):
        with pytest.raises(FormatError):
            blocks.read(bad)
    with pytest.raises(FormatError):
        blocks.spell(NewPage())


def test_two_versions_are_compared_section_by_section() -> None:
    asked = replace(COMPANY, officer=Officer("Pak Wira", "wira@gerbang.example"))
    before, after = drafted(source(), 1).text("en"), drafted(source(asked), 1).text("en")
    found = {each.section: each for each in changes(before, after)}
    who = found["1. Who answers for your data"]
    assert who.before == (
        "Data-protection officer: Ibu Lestari",
        "E-mail: dpo@gerbang.example",
        "Telephone: +62 22 555 01",
    )
    assert who.now == ("Data-protection officer: Pak Wira", "E-mail: wira@gerbang.example")
    assert "10. Where you can complain" not in found
    assert changes(before, before) == ()
    bare = drafted(source(mode="off"), 1).text("en")
    assert changes(before, bare)[-1].section == "What you agree to if you give your face"
    assert changes(before, bare)[-1].now == ()


def test_every_sentence_of_the_topic_is_used() -> None:
    rooms = (Path(words.__file__).parents[1] / room for room in ("rights", "cli", "screens"))
    text = "".join(each.read_text(encoding="utf-8") for room in rooms for each in sorted(room.glob("*.py")))
    keys = [key.removeprefix("notice.") for key in words.table("en") if key.startswith("notice.")]
    assert len(keys) > 150
    assert not [key for key in keys if f'"{key}"' not in text and f"'{key}'" not in text and not _composed(key, text)]


def _composed(key: str, text: str) -> bool:
    """Whether a key is put together from its family and a word, or follows the name of the topic."""
    family, _, word = key.partition(".")
    listed = family in {"kept", "data", "use", "field", "ground", "purpose", "transfer"}
    family_said = f"{family}.{{" in text or f'voice, "{family}"' in text
    return f"notice.{key}" in text or (family_said and (listed or f'"{word}"' in text))


@LANGUAGES
def test_no_place_in_a_sentence_is_left_unfilled(language: str) -> None:
    for _, name, _, _ in string.Formatter().parse(read(source(), language)):
        assert name is None
