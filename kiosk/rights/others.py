"""Keeps other people out of what one person is given; refuses to let a name, a code or an id of another through.

GDPR Article 15(4): a copy must not take away the rights of others. An account's name is another person, too: a role
stands in its place.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kiosk.store import Store

SOMEBODY: Final = "[another person]"
UNKNOWN_ROLE: Final = "staff"
_LEAST: Final = 3
"""A shorter code of somebody else stands in any text by chance, and tells nothing there."""
_ACTORS: Final = frozenset({"by", "account", "witness", "officer", "admin", "approver"})


@dataclass(frozen=True, slots=True)
class Others:
    """Who else there is.

    Attributes:
        terms: names, codes and random ids of everybody else.
        roles: role by id and by name of each account.
    """

    terms: frozenset[str] = field(repr=False)
    roles: Mapping[str, str] = field(repr=False)
    _longest_first: tuple[tuple[str, str, str], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = dict.fromkeys(self.terms, SOMEBODY) | {term: f"[{role}]" for term, role in self.roles.items()}
        # the longest first: a name that is part of another one must not leave the rest of it
        ordered = tuple(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))
        spelled = tuple((_folded(term), term, instead) for term, instead in ordered)
        object.__setattr__(self, "_longest_first", spelled)

    def text(self, words: str) -> str:
        """The words without anybody else: a role for an account, `[another person]` for a person."""
        words = unicodedata.normalize("NFC", words)
        folded = _folded(words)
        for spelled, term, instead in self._longest_first:
            if spelled in folded:
                words = _without(words, term, instead)
                folded = _folded(words)
        return words

    def actor(self, word: str) -> str:
        """Who acted, as a role: "self", "admin", "dpo", ...; "staff" for an account that is gone."""
        if word in {"", "self"}:
            return word
        return self.roles.get(word, UNKNOWN_ROLE)

    def value(self, value: Any, name: str = "") -> Any:  # noqa: ANN401 - JSON
        """JSON without anybody else. A name or id under a key that says who acted becomes a role."""
        match value:
            case str():
                return self.actor(value) if _acts(name) else self.text(value)
            case list() | tuple():
                return [self.value(each, name) for each in value]
            case dict():
                return {self.text(key): self.value(each, key) for key, each in value.items()}
            case _:
                return value


def others(store: "Store", person: str) -> Others:
    """Everybody but one person, and every account. Raises what the store raises."""
    people = [each for each in store.people.all() if each.id != person]
    mine = store.people.get(person)
    terms = {term for each in people for term in (each.name, each.code, each.id) if len(term) >= _LEAST}
    roles: dict[str, str] = {}
    for account in store.admins.all():
        roles |= {account.id: account.role.value, account.record.name: account.role.value}
    own = {mine.name, mine.code, mine.id}  # a namesake is told apart by nothing that this person does not know
    return Others(frozenset(terms - own), {term: role for term, role in roles.items() if term not in own})


def _acts(name: str) -> bool:
    return name in _ACTORS or name.endswith("_by")


def _without(words: str, term: str, instead: str) -> str:
    """A name of one word is taken as it is written ("Ada" is a name, "ada" is not); anything else in any letters."""
    flags = 0 if term.isalpha() else re.IGNORECASE
    spelled = r"\s+".join(re.escape(word) for word in term.split())  # at the end of a line, too
    return re.sub(rf"(?<!\w){spelled}(?!\w)", lambda _: instead, words, flags=flags)


def _folded(words: str) -> str:
    """In small letters, with one blank for all that stands between two words."""
    return " ".join(words.casefold().split())
