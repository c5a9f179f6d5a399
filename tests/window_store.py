"""What stands in the store, for a test that asks a kiosk while it runs; names, codes and ids of made-up people only."""

from typing import Any

from kiosk.rights import claims, request_acts
from kiosk.store import Store, overlay, papers
from kiosk.store.ledger import month
from kiosk.store.papers import PaperKind
from wire.event import CheckIn

_DAY_MS = 86_400_000


def facts(store: Store) -> dict[str, Any]:
    """People, their entries, papers, settings and what the ledger says about the device, oldest first."""
    store.ledger.verify()
    now = store.now_ms()
    people = store.people.all()
    codes = {each.id: each.code for each in people}
    return {
        "people": {each.code: each.id for each in people},
        "faces": sorted(each.code for each in people if each.has_face),
        "entries": {
            each.code: [
                [type(event).__name__, *([event.action, event.method] if isinstance(event, CheckIn) else [])]
                for event in store.history.events(each.id, now - _DAY_MS, now + 1)
            ]
            for each in people
        },
        "requests": [
            [
                codes.get(each.person, ""),
                "" if each.request is None else each.request.right.value,
                each.state.value,
            ]
            for each in request_acts.every(store)
        ],
        "claims": [[codes.get(each.person, ""), each.state] for each in papers.find(store, PaperKind.CLAIM)],
        "waiting": len(claims.waiting(store)),
        "settings": {key: list(value) for key, value in overlay.read(store).items()},
        "accounts": {each.record.name: [each.id, store.admins.locked(each)] for each in store.admins.all()},
        "acts": [[act["kind"], act["detail"]] for _, act in store.ledger.local_acts(month(now))],
    }
