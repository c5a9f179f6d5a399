"""A request as a line, as sentences and as JSON; refuses to show who decided by anything but the account's id."""

from typing import assert_never

from kiosk.rights.request_codec import encode
from kiosk.rights.requests import Answered, ByPin, BySight, Filed, Refused, Request, Withdrawn
from wire import checks


def as_json(filed: Filed, now: int, *, whole: bool = False) -> dict[str, object]:
    """Plain values; `whole`: with what the paper says."""
    request = filed.request
    return {
        "id": filed.id,
        "state": filed.state.value,
        "right": None if request is None else request.right.value,
        "due": checks.moment_to_text(filed.due_at),
        "filed": checks.moment_to_text(filed.created_at),
        "closed": None if filed.closed_at is None else checks.moment_to_text(filed.closed_at),
        "late": filed.late(now),
        "reminders": [each.value for each in filed.reminders(now)],
        "erased": bool(filed.person) and request is None,
        "elsewhere": filed.elsewhere,
    } | ({"request": None if request is None or filed.elsewhere else encode(request)} if whole else {})


def line(filed: Filed, now: int, who: dict[str, str]) -> str:
    """One line of the register."""
    reminders = filed.reminders(now)
    mark = reminders[-1].value.replace("_", " ") if reminders else ""
    right = filed.request.right.value if filed.request is not None else "(person erased)"
    name = f"{who['name']:<24}" if "name" in who else ""
    due = checks.moment_to_text(filed.due_at)[:16].replace("T", " ")
    return f"{filed.id}  {due}  {filed.state.value:<11}{right:<16}{who['person']:<16}{name}{mark}".rstrip()


def sentences(filed: Filed, now: int, code: str) -> list[str]:
    """One request in plain words."""
    request = filed.request
    if request is None:
        gone = "The person is erased; what is left is that there was a request, and when."
        return [line(filed, now, {"person": code}), gone]
    late = ": this is overdue" if filed.late(now) else ""
    lines = [
        f"Request {filed.id}: {request.right.value}, of {code or 'somebody whom the device does not know'}.",
        f"Arrived {checks.moment_to_text(request.received_at)} ({request.how.value}); {filed.state.value}.",
        f"Due {checks.moment_to_text(filed.due_at)}{late}.",
    ]
    if request.ground is not None:
        lines.append(f"Ground: {request.ground.value}.")
    if request.text:
        lines.append(f"In the person's words: {_printable(request.text)}")
    if filed.elsewhere:
        return [*lines, "Another command of the desk decides this; its papers say more."]
    return [*lines, *_acts(request)]


def _acts(request: Request) -> list[str]:
    lines: list[str] = []
    match request.identity:
        case ByPin(at, by):
            lines.append(f"Known by their PIN, {checks.moment_to_text(at)}, {_by(by)}.")
        case BySight(document, at, by):
            lines.append(f"Known by a document ({document.value}), {checks.moment_to_text(at)}, {_by(by)}.")
        case None:
            lines.append("Nobody has made sure of the person yet: there is no answer before that.")
        case _:
            assert_never(request.identity)
    if request.extension is not None:
        put_off = request.extension
        lines.append(f"Put off by {put_off.days} days, {_by(put_off.by)}: {_printable(put_off.reason)}")
    if request.fee is not None:
        lines.append(f"Fee {_printable(request.fee.amount)}, {_by(request.fee.by)}: {_printable(request.fee.reason)}")
    match request.outcome:
        case Answered(note, certificate, at, by):
            proof = f", certificate {certificate}" if certificate else ""
            said = f": {_printable(note)}" if note else "."
            lines.append(f"Answered {checks.moment_to_text(at)}, {_by(by)}{proof}{said}")
        case Refused(ground, reason, law, at, by):
            cited = f" ({_printable(law)})" if law else ""
            lines.append(f"Refused {checks.moment_to_text(at)}, {_by(by)}, {ground.value}{cited}: {_printable(reason)}")
        case Withdrawn(at, by):
            lines.append(f"Withdrawn {checks.moment_to_text(at)}, {_by(by)}.")
        case None:
            pass
        case _:
            assert_never(request.outcome)
    return lines


def _by(account: str) -> str:
    return f"by account {account}" if account else "at the door"


def _printable(words: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in words)
