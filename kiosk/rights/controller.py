"""Whether the company that answers for the data is another one than before (policy KK11); refuses to call it a detail.

After a merger or a sale somebody else decides about the data: consent that was given to one company was not given to
another (GDPR Article 4(11): informed, and Article 13(1)(a): of the controller's identity; UU PDP 27/2022 Article 21).
"""

from kiosk.rights.company import Controller


def named(controller: Controller) -> str:
    """Who it is, as each version of the notice keeps it: "PT Tirta, ID, AHU-1"; how to reach them is not in it."""
    who = (controller.name, controller.country, controller.registration)
    return ", ".join(" ".join(each.split()) for each in who if each.strip())


def controller_changed(before: str, after: str) -> bool:
    """Whether it is somebody else: then no consent that was given before carries a face until it is given anew.

    Capital and small letters, and blanks, make no other company, nor does a registration that was empty and is filled
    in. A name that was empty does: nobody has been told before with whom they agree.

    Args:
        before: of one version of the notice, as `named` gives it.
        after: of a later version, or of privacy.toml.
    """
    old, new = (" ".join(text.split()).casefold() for text in (before, after))
    return old != new and not (old and new.startswith(f"{old}, "))
