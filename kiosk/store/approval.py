"""Who may do what alone or together with somebody; refuses one person twice."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is for.

    ADMIN manages people, accounts and the device; DPO answers people's requests and signs assessments; TECHNICIAN sees
    health, never faces or names; AUDITOR reads proofs and changes nothing; ENROLLER adds people and enrols their faces;
    SUPERVISOR sees who came today and decides about what was claimed or disputed.
    """

    ADMIN = "admin"
    DPO = "dpo"
    TECHNICIAN = "technician"
    AUDITOR = "auditor"
    ENROLLER = "enroller"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody who has just given name and password.

    Attributes:
        account: 16 hexadecimal digits.
        role: of that account.
        must_change: the password may only be used to set another one.
    """

    account: str
    role: Role
    must_change: bool


class Objection(StrEnum):
    """Why an act is not approved."""

    SAME_ACCOUNT = "same_account"
    OTHER_ROLE = "other_role"
    MUST_CHANGE = "must_change_password"


@dataclass(frozen=True, slots=True)
class Approved:
    """Two accounts that approve of one act, by id."""

    first: str
    second: str


def objection(login: LoggedIn, roles: Collection[Role]) -> Objection | None:
    """Why this login may not do what these roles may; None if it may."""
    if login.must_change:
        return Objection.MUST_CHANGE
    return None if login.role in roles else Objection.OTHER_ROLE


def approved(first: LoggedIn, second: LoggedIn, roles: Collection[Role]) -> Approved | Objection:
    """Whether two logins together may do what two persons of these roles may."""
    if first.account == second.account:
        return Objection.SAME_ACCOUNT
    found = objection(first, roles) or objection(second, roles)
    return Approved(first.account, second.account) if found is None else found
