"""Every sentence of the desk's pages for those who run the device is used, in each language."""

import re
from pathlib import Path

import pytest

from kiosk import words
from kiosk.rights import house_rules, quarter_measures, training
from kiosk.rights.media import MediumKind
from kiosk.store.approval import Role
from kiosk.store.papers import PaperKind
from wire.certificate import CLASSES, Level, Limit, Scope
from wire.event import ClockState

ROOT = Path(__file__).parents[1]
TOPICS = {
    "training": ("rights/training.py", "cli/privacy_training.py"),
    "rules": ("rights/house_rules.py", "cli/privacy_training.py"),
    "evidence": ("rights/evidence_documents.py",),
    "measures": ("rights/review_report.py",),
    "disposal": ("rights/disposal.py",),
}
COMPUTED = {
    "training": {f"{topic}.{part}" for topic in training.TOPICS for part in ("ask", "right", "wrong_1", "wrong_2")}
    | {f"topic.{topic}" for topic in training.TOPICS},
    "rules": {f"rule.{name}" for name in house_rules.RULES},
    "evidence": {f"duty_{name}" for name in ("purpose", "safe", "no_copy", "destroy", "lost")}
    | {f"head_{name}" for name in ("number", "moment", "person", "said")}
    | {f"scope_{name}" for name in ("attendance", "ledger")},
    "measures": {f"role.{role}" for role in Role}
    | {f"paper.{kind}" for kind in PaperKind}
    | {f"event.{kind}" for kind in (*quarter_measures.ATTACKS, *quarter_measures.ACTS)}
    | {f"medium.{kind}" for kind in MediumKind}
    | {f"backup.{kind}" for kind in ("onsite", "offsite")}
    | {f"conclusion_{name}" for name in ("well", "todo", "who", "until")},
    "disposal": {f"class_{name}" for name in CLASSES[Scope.EVERYTHING]}
    | {f"limit_{limit}" for limit in Limit}
    | {f"clock_{state}" for state in ClockState}
    | {f"level_{level}" for level in Level}
    | {f"{kind}.{scope}" for kind in ("title", "what") for scope in Scope},
}


@pytest.mark.parametrize("topic", TOPICS)
def test_every_sentence_of_a_topic_is_there_and_used(topic: str) -> None:
    there = {key.removeprefix(f"{topic}.") for key in words.table("id") if key.startswith(f"{topic}.")}
    source = "".join((ROOT / "kiosk" / file).read_text(encoding="utf-8") for file in TOPICS[topic])
    assert COMPUTED[topic] <= there
    there = {key for key in there if not key.startswith("paper.")}  # more kinds may come; each is tried above
    unused = {
        key for key in there - COMPUTED[topic] if not re.search(rf'["\'.]{re.escape(key.rsplit(".")[-1])}["\']', source)
    }
    assert unused == set()


def test_the_three_answers_of_a_question_differ_in_every_language() -> None:
    for language in words.LANGUAGES:
        for question in training.questions(language, list.sort):
            assert len(set(question.answers)) == 3
            assert question.asks.endswith("?")
