"""An impact assessment as a document in one language, point by point; refuses to print a rate without its bound."""

from typing import assert_never

from kiosk import words
from kiosk.rights import dates, strict
from kiosk.rights.assessment import Assessment, Decision, Party
from kiosk.rights.assessment_measured import blocks as measured_blocks
from kiosk.rights.assessment_risks import Judged
from kiosk.rights.document import Block, Bullets, Document, Facts, Grid, Heading, Paragraph, Signatures
from kiosk.rights.purposes import LegalBasis
from kiosk.rights.release import Changed, Covered, Missing, Release
from kiosk.rights.saying import known
from kiosk.rights.scope import KEPT, SHARE, Setting


def document(found: Assessment, language: str, made_at: int, state: str) -> Document:
    """The assessment in this language; `state` is the paper's: "draft", "signed", ..."""
    said = _Said(language)
    title = said("title")
    shown = said(f"state_{state}")
    return Document(
        kind="assessment",
        language=language,
        title=title,
        subtitle=said("subtitle", company=found.controller.name or said("not_named"), site=found.site, state=shown),
        made_at=made_at,
        confidential=True,
        footer=said("footer", digest=found.scope_digest[:16]),
        blocks=tuple(_blocks(found, said, signed=bool(found.signed_at))),
        data={"state": state, **strict.plain(found)},
    )


class _Said:
    """Says sentences of the topic in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: str | int) -> str:
        return words.say(self.language, f"assessment.{key}", **values)

    def texts(self, text: str) -> tuple[Block, ...]:
        """What somebody wrote, or that nobody has yet."""
        return (Paragraph(text),) if text else (Paragraph(self("empty"), strong=True),)


def _blocks(found: Assessment, said: _Said, *, signed: bool) -> list[Block]:
    answers = found.answers
    necessity = (Paragraph(said("necessary")), *said.texts(answers.necessity))
    proportion = (Paragraph(said("proportionate")), *said.texts(answers.proportionality))
    errors = measured_blocks(found.measured, said.language)
    parts: dict[str, tuple[Block, ...]] = {
        "point1": _description(found, said),
        "point2": (*necessity, *proportion),
        "point3": _interests(found, said),
        "point4": _scale(found, said),
        "point5": (Paragraph(said("risks")), _risks(found, said), Paragraph(said("errors")), *errors),
        "point6": _measures(found, said),
        "point7": _consulted(found, said),
        "point8": _recipients(found, said),
        "point9": _decision(found, said),
    }
    blocks: list[Block] = [Paragraph(said("law"))]
    for key, content in parts.items():
        blocks += [Heading(said(key)), *content]
    if not signed:
        blocks.append(Paragraph(said("unsigned"), strong=True))
    blocks.append(Signatures((said("officer_signs"), said("approver_signs"))))
    return blocks


def setting_label(name: str, language: str) -> str:
    """A setting's name for people."""
    return known(language, "assessment.setting", name.removeprefix(KEPT))


def setting_value(setting: Setting, language: str) -> str:
    """A setting's value for people."""
    said = _Said(language)
    if setting.name in {"threshold", "margin"}:
        number = f"{int(setting.value[0]) / SHARE:.2f}"
        return number if language == "en" else number.replace(".", ",")
    if setting.name.startswith(KEPT) or setting.name == "consent_days":
        days = setting.name.endswith("days")
        return said("days" if days else "months", count=int(setting.value[0]))
    if setting.name == "purposes":
        return ", ".join(_purpose(each.split(":")[0], said) for each in setting.value)
    if not setting.value:
        return said("none")
    return ", ".join(known(said.language, "assessment.value", each) for each in setting.value)


def _scope(scope: tuple[Setting, ...], said: _Said) -> Block:
    language = said.language
    return Facts(tuple((setting_label(each.name, language), setting_value(_short(each), language)) for each in scope))


def _short(setting: Setting) -> Setting:
    """Of the recipients their names: purposes and data of each stand under point 8."""
    if setting.name != "recipients":
        return setting
    return Setting(setting.name, tuple(each for each in setting.value if ": " not in each))


def _purpose(name: str, said: _Said) -> str:
    return known(said.language, "registers.short", name)


def _description(found: Assessment, said: _Said) -> tuple[Block, ...]:
    settings = Paragraph(said("description")), _scope(found.scope, said)
    return (*settings, Paragraph(said("purposes")), _purposes(found, said))


def _purposes(found: Assessment, said: _Said) -> Block:
    rows = tuple(
        (_purpose(each.purpose, said), known(said.language, "registers.basis", each.basis), each.interest or "-")
        for each in found.purposes
    )
    return Grid((said("purpose_head"), said("basis_head"), said("interest_head")), rows, (0.36, 0.24, 0.4))


def _interests(found: Assessment, said: _Said) -> tuple[Block, ...]:
    named = tuple(
        f"{_purpose(each.purpose, said)}: {each.interest or said('empty')}"
        for each in found.purposes
        if each.basis is LegalBasis.LEGITIMATE_INTERESTS
    )
    own = (Paragraph(found.answers.interests),) if found.answers.interests else ()
    return (Bullets(named) if named else Paragraph(said("no_interests")), *own)


def _scale(found: Assessment, said: _Said) -> tuple[Block, ...]:
    scale = found.scale
    rows = (
        (said("scale_people"), str(scale.people)),
        (said("scale_faces"), str(scale.faces)),
        (said("scale_pins"), str(scale.pins)),
        (said("scale_accounts"), str(scale.accounts)),
        (said("scale_records", month=scale.since), str(scale.records)),
    )
    return Paragraph(said("concerned")), Facts(rows), Paragraph(said("bystanders"))


