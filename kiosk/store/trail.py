"""What the ledger last said of papers, accounts and people, against the rows; refuses to repair what says otherwise.

A row that was put back as it was before opens as well as ever, and one that was taken away leaves no hole: only the
ledger, which nobody can take back, knows that there was more. Months that retention has dropped accuse nobody.
"""

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kiosk.store.acts import LocalKind

if TYPE_CHECKING:
    from kiosk.store import Store

GONE: Final = 0
"""Stands for the version of a paper that was dropped, an account that was removed, and a face that was erased."""
Contradiction: TypeAlias = tuple[str, str]
"""Table and row; of a face that is back "keys" and "biometric/" with the random id, of its consent "bases" with it."""
_PAPER: Final = frozenset({LocalKind.PAPER_FILED, LocalKind.PAPER_CHANGED, LocalKind.PAPER_DROPPED})
_USE: Final = {"face": "face_restricted", "attendance": "attendance_restricted"}
_VERSION: Final = "SELECT row_version FROM papers WHERE id = ?"
_BASIS: Final = "SELECT 1 FROM bases WHERE state = 'active' AND person = ?"
_FACE: Final = "SELECT 1 FROM keys WHERE kind = 'biometric' AND person = ?"


class Trail:
    """Told the local acts of the ledger in any order; keeps the last word about each row."""

    def __init__(self) -> None:
        self._papers: dict[str, tuple[int, int]] = {}
        self._accounts: dict[str, tuple[int, int]] = {}
        self._faces: dict[str, tuple[int, int]] = {}
        self._badges: dict[str, tuple[int, str]] = {}
        self._set: dict[tuple[str, str], tuple[int, str | int]] = {}

    def hear(self, seq: int, act: dict[str, Any]) -> None:
        """Take in one local act with its seq."""
        kind, detail = act.get("kind"), act.get("detail")
        if not isinstance(detail, dict):
            return
        person = str(detail.get("person", ""))
        match kind:
            case _ if kind in _PAPER:
                version = GONE if kind == LocalKind.PAPER_DROPPED else int(detail.get("version", 1))
                paper = str(detail["paper"])
                self._papers[paper] = max(self._papers.get(paper, (0, GONE)), (seq, version))
            case LocalKind.ENROLLED | LocalKind.ERASED:
                found = seq, int(kind == LocalKind.ENROLLED)
                self._faces[person] = max(self._faces.get(person, (0, GONE)), found)
            case LocalKind.ACCOUNT_ADDED | LocalKind.ACCOUNT_REMOVED:
                account, there = str(detail["account"]), int(kind == LocalKind.ACCOUNT_ADDED)
                self._accounts[account] = max(self._accounts.get(account, (0, GONE)), (seq, there))
            case LocalKind.BADGE_ISSUED | LocalKind.BADGE_REVOKED:
                state = "active" if kind == LocalKind.BADGE_ISSUED else "revoked"
                self._badges[str(detail["badge"])] = max(self._badges.get(str(detail["badge"]), (0, "")), (seq, state))
            case LocalKind.FACE_MODE_SET:
                self._says(seq, person, "face_mode", str(detail["mode"]))
            case LocalKind.MINOR_SET:
                self._says(seq, person, "minor", int(detail["minor"]))
            case LocalKind.RESTRICTION_SET if detail["purpose"] in _USE:
                self._says(seq, person, _USE[detail["purpose"]], int(detail["on"]))
            case _:
                pass

    def contradictions(self, store: "Store") -> tuple[Contradiction, ...]:
        """The rows that are not as the ledger last said, inside a `read` block of the caller."""
        whole = (self._of_papers(store), self._of_accounts(store), self._of_faces(store), self._of_people(store))
        each = (*whole, self._of_badges(store))
        return tuple(sorted(set().union(*each)))

    def _says(self, seq: int, person: str, column: str, value: str | int) -> None:
        if self._set.get((person, column), (0, ""))[0] < seq:
            self._set[person, column] = seq, value

    def _of_papers(self, store: "Store") -> set[Contradiction]:
        found = {paper: store.database.row(_VERSION, paper) or (GONE,) for paper in self._papers}
        return {("papers", paper) for paper, (_, said) in self._papers.items() if found[paper] != (said,)}

    def _of_accounts(self, store: "Store") -> set[Contradiction]:
        there = {row[0] for row in store.database.rows("SELECT id FROM accounts WHERE role <> 'employee'")}
        return {
            ("accounts", account) for account, (_, said) in self._accounts.items() if (account in there) != bool(said)
        }

    def _of_faces(self, store: "Store") -> set[Contradiction]:
        found: set[Contradiction] = set()
        for person in (person for person, (_, said) in self._faces.items() if said == GONE):
            found |= {("keys", f"biometric/{person}")} if store.database.row(_FACE, person) is not None else set()
            found |= {("bases", person)} if store.database.row(_BASIS, person) is not None else set()
        return found

    def _of_badges(self, store: "Store") -> set[Contradiction]:
        rows = store.database.rows("SELECT lower(hex(badge_index)), state FROM badges")
        said = {badge: state for badge, (_, state) in self._badges.items()}
        return {("badges", index) for index, state in rows if said.get(index[:16], state) != state}

    def _of_people(self, store: "Store") -> set[Contradiction]:
        found: set[Contradiction] = set()
        for (person, column), (_, said) in self._set.items():
            row = store.database.row(f"SELECT {column} FROM people WHERE id = ?", person)  # noqa: S608 - our own names
            if row is not None and row != (said,):
                found.add(("people", person))
        return found
