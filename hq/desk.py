"""What every page of HQ stands on: who is there, in which language, and how it is drawn; refuses a foreign form."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hq import accounts, bodies, first_start, sessions, words
from hq.accounts import Role
from hq.attendance import house_zone
from hq.audit import Actor
from hq.office import Office
from hq.refusals import Kind, Problem, Refused
from hq.sessions import Visitor

COOKIE: Final = "__Host-ambang"
FORM_LIMIT: Final = 8192
TEMPLATES: Final = Path(__file__).parent / "templates"
_FIELDS: Final = 32
_templates = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)

ROOMS: Final[tuple[tuple[str, str, tuple[Role, ...]], ...]] = (
    ("/", "today", (Role.VIEWER,)),
    ("/attendance", "attendance", (Role.VIEWER,)),
    ("/devices", "devices", ()),
    ("/erasures", "erasures", (Role.OFFICER,)),
    ("/retention", "retention", (Role.OFFICER,)),
    ("/audit", "audit", (Role.OFFICER,)),
    ("/accounts", "accounts", (Role.ADMIN,)),
)
"""Address, name and roles of what stands in the row of links."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed: at most 8 KiB, each field a short text."""

    fields: dict[str, list[str]]

    @classmethod
    def read(cls, body: bytes) -> "Form":
        """Fields of a form or of a query; what is none is an empty form."""
        try:
            return cls(parse_qs(body.decode("ascii", "replace"), max_num_fields=_FIELDS))
        except ValueError:
            return cls({})

    def text(self, name: str) -> str:
        """One field, "" if it is not there."""
        return self.fields.get(name, [""])[0]

    def every(self, name: str) -> list[str]:
        """All values of a field."""
        return self.fields.get(name, [])


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody: who, their language, and what they typed."""

    office: Office
    visitor: Visitor
    language: str
    form: Form
    now: int
    zone: ZoneInfo

    @property
    def actor(self) -> Actor:
        """Who they are in the audit log."""
        if self.visitor.account is None:
            return Actor("", "")
        return accounts.actor(self.visitor.account)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - a template's values
        """Draw a page with the row of links that this visitor may follow."""
        rooms = [(address, name) for address, name, roles in ROOMS if self.visitor.may(*roles)]
        name = "" if self.visitor.account is None else self.visitor.account.name
        given = {"rooms": rooms, "me": name, "now": self.now, "zone": self.zone, **values}
        return draw(self.office, self.language, template, status, **given)

    def say(self, key: str, **values: str | int) -> str:
        """A sentence in the visitor's language."""
        return words.say(self.language, key, **values)


View = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class Desk:
    """The pages of one HQ."""

    office: Office
    now: Callable[[], int]

    async def look(self, request: Request, roles: tuple[Role, ...], view: View) -> Response:
        """Answer a GET: the page for whoever has one of the roles, the way in for whoever is not signed in."""
        return await run_in_threadpool(self._answer, request, roles, view, Form.read(request.url.query.encode()))

    async def act(self, request: Request, roles: tuple[Role, ...], view: View) -> Response:
        """Answer a form of our own page.

        Raises:
            Problem: FOREIGN_FORM, TOO_LARGE or TOO_SLOW.
        """
        check_origin(request)
        form = Form.read(await bodies.read(request, FORM_LIMIT))
        return await run_in_threadpool(self._answer, request, roles, view, form)

    def _answer(self, request: Request, roles: tuple[Role, ...], view: View, form: Form) -> Response:
        now = self.now()
        token = request.cookies.get(COOKIE, "")
        found = sessions.visitor(self.office, token, now) if token else None
        if found is None:
            return ask(self.office, language_of(request))
        if found.account is None:
            return back("/sign-in")
        if found.must_change and request.url.path != "/password":
            return back("/password")
        visit = Visit(self.office, found, language_of(request), form, now, house_zone(self.office))
        if not found.may(*roles):
            return visit.show("refused.html", 403, room="", sentence=visit.say("not_yours"))
        try:
            return view(visit)
        except Refused as refused:
            return visit.show("refused.html", 422, room="", sentence=words.translated(visit.language, str(refused)))


def language_of(request: Request) -> str:
    """The language the browser asks for."""
    return words.choose(request.headers.get("accept-language", ""))


def check_origin(request: Request) -> None:
    """SameSite=Strict already keeps the cookie home; this also keeps a foreign page from trying passwords."""
    origin = request.headers.get("origin", "")
    if origin and origin != f"https://{request.headers.get('host', '')}":
        raise Problem(Kind.FOREIGN_FORM)


def ask(office: Office, language: str, error: str = "", status: int = 200) -> Response:
    """The page that asks for name and password; before there is an account, for the code of the first start."""
    first = first_start.waits_for_first(office.engine)
    return draw(office, language, "sign_in.html", status, error=error, first=first)


def draw(office: Office, language: str, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401
    """A page in a language."""
    text = _templates.get_template(template).render(
        language=language, say=words.say, words=words, name=office.name, **values
    )
    return HTMLResponse(text, status_code=status)


def back(address: str) -> Response:
    """On to another page, after a form."""
    return RedirectResponse(address, status_code=303)
