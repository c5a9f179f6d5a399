import ast
import re
import string
from pathlib import Path

import pytest

from kiosk import words
from kiosk.faults import FaultCode
from kiosk.flow.actions import Action, Button
from kiosk.flow.events import Instruction

ROOT = Path(__file__).parents[1]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_language_has_the_same_sentences_with_the_same_places(language: str) -> None:
    first, other = words.table("id"), words.table(language)
    assert first.keys() == other.keys()
    assert {k: placeholders(v) for k, v in first.items()} == {k: placeholders(v) for k, v in other.items()}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_no_sentence_is_empty_untrimmed_or_marked_up(language: str) -> None:
    for key, sentence in words.table(language).items():
        assert sentence, key
        assert sentence == sentence.strip(), key
        assert not re.search(r"[<>&]|\s{2}", sentence), key


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_fault_action_button_and_instruction_has_words(language: str) -> None:
    for fault in FaultCode:
        assert words.say(language, f"fault.{fault.value}.title")
        assert words.say(language, f"fault.{fault.value}.hint")
    for action in Action:
        assert words.say(language, f"action.{action.value}")
    for button in Button:
        assert words.say(language, f"button.{button.value}")
    for instruction in Instruction:
        assert words.say(language, f"look.{instruction.value}")


def test_values_are_put_in_as_they_are() -> None:
    assert words.say("en", "out.call", contact="{language} <b>Ani</b>") == "Call {language} <b>Ani</b>"


def test_a_missing_language_key_or_value_is_a_bug() -> None:
    for language, key in (("fr", "tap.yes"), ("id", "tap.nothing"), ("id", "out.call")):
        with pytest.raises(KeyError):
            words.say(language, key)


def test_a_table_that_holds_anything_but_sentences_is_refused() -> None:
    with pytest.raises(TypeError):
        words._flat("", {"a": {"b": 3}})


def test_every_key_the_screens_use_exists_and_none_is_left_over() -> None:
    keys = set(words.table("id"))
    used: set[str] = set()
    for path in sorted((ROOT / "kiosk" / "ui").glob("*.qml")):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'words\["([a-z_.]+)"\]', text))
        used |= keys & set(re.findall(r'"([a-z_.]+)"', text))  # chosen between two
    assert used, "no QML was read"
    assert used <= set(words.scene("id")), "QML is given these alone"
    source = "".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "kiosk" / "screens").glob("*.py")))
    strings = {n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    topics = tuple(f"{place.name}." for place in (ROOT / "kiosk" / "words").iterdir() if place.is_dir())
    families = (*topics, "fault.", "action.", "button.", "look.", "language.", "sync.", "pad.", "password.", "enrol.")
    assert {k for k in keys if not k.startswith(families)} <= used | strings


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_pin_that_was_typed_too_early_is_not_called_wrong(language: str) -> None:
    wrong, early = (words.say(language, f"pad.{key}", seconds=9) for key in ("refused", "wait"))
    assert wrong.split()[-1] not in early.replace(".", " ").split(), "nobody has looked at it"


def test_the_technician_reads_the_very_sentences_that_the_door_shows() -> None:
    page = (ROOT / "docs" / "technician.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| `([a-z_]+)` \| [^|]+ \|$", page, flags=re.MULTILINE)
    assert {code for _, code in rows} >= {
        "disk_full",
        "store_rolled_back",
        "anchor_lost",
        "provider_failed",
        "passphrase_wrong",
    }
    for sentence, code in rows:
        assert sentence == words.say("en", f"fault.{code}.title")


# Words that are the same in both languages; a sentence that is as in English may consist of these alone.
AS_IN_ENGLISH = {
    "id": {
        "names of languages, which each calls as its speakers do": "Bahasa Indonesia English Nederlands",
        "signs on keys, units and short forms": "ABC OK PIN QR No ms",
        "taken over long ago": "Administrator Auditor Data Film Laptop Log Media Model Program Status Tablet",
    },
    "nl": {
        "names of languages, which each calls as its speakers do": "Bahasa Indonesia English Nederlands",
        "signs on keys, and units": "ABC OK QR ms",
        "the same word": "Camera Code Contact Contract Film Films in Later Medium Media Model Minuten Open Privacy",
        "the same word, too": "Registers Status",
        "taken over long ago": "Account Accounts Back-up E-mail Hardware Laptop Stick Tablet Training Website min",
    },
}


@pytest.mark.parametrize("language", AS_IN_ENGLISH)
def test_nothing_stands_in_english_but_what_is_called_so(language: str) -> None:
    english = words.table("en")
    known = set(" ".join(AS_IN_ENGLISH[language].values()).lower().split())
    for key, said in words.table(language).items():
        if said == english[key]:
            unlike = set(re.findall(r"[^\W\d_][\w-]+", re.sub(r"\{\w+\}", "", said.lower()))) - known
            assert unlike == set(), f"{key}: say it in this language, or list the word"


# Faults that only a command meets, or that somebody with a keyboard has to mend.
OF_COMMANDS = {
    *("model_unknown", "model_fetch_failed", "evaluation_refused", "demo_failed"),
    *("backup_recipient", "export_refused", "config_invalid", "privacy_invalid", "no_display"),
}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_page_names_no_command_and_no_brackets_that_it_does_not_show(language: str) -> None:
    for fault in FaultCode:
        if fault.value not in OF_COMMANDS:
            said = words.hint(language, fault.value)
            assert not re.search(r"kiosk |\.toml|--|kurung|brackets|haakjes|parenthes", said), fault
