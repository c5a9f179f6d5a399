"""The impact assessment: faces only after it was signed, for these settings or stricter ones, with measured rates."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from assess_kit import ANSWERS, KNOWN, PRIVACY, officer, signed
from store_kit import Hands, enrolled, new_store, reopened

from kiosk import words
from kiosk.config import Config, Delivery, Door, Headquarters, Recognition, Storage
from kiosk.faults import Fault, FaultCode
from kiosk.rights import assessment_acts, measured, plain_text, release, strict
from kiosk.rights.assessment import Assessment, Decision, lacking
from kiosk.rights.assessment_answers import Filled, parse
from kiosk.rights.assessment_document import difference, document
from kiosk.rights.assessment_risks import RISKS, Level, Measure, Override, in_force, judged, level
from kiosk.rights.company import Clocks, Company, Consultation, Periods, PurposeRule, Recipient
from kiosk.rights.measured import Measurement, Source, percent
from kiosk.rights.purposes import LegalBasis, Purpose
from kiosk.rights.release import Changed, Covered, Missing, covers, demonstrate, released
from kiosk.rights.scope import RANKS, Running, Setting, digest_of, rule, scope_of
from kiosk.store import SecurityLevel, Store
from wire.errors import FormatError

CONFIG = Config(data=Path("/nowhere"))
NOW = scope_of(Running(CONFIG, KNOWN), SecurityLevel.PASSPHRASE)
HQ = replace(CONFIG, headquarters=Headquarters("ambang-hq/x", "0" * 64))
UNANSWERED = replace(KNOWN, clocks=Clocks(consent_days=31))
CONDUCT = PurposeRule(Purpose.CONDUCT, LegalBasis.LEGITIMATE_INTERESTS)
ABROAD = Recipient("Cloud", "processor", country="US", ground="contract_clauses", fields=("time",))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path)


def against(config: Config = CONFIG, known: Company = KNOWN, key: SecurityLevel = SecurityLevel.PASSPHRASE) -> object:
    """Whether what was signed for NOW covers these settings."""
    return covers(release.Signed("p", NOW), scope_of(Running(config, known), key))


def seen(**settings: str | float) -> Config:
    return replace(CONFIG, recognition=replace(CONFIG.recognition, **settings))  # type: ignore[arg-type]


def onsite(*, faces: bool) -> Config:
    return replace(CONFIG, storage=Storage(recipient="age1x", onsite="b", onsite_templates=faces))


def company(**parts: object) -> Company:
    return replace(KNOWN, **parts)  # type: ignore[arg-type]


WEAKER: dict[str, tuple[str, Callable[[], object]]] = {
    "a lower threshold": ("threshold", lambda: against(seen(threshold=0.49))),
    "a smaller margin": ("margin", lambda: against(seen(margin=0.04))),
    "attacks only noted": ("liveness", lambda: against(seen(liveness="signal"))),
    "no act asked for": ("challenge", lambda: against(seen(challenge="never"))),
    "another pack": ("pack", lambda: against(seen(pack="opencv-zoo"))),
    "a key beside the data": ("key", lambda: against(key=SecurityLevel.WEAK)),
    "faces in a backup": ("backup_faces", lambda: against(onsite(faces=True))),
    "one more place of copies": ("copies", lambda: against(onsite(faces=False))),
    "attendance kept for longer": ("kept.attendance", lambda: against(known=company(periods=Periods(attendance=25)))),
    "a face used for longer unanswered": ("consent_days", lambda: against(known=UNANSWERED)),
    "a new recipient": ("recipients", lambda: against(known=company(recipients=(*KNOWN.recipients, ABROAD)))),
    "a new headquarters": ("recipients", lambda: against(HQ)),
    "a backend that is no headquarters": ("recipients", lambda: against(replace(CONFIG, delivery=Delivery("csv")))),
    "a new purpose": (
        "purposes",
        lambda: against(known=company(purposes=(*KNOWN.purposes, CONDUCT))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WEAKER)
def test_a_weaker_setting_needs_a_new_signature_and_is_named(what: str) -> None:
    name, now = WEAKER[what]
    found = now()
    assert isinstance(found, Changed)
    assert name in found.keys


def test_hands_free_is_listed_as_off_and_turning_it_on_would_need_a_signature() -> None:
    assert Setting("hands_free", ("off",)) in NOW
    on = tuple(Setting("hands_free", ("on",)) if each.name == "hands_free" else each for each in NOW)
    assert covers(release.Signed("p", NOW), on) == Changed(("hands_free",))


@pytest.mark.parametrize(
    "stricter",
    [
        against,
        lambda: against(seen(threshold=0.55, near=0.5, margin=0.06, liveness="enforce", challenge="always")),
        lambda: against(seen(mode="verification")),
        lambda: against(seen(mode="off")),
        lambda: against(replace(CONFIG, door=Door(confirm=True))),
        lambda: against(key=SecurityLevel.HARDWARE),
        lambda: against(known=company(periods=Periods(attendance=12), recipients=())),
    ],
)
def test_a_stricter_setting_needs_no_new_signature(stricter: Callable[[], object]) -> None:
    assert stricter() == Covered("p")


def test_nobody_has_signed_is_not_a_change() -> None:
    assert covers(None, NOW) == Missing()


def test_a_setting_that_the_signature_has_never_seen_needs_one() -> None:
    assert covers(release.Signed("p", NOW[1:]), NOW) == Changed((NOW[0].name,))


def test_every_setting_has_a_rule_and_every_ranked_value_its_rank() -> None:
    for each in NOW:
        assert rule(each.name)
        if each.name in RANKS:
            assert each.value[0] in RANKS[each.name]


def test_a_store_releases_no_face_before_the_officer_has_signed(store: Store, config: Config) -> None:
    by = officer(store)
    assert released(store, config) == Missing()
    (config.data / "privacy.toml").write_text("")
    kept = assessment_acts.draft(store, Running(config, Company()), Filled(ANSWERS), (), by=by.account)
    assert released(store, config) == Missing(), "a draft releases nothing"
    with pytest.raises(Fault) as refused:
        assessment_acts.sign(store, Running(config, Company()), kept.paper.id, by=by.account)
    assert refused.value.detail == "still empty: controller, officer"


def test_a_signature_holds_until_a_setting_is_weaker_and_the_difference_is_shown(store: Store, config: Config) -> None:
    by = officer(store)
    (config.data / "privacy.toml").write_text(PRIVACY)
    paper = signed(store, config, by)
    assert released(store, config) == Covered(paper)
    weak = replace(config, recognition=Recognition(threshold=0.45))
    assert released(store, weak) == Changed(("threshold",))
    found = assessment_acts.last_signed(store)
    assert found is not None
    assert difference(found.scope, release.now(store, Running(weak, KNOWN)), "id") == (
        ("Ambang kecocokan", "0,50", "0,45"),
    )
    again = signed(store, weak, by)
    assert released(store, weak) == Covered(again)
    assert assessment_acts.get(store, paper).paper.state == assessment_acts.REPLACED
    assert released(reopened(store), weak) == Covered(again)


def test_a_privacy_toml_that_cannot_be_read_locks_the_face(store: Store, config: Config) -> None:
    signed(store, config, officer(store), Company(controller=KNOWN.controller, officer=KNOWN.officer))
    assert isinstance(released(store, config), Covered)
    (config.data / "privacy.toml").write_text("[contoller]")
    assert released(store, config) == Changed(("privacy.toml",))


def test_what_the_officer_takes_back_or_decides_against_releases_nothing(store: Store, config: Config) -> None:
    by, known = officer(store), Company(controller=KNOWN.controller, officer=KNOWN.officer)
    signed(store, config, by, known)
    assessment_acts.withdraw(store, by=by.account)
    assert released(store, config) == Missing()
    running = Running(config, known)
    stop = Filled(replace(ANSWERS, decision=Decision.STOP))
    kept = assessment_acts.draft(store, running, stop, (), by=by.account)
    assert assessment_acts.sign(store, running, kept.paper.id, by=by.account).paper.state == "stopped"
    assert released(store, config) == Missing()
    with pytest.raises(Fault):
        assessment_acts.sign(store, running, kept.paper.id, by=by.account)


def test_the_settings_must_still_be_those_of_the_draft(store: Store, config: Config) -> None:
    by = officer(store)
    kept = assessment_acts.draft(store, Running(config, KNOWN), Filled(ANSWERS), (), by=by.account)
    weak = Running(replace(config, recognition=Recognition(liveness="signal")), KNOWN)
    with pytest.raises(Fault) as refused:
        assessment_acts.sign(store, weak, kept.paper.id, by=by.account)
    assert refused.value.code is FaultCode.NOT_READY
    assert "liveness" in refused.value.detail


def test_a_demonstration_counts_only_where_nobody_has_an_account(store: Store, config: Config) -> None:
    demonstrate(store)
    found = released(store, config)
    assert isinstance(found, Covered)
    assert found.demonstration
    officer(store)
    assert released(store, config) == Missing()


def test_a_high_risk_that_remains_needs_the_authority_first(store: Store, config: Config) -> None:
    made = assessment_acts.assess(store, Running(config, KNOWN), Filled(replace(ANSWERS, authority="")), ())
    assert store.security_level is SecurityLevel.WEAK
    assert made.residual is Level.HIGH
    assert lacking(made) == ("authority",)
    assert lacking(replace(made, answers=ANSWERS)) == ()
    assert lacking(replace(made, answers=replace(made.answers, decision=Decision.STOP))) == ()


def test_a_key_that_is_protected_makes_a_stolen_card_less_likely() -> None:
    def stolen(key: SecurityLevel) -> Level:
        there = in_force(scope_of(Running(CONFIG, KNOWN), key), (), grounded=True)
        return next(each.after for each in judged(there) if each.risk == "stolen")

    assert [stolen(key) for key in SecurityLevel] == [Level.HIGH, Level.MEDIUM, Level.MEDIUM]


def test_the_officers_own_judgement_counts_and_stands_there_with_its_reason() -> None:
    there = in_force(NOW, (), grounded=True)
    own = Override("bystander", 3, 3, 2, 3, "Pintu di jalan umum")
    found = next(each for each in judged(there, (own,)) if each.risk == "bystander")
    assert (found.before, found.after, found.why) == (Level.HIGH, Level.HIGH, "Pintu di jalan umum")
    assert found.outside


def test_likelihood_times_severity_is_the_level() -> None:
    table = [[level(one, other).value for other in (1, 2, 3)] for one in (1, 2, 3)]
    assert table == [["low", "low", "medium"], ["low", "medium", "high"], ["medium", "high", "high"]]
    with pytest.raises(ValueError, match="1 to 3"):
        level(0, 3)


def test_a_measure_counts_only_while_it_is_in_force() -> None:
    there = in_force(NOW, (), grounded=False)
    assert not there & {
        Measure.MEASURED,
        Measure.BY_GROUP,
        Measure.ATTACKS_TESTED,
        Measure.GROUNDED,
        Measure.ASKED_FIRST,
    }
    enforced = scope_of(Running(seen(liveness="enforce"), KNOWN), SecurityLevel.WEAK)
    card = Measurement(Source.LIVENESS, "v4l:/dev/video0", "2026-11-20", counts=True, rates=(FMR,))
    assert Measure.ATTACKS_TESTED in in_force(enforced, (card,), grounded=True)
    assert Measure.ATTACKS_TESTED not in in_force(enforced, (replace(card, counts=False),), grounded=True)
    assert Measure.STRICT_MATCH not in in_force(
        scope_of(Running(seen(threshold=0.45), KNOWN), SecurityLevel.WEAK), (), grounded=True
    )


FMR = measured.rate("fmr", "0.50", 0.0003, 0.0001, 0.00071, 3, 10_000)
GROUPS = Measurement(
    Source.EVALUATION, "1000 / 120", "", counts=True,
    rates=(FMR, measured.rate("fnmr", "A", 0.02, 0.01, 0.04, 2, 100)),
    gaps=(measured.gap("fnmr", "0.50", "A", "B", (0.01, -0.002, 0.03)),),
)  # fmt: skip


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_document_has_nine_points_and_no_rate_without_its_bound(
    store: Store, config: Config, language: str
) -> None:
    enrolled(store)
    made = assessment_acts.assess(store, Running(config, KNOWN), Filled(ANSWERS), (GROUPS,))
    shown = document(made, language, store.now_ms(), "draft")
    text = plain_text.text(shown)
    assert [line[:2] for line in text.splitlines() if re.match(r"[1-9]\. ", line)] == [f"{n}." for n in range(1, 10)]
    assert shown.confidential
    for line in text.splitlines():
        if re.search(r"\d %", line) and "95" not in line:
            assert re.search(r"\([-0-9.,]+ (to|sampai|tot) [0-9.,]+ %", line), line
    assert ("0.03 % (0.01 to 0.071 %; 3 of 10000)" in text) == (language == "en")
    assert words.say(language, "assessment.nothing.liveness").split(":")[1].strip() in " ".join(text.split())
    assert "{" not in text
    assert "Budi" not in text, "nobody is named in an assessment"
    assert shown.data["scope_digest"] == digest_of(made.scope)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_setting_risk_measure_and_state_has_words(language: str) -> None:
    table = words.table(language)
    settings = {f"assessment.setting.{each.name.removeprefix('kept.')}" for each in NOW}
    values = {f"assessment.value.{value}" for ranks in RANKS.values() for value in ranks}
    risks = {f"assessment.risk.{each.key}" for each in RISKS} | {f"assessment.measure.{each}" for each in Measure}
    purposes = {f"registers.short.{each}" for each in Purpose} | {f"registers.basis.{each}" for each in LegalBasis}
    states = {f"assessment.state_{each}" for each in ("draft", "signed", "stopped", "replaced", "withdrawn")}
    assert settings | values | risks | purposes | states <= set(table)


def test_percentages_are_as_exact_as_they_were_measured() -> None:
    assert [percent(each, comma=False) for each in (0, 375_000_000, 1_000_000_000, 710_000, 7)] == [
        "0",
        "37.5",
        "100",
        "0.071",
        "0.0000007",
    ]
    assert percent(375_000_000, comma=True) == "37,5"
    narrow = measured.rate("fpir", "", None, 0.0, 1e-12, 0, 8)
    assert narrow.high == 1, "a bound is never rounded to nothing"


def test_an_assessment_comes_back_as_it_was_and_nothing_else_does(store: Store, config: Config) -> None:
    made = assessment_acts.assess(store, Running(config, KNOWN), Filled(ANSWERS), (GROUPS,))
    plain = strict.plain(made)
    assert strict.read(Assessment, plain) == made
    others: tuple[object, ...] = (
        {**plain, "more": 1},
        {key: value for key, value in plain.items() if key != "scope"},
        {**plain, "signed_at": "soon"},
        {**plain, "answers": {**plain["answers"], "decision": "maybe"}},
        {**plain, "scope": 3},
        [],
    )
    for spoilt in others:
        with pytest.raises(FormatError):
            strict.read(Assessment, spoilt)
    with pytest.raises(TypeError):
        strict.plain(0.5)


@pytest.mark.parametrize(
    "text",
    [
        "necessity = 3",
        "colour = 'red'",
        "decision = 'perhaps'",
        "review = '1 November'",
        "[[party]]\non = '2026-11-01'",
        "[[party]]\nname = 'Serikat'\non = 'kemarin'",
        "party = 3",
        "risk = 3",
        "[risk.weather]\nlikelihood = 1",
        "[risk.stolen]\nlikelihood = 1\nseverity = 1\nresidual_likelihood = 1\nresidual_severity = 4\nwhy = 'x'",
        "[risk.stolen]\nlikelihood = 1\nseverity = 1\nresidual_likelihood = 1\nresidual_severity = 1\nwhy = ' '",
        "[risk.stolen]\nlikelihood = 1",
        "not toml",
        "x" * 70_000,
    ],
)
def test_answers_that_say_something_else_are_refused(text: str) -> None:
    with pytest.raises(Fault) as refused:
        parse(text.encode(), Consultation())
    assert refused.value.code is FaultCode.PRIVACY_INVALID


def test_whom_privacy_toml_names_was_consulted_too() -> None:
    found = parse(b"[[party]]\nname = 'Serikat'\non = '2026-11-02'\nsaid = 'tidak keberatan'", KNOWN.consultation)
    assert [each.name for each in found.answers.parties] == ["Perwakilan karyawan", "Serikat"]


def test_the_review_date_is_the_papers_due_date(tmp_path: Path) -> None:
    hands = Hands()
    store, config = new_store(tmp_path / "state", hands), Config(data=tmp_path)
    paper = signed(store, config, officer(store))
    assert assessment_acts.get(store, paper).paper.due_at == 1_825_027_200_000  # 2027-11-01 UTC
