"""The officer's own words and judgements out of a TOML file; refuses an unknown key, risk, level or date."""

import dataclasses
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights.assessment import Answers, Decision, Party
from kiosk.rights.assessment_risks import KEYS, RISKS, STEPS, Override
from kiosk.rights.company import Consultation

_LARGEST: Final = 65_536
_TEXTS: Final = ("necessity", "proportionality", "interests", "not_consulted", "advice", "authority", "review")
_ASKS: Final = {
    "necessity": "why a face, and nothing that takes less",
    "proportionality": "why that is not too much for the people concerned",
    "interests": "what your company's legitimate interests are, or that there are none",
    "not_consulted": "why nobody was asked; leave it empty if somebody was",
    "advice": "what you, the officer, advise",
    "authority": "what the supervisory authority said; needed only where a high risk remains",
    "review": "when it is looked at again: YYYY-MM-DD",
}
_LEVELS: Final = ("likelihood", "severity", "residual_likelihood", "residual_severity")


@dataclasses.dataclass(frozen=True, slots=True)
class Filled:
    """What the file says."""

    answers: Answers
    overrides: tuple[Override, ...] = ()


def load(path: Path, known: Consultation) -> Filled:
    """Read the file; whom privacy.toml names as consulted stands there, too.

    Raises:
        Fault: PRIVACY_INVALID, with the key that is wrong; OSError as any reading.
    """
    with path.open("rb") as file:
        return parse(file.read(_LARGEST + 1), known)


def parse(data: bytes, known: Consultation) -> Filled:
    """Read the bytes of such a file. Raises Fault PRIVACY_INVALID."""
    if len(data) > _LARGEST:
        raise _wrong(f"more than {_LARGEST} bytes")
    try:
        table: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise _wrong(str(wrong)) from wrong
    if unknown := sorted(set(table) - {*_TEXTS, "decision", "party", "risk"}):
        raise _wrong(f"unknown key {unknown[0]!r}")
    texts = {name: _text(table.get(name, ""), name) for name in _TEXTS}
    if texts["review"]:
        _date(texts["review"], "review")
    try:
        decision = Decision(table.get("decision", Decision.RELEASE))
    except ValueError as wrong:
        raise _wrong(f"decision: {' or '.join(Decision)}") from wrong
    parties = tuple(_party(each) for each in _list(table.get("party", []), "party"))
    answers = Answers(parties=(*consulted(known), *parties), decision=decision, **texts)
    risks = table.get("risk", {})
    if not isinstance(risks, dict):
        raise _wrong("write [risk.NAME]")
    return Filled(answers, tuple(_override(key, each) for key, each in risks.items()))


def answered(answers: Answers, name: str, text: str) -> Answers:
    """The answers with one of the texts as somebody has typed it. Raises Fault PRIVACY_INVALID."""
    if name not in _TEXTS:
        raise _wrong(f"unknown key {name!r}")
    if name == "review" and text.strip():
        _date(text.strip(), name)
    change: dict[str, Any] = {name: text.strip()}
    return dataclasses.replace(answers, **change)


def consulted(known: Consultation) -> tuple[Party, ...]:
    """Whom privacy.toml names."""
    return (Party(known.body, known.on, known.outcome),) if known.body else ()


def template() -> str:
    """A file to fill in: every text empty, and every risk of the table with its likelihood and severity."""
    lines = ["# Answers of the impact assessment: kiosk privacy assessment draft --answers THIS", ""]
    lines += [line for name in _TEXTS for line in (f"# {_ASKS[name]}", f'{name} = ""')]
    lines += [f'decision = "{Decision.RELEASE}"  # or "{Decision.STOP}"', ""]
    lines += ["# Once for each who was asked:", "# [[party]]", '# name = ""', '# on = "2026-11-26"', '# said = ""', ""]
    lines += ["# Where you judge otherwise than the table (1 low, 2 medium, 3 high), with the reason:"]
    for each in RISKS:
        levels = (each.likelihood, each.severity, each.likelihood, each.severity)
        lines += [f"# [risk.{each.key}]", *(f"# {name} = {value}" for name, value in zip(_LEVELS, levels, strict=True))]
        lines += ['# why = ""']
    return "\n".join(lines) + "\n"


def _party(table: object) -> Party:
    if not isinstance(table, dict) or not set(table) <= {"name", "on", "said"} or not table.get("name"):
        raise _wrong("[[party]] has name, on and said")
    values = {name: _text(value, f"party.{name}") for name, value in table.items()}
    if values.get("on"):
        _date(values["on"], "party.on")
    return Party(**values)


def _override(key: str, table: object) -> Override:
    if key not in KEYS:
        raise _wrong(f"unknown risk {key!r}; there are {', '.join(KEYS)}")
    if not isinstance(table, dict) or set(table) != {*_LEVELS, "why"}:
        raise _wrong(f"[risk.{key}] has {', '.join(_LEVELS)} and why")
    likelihood, severity, left_likelihood, left_severity = levels = [table[name] for name in _LEVELS]
    if any(type(each) is not int or each not in STEPS for each in levels):
        raise _wrong(f"[risk.{key}]: 1, 2 or 3")
    why = _text(table["why"], f"risk.{key}.why")
    if not why.strip():
        raise _wrong(f"[risk.{key}]: another judgement needs a reason")
    return Override(key, likelihood, severity, left_likelihood, left_severity, why)


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise _wrong(f"write [[{name}]]")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _wrong(f"{name} must be text")
    return value.strip()


def _date(value: str, name: str) -> None:
    try:
        if date.fromisoformat(value).isoformat() == value:
            return
    except ValueError:
        pass
    raise _wrong(f"{name} must be a date, YYYY-MM-DD")


def _wrong(detail: str) -> Fault:
    return Fault(FaultCode.PRIVACY_INVALID, f"the answers: {detail}")
