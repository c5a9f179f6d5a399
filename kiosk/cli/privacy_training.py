"""`kiosk privacy training | acknowledge | staff`: who may enrol, and who has read the rules; refuses a guess."""

import argparse
import secrets
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from kiosk import words
from kiosk.cli import desk, paper
from kiosk.cli.asking import speak
from kiosk.cli.opening import answer, opened
from kiosk.rights import dates, house_rules, quarter, staff, training
from kiosk.rights.staff import Standing
from kiosk.rights.training import Question
from kiosk.store.approval import Role

_LETTERS: Final = "abc"
_EVERYBODY: Final = frozenset(Role)
_NOT_PASSED: Final = 1


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    quiz = desk.acting_options(acts.add_parser("training", help="eight questions, before you enrol faces"))
    quiz.add_argument("--language", choices=words.LANGUAGES, default="en", help="of the questions (default: en)")
    quiz.set_defaults(do=_training)
    rules = desk.acting_options(acts.add_parser("acknowledge", help="read the rules, and say that you have"))
    paper.document_options(rules).set_defaults(do=_acknowledge)
    everybody = desk.acting_options(acts.add_parser("staff", help="every account: training, rules, contract, login"))
    everybody.set_defaults(do=_staff)


def _training(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = desk.acting(given, store, _EVERYBODY)
        asked = training.questions(given.language, secrets.SystemRandom().shuffle)
        answers = _asked(asked, given.language)
        if missed := training.wrong(asked, answers):
            lines = [words.say(given.language, "training.failed", number=len(missed))]
            for topic in missed:
                name = words.say(given.language, f"training.topic.{topic}")
                lines.append(words.say(given.language, "training.about", topic=name))
            answer(given, {"passed": False, "read": list(missed)}, "\n".join(lines))
            return _NOT_PASSED
        passed = training.keep(store, asked, answers, login.account, given.language)
    day = dates.day(passed.until)
    answer(given, {"passed": True, "until": day}, words.say(given.language, "training.passed", day=day))
    return 0


def _asked(asked: Sequence[Question], language: str) -> list[int]:
    """The number of each answer; -1 for what is none, at the end of the input."""
    speak(f"{words.say(language, 'training.title')}\n{words.say(language, 'training.lead')}")
    answers = []
    for number, question in enumerate(asked, 1):
        speak(f"\n{number}. {question.asks}")
        for letter, text in zip(_LETTERS, question.answers, strict=True):
            speak(f"   {letter}) {text}")
        answers.append(_letter(language))
    return answers


def _letter(language: str) -> int:
    while line := sys.stdin.readline():
        typed = line.strip().casefold()
        if len(typed) == 1 and typed in _LETTERS:
            return _LETTERS.index(typed)
        speak(words.say(language, "training.choose"))
    return -1


def _acknowledge(given: argparse.Namespace) -> int:
    company = desk.of_company(given)
    with opened(given) as store:
        login = desk.acting(given, store, _EVERYBODY)
        notice, digest = house_rules.today(store, company)
        paper.hand_out(given, house_rules.copy(company, notice, store.now_ms(), given.language))
        sys.stdout.flush()
        agreed = words.say(given.language, "rules.agree")
        speak(words.say(given.language, "rules.type", agree=agreed))
        if sys.stdin.readline().strip().casefold() != agreed.casefold():
            speak(words.say(given.language, "rules.refused"))
            return 1
        found = house_rules.acknowledge(store, login.account, digest, given.language)
    speak(words.say(given.language, "rules.noted", day=dates.day(found.on), name=given.by))
    return 0


def _staff(given: argparse.Namespace) -> int:
    company = desk.of_company(given)
    with opened(given) as store:
        desk.acting(given, store, desk.READERS)
        seen = staff.acts(store, quarter.of(store.now_ms()).months)
        found, now = staff.standings(store, company, seen), store.now_ms()
    rows = [{**asdict(one), "role": one.role.value} for one in found]
    answer(given, {"staff": rows}, "\n".join(_line(one, now) for one in found))
    return 0


def _line(one: Standing, now: int) -> str:
    trained = f"trained until {dates.day(one.trained_until)}" if one.trained_until > now else "not trained"
    read = f"rules read {dates.day(one.acknowledged_on)}" if one.acknowledged_on else "rules not read"
    said = [trained, read]
    if one.role is Role.TECHNICIAN:
        until = one.contract_until
        said.append(f"contract until {dates.day(until - 1)}" if until else "no contract in force")
    said += ["locked"] if one.locked else []
    return f"{one.name:<32}{one.role.value:<12}{', '.join(said)}"
