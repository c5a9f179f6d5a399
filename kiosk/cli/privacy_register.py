"""`kiosk privacy register`, `recipients` and `data`: what an officer hands to an authority; refuses to make it up."""

import argparse

from kiosk.cli.desk import of_company
from kiosk.cli.opening import configured, opened, options
from kiosk.cli.paper import document_options, hand_out
from kiosk.config import Config
from kiosk.rights import company, dictionary, measures, recipients_document, register
from kiosk.rights.measures import Pack
from kiosk.vision.known import in_use


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    whole = options(acts.add_parser("register", help="records of processing, from what really runs"))
    document_options(whole).set_defaults(do=_register)
    who = options(acts.add_parser("recipients", help="who may receive data, and who receives nothing and why"))
    document_options(who).set_defaults(do=_recipients)
    what = options(acts.add_parser("data", help="every column that is kept: what it holds, why, for how long"))
    document_options(what).set_defaults(do=_data)


def _register(given: argparse.Namespace) -> int:
    loaded, of = configured(given), of_company(given)
    with opened(given) as store:
        found = measures.measured(store, loaded, pack(loaded))
        site, device, now = loaded.device.site, store.device_id, store.now_ms()
        hand_out(given, register.document(given.language, of, found, device=device, site=site, now_ms=now))
    return 0


def _recipients(given: argparse.Namespace) -> int:
    of, bound = of_company(given), (configured(given).data / company.FILE).is_file()
    with opened(given) as store:
        hand_out(given, recipients_document.document(given.language, of, store.device_id, store.now_ms(), bound=bound))
    return 0


def _data(given: argparse.Namespace) -> int:
    of = of_company(given)
    with opened(given) as store:
        hand_out(given, dictionary.document(given.language, of, store.device_id, store.now_ms()))
    return 0


def pack(loaded: Config) -> Pack | None:
    """The model pack that this door uses, with its licence; None where no face is processed."""
    found = in_use(loaded)
    return measures.pack_of(loaded, "" if found is None else found.licence)
