"""The privacy notices, for everybody: current and past, with differences and whom to ask; refuses to know who reads."""

from datetime import UTC, date, datetime

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hq import published, words
from hq.attendance import house_zone
from hq.desk import Desk, Form, draw, language_of
from hq.differences import Changed, differences
from hq.published import Lineage, Version
from hq.refusals import Kind, Problem
from wire.notice import Published, Words


def routes(desk: Desk) -> APIRouter:
    """One address, without a cookie and without a log of who came."""
    router = APIRouter(include_in_schema=False)

    @router.get("/notices")
    async def notices(request: Request) -> Response:
        form = Form.read(request.url.query.encode())
        return await run_in_threadpool(_notices, desk, language_of(request), form)

    return router


def _notices(desk: Desk, accepted: str, form: Form) -> Response:
    chosen = form.text("language")
    language = chosen if chosen in words.LANGUAGES else accepted
    found = published.lineages(desk.office, form.text("device"))
    if not found:
        return draw(desk.office, language, "notices.html", found=(), told=None)
    zone = house_zone(desk.office)
    today = datetime.fromtimestamp(desk.now() / 1000, UTC).astimezone(zone).date()
    lineage, version = _asked_for(found, form, today)
    told = published.one(desk.office, version.device, version.at)
    if told is None:
        raise Problem(Kind.NOT_HERE)
    text_language, text = _text(told, language)
    before = _before(lineage, version)
    return draw(
        desk.office,
        language,
        "notices.html",
        found=found,
        lineage=lineage,
        version=version,
        told=told,
        text=text,
        text_language=text_language,
        before=before,
        changed=None if before is None else _changed(desk, before, text_language, text),
        standing={each.at: _standing(lineage, each, today) for each in lineage.versions},
        zone=zone,
    )


def _asked_for(found: tuple[Lineage, ...], form: Form, today: date) -> tuple[Lineage, Version]:
    """Which notice, and which of its versions: where none is named, that in force, or the newest if none is yet."""
    device, at = form.text("device"), form.text("at")
    lineage = next((each for each in found if not device or each.versions[0].device == device), None)
    if lineage is None:
        raise Problem(Kind.NOT_HERE)
    wanted = [each for each in lineage.versions if str(each.at) == at or not at]
    if not wanted:
        raise Problem(Kind.NOT_HERE)
    return lineage, next((each for each in wanted if not at and each.effective <= today.isoformat()), wanted[0])


def _text(told: Published, language: str) -> tuple[str, Words]:
    """In the reader's language, or in one that there is."""
    spoken = next(each for each in (language, *words.LANGUAGES) if each in told.texts)
    return spoken, told.texts[spoken]


def _before(lineage: Lineage, version: Version) -> Version | None:
    older = lineage.versions[lineage.versions.index(version) + 1 :]
    return older[0] if older else None


def _changed(desk: Desk, before: Version, language: str, text: Words) -> tuple[Changed, ...] | None:
    """None where the version before does not speak this language."""
    told = published.one(desk.office, before.device, before.at)
    return None if told is None or language not in told.texts else differences(told.texts[language], text)


def _standing(lineage: Lineage, version: Version, today: date) -> str:
    """Whether a version holds, will hold or held: the newest whose day has come holds."""
    for each in lineage.versions:
        if each.effective <= today.isoformat():
            return "in_force" if each == version else "past" if version.at < each.at else "coming"
    return "coming"
