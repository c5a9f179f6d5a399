"""`kiosk store renew-templates`: new keys, turns and ids for all references; refuses to call anybody to the camera."""

import argparse

from kiosk.cli.opening import answer, opened, options, progress
from kiosk.store.renew import renew


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = acts.add_parser(
        "renew-templates",
        help="re-key all references, with nobody present; copies of templates.db from before are dead with their keys",
    )
    options(parser).set_defaults(do=_renew)


def _renew(given: argparse.Namespace) -> int:
    with opened(given) as store, progress("people") as bar:

        def step(done: int, every: int) -> None:
            bar.total = every
            bar.update(done - bar.n)

        done = renew(store, step=step)
    found = {"people": done.people, "references": done.references, "rewritten": done.rewritten}
    anew = " The files were written anew to be rid of old bytes." if done.rewritten else ""
    answer(given, found, f"{done.references} references of {done.people} people are renewed.{anew}")
    return 0
