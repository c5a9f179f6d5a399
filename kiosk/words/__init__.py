"""Every sentence shown or printed, in Indonesian, English and Dutch; refuses a missing key and a missing value."""

import tomllib
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("id", "en", "nl")
_DRAWN: Final = {"pages", "door", "badge", "travel", "key", "look"}


@cache
def table(language: str) -> MappingProxyType[str, str]:
    """Return every sentence of a language by its dotted key.

    Raises:
        KeyError: the language is not one of LANGUAGES.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    here = resources.files(__name__)
    # One folder for each topic of the data-protection desk; its name begins the keys of its sentences.
    topics = sorted(place.name for place in here.iterdir() if place.joinpath(f"{language}.toml").is_file())
    found = _flat("", tomllib.loads(here.joinpath(f"{language}.toml").read_text(encoding="utf-8")))
    for topic in topics:
        text = here.joinpath(topic, f"{language}.toml").read_text(encoding="utf-8")
        found += _flat(f"{topic}.", tomllib.loads(text))
    return MappingProxyType(dict(found))


@cache
def scene(language: str) -> MappingProxyType[str, str]:
    """Return what the drawing itself reads, by key: a small part, since Qt copies all of it at each change of language.

    Raises:
        KeyError: the language is not one of LANGUAGES.
    """
    here = resources.files(__name__)
    elsewhere = {place.name for place in here.iterdir() if place.is_dir()} - _DRAWN | {"fault"}
    return MappingProxyType({k: v for k, v in table(language).items() if k.partition(".")[0] not in elsewhere})


def say(language: str, key: str, **values: str | int) -> str:
    """Return one sentence with its `{placeholders}` filled; values are put in as they are, never read as a template.

    Raises:
        KeyError: no such language, key or value.
    """
    return table(language)[key].format_map(values)


def hint(language: str, fault: str) -> str:
    """What to do about a fault where there is no command line: said by `here` where the hint names a command.

    Raises:
        KeyError: no such language or fault.
    """
    found = table(language)
    return found.get(f"fault.{fault}.here") or found[f"fault.{fault}.hint"]


def _flat(prefix: str, node: dict[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            found += _flat(f"{key}.", value)
        elif isinstance(value, str):
            found.append((key, value))
        else:
            raise TypeError(f"{key} is not a sentence")
    return found