def _levels(likelihood: int, severity: int, level: str, said: _Said) -> str:
    return said("level", level=said(f"grade.{level}"), likelihood=likelihood, severity=severity)


def _risks(found: Assessment, said: _Said) -> Block:
    rows = tuple(
        (
            said(f"risk.{each.risk}"),
            said("outside" if each.outside else "inside"),
            _levels(each.likelihood, each.severity, each.before, said),
        )
        for each in found.risks
    )
    return Grid((said("risk_head"), said("who_head"), said("before_head")), rows, (0.58, 0.22, 0.2))


def _measures(found: Assessment, said: _Said) -> tuple[Block, ...]:
    blocks: list[Block] = [Paragraph(said("measures"))]
    for each in found.risks:
        blocks += [Heading(said(f"risk.{each.risk}"), 2), *_against(each, said)]
    return tuple(blocks)


def of_risk(found: Judged, language: str) -> tuple[Block, ...]:
    """One risk: how grave it is without measures, what is done against it, and what remains."""
    said = _Said(language)
    before = said("before_head"), _levels(found.likelihood, found.severity, found.before, said)
    whom = said("who_head"), said("outside" if found.outside else "inside")
    return (Heading(said(f"risk.{found.risk}"), 2), Facts((whom, before)), *_against(found, said))


def _against(found: Judged, said: _Said) -> tuple[Block, ...]:
    level = _levels(found.residual_likelihood, found.residual_severity, found.after, said)
    own = (Paragraph(said("own_judgement", why=found.why)),) if found.why else ()
    return (Bullets(tuple(_taken(found, said))), Paragraph(said("remains", level=level)), *own)


def _taken(found: Judged, said: _Said) -> list[str]:
    return [
        said(f"measure.{each.measure}")
        if each.in_force
        else said("not_in_force", measure=said(f"measure.{each.measure}"))
        for each in found.measures
    ]


def _consulted(found: Assessment, said: _Said) -> tuple[Block, ...]:
    parties = tuple(_party(each, said) for each in found.answers.parties)
    nobody = found.answers.not_consulted
    asked: tuple[Block, ...] = (
        (Bullets(parties),) if parties else (Paragraph(said("nobody_asked", why=nobody) if nobody else said("empty")),)
    )
    return (Paragraph(said("consulted")), *asked, Paragraph(said("advice")), *said.texts(found.answers.advice))


def _party(party: Party, said: _Said) -> str:
    return said("party", name=party.name, on=party.on or "-", said=party.said or "-")


def _recipients(found: Assessment, said: _Said) -> tuple[Block, ...]:
    if not found.recipients:
        return (Paragraph(said("no_recipients")),)
    rows = tuple(
        (
            each.name,
            each.country or said("empty_short"),
            known(said.language, "registers.ground", each.ground) or said("empty_short"),
            ", ".join(each.fields) or ", ".join(_purpose(one, said) for one in each.purposes) or "-",
        )
        for each in found.recipients
    )
    head = (said("recipient_head"), said("country_head"), said("ground_head"), said("fields_head"))
    return Paragraph(said("recipients")), Grid(head, rows, (0.26, 0.12, 0.26, 0.36)), Paragraph(said("never_sent"))


def _decision(found: Assessment, said: _Said) -> tuple[Block, ...]:
    answers, approval = found.answers, found.approval
    rows: list[tuple[str, str]] = [
        (said("residual_head"), said(f"grade.{found.residual}")),
        (said("decision_head"), said("release" if answers.decision is Decision.RELEASE else "stop")),
        (said("authority_head"), answers.authority or "-"),
        (said("approver_head"), approval.approver or said("empty_short")),
        (said("effective_head"), approval.effective or said("empty_short")),
        (said("review_head"), answers.review or said("empty_short")),
        (said("officer_head"), found.officer.name or said("empty_short")),
        (said("signed_head"), dates.minute(found.signed_at) if found.signed_at else said("not_signed")),
        (said("account_head"), found.signed_by or "-"),
        (said("digest_head"), found.scope_digest),
    ]
    grave = tuple(said(f"risk.{each.risk}") for each in found.risks if each.after == found.residual)
    return Paragraph(said("gravest")), Bullets(grave), Facts(tuple(rows)), Paragraph(said("changes"))


def difference(
    signed: tuple[Setting, ...], now: tuple[Setting, ...], language: str
) -> tuple[tuple[str, str, str], ...]:
    """Name, value that was signed, value of now, for every setting that is another one."""
    before = {each.name: each for each in signed}
    after = {each.name: each for each in now}
    return tuple(
        (
            setting_label(name, language),
            setting_value(before[name], language) if name in before else "-",
            setting_value(after[name], language) if name in after else "-",
        )
        for name in dict.fromkeys((*after, *before))
        if before.get(name) != after.get(name)
    )


def release_sentence(found: Release, language: str) -> str:
    """Whether faces may be used, and if not, why."""
    match found:
        case Covered(_, demonstration):
            return words.say(language, "assessment.demonstration" if demonstration else "assessment.covered")
        case Changed(keys):
            names = ", ".join(setting_label(each, language) for each in keys)
            return words.say(language, "assessment.changed", names=names)
        case Missing():
            return words.say(language, "assessment.missing")
        case _:
            assert_never(found)
