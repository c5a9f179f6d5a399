"""Which photographs show whom: folders of people and lists of groups; refuses a folder that belongs to a device."""

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.vision.pictures import SUFFIXES

OF_A_DEVICE: Final = ("kiosk.toml", "records.db", "templates.db", "exchange.db")
"""A folder that holds one of these belongs to a time clock: what is in it was not given for an evaluation."""
NOBODY: Final = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
"""What other systems leave behind, beside every name that begins with a dot."""
MOST_TEXT: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class People:
    """Photographs by person.

    Attributes:
        names: the folders' names, sorted.
        pictures: every picture, person by person.
        person: for each picture, the index of its person.
        passed_over: how many files have no picture's name. suffixes: of what kinds, the most frequent first.
        unreadable: folders that could not be looked into, with the reason.
    """

    names: tuple[str, ...]
    pictures: tuple[Path, ...]
    person: tuple[int, ...]
    passed_over: int
    suffixes: tuple[tuple[str, int], ...] = ()
    unreadable: tuple[tuple[Path, str], ...] = ()


def refused(reason: str) -> Fault:
    """Why an evaluation cannot be done, as one English sentence."""
    return Fault(FaultCode.EVALUATION_REFUSED, reason)


def people(root: Path) -> People:
    """Read a folder that holds one folder a person, each with photographs at any depth.

    Raises:
        Fault: EVALUATION_REFUSED when it is no folder, belongs to a device, or shows fewer than two people.
    """
    outside_a_device(root)
    if not root.is_dir():
        raise refused(f"{root} is not a folder.")
    names, pictures, person = list[str](), list[Path](), list[int]()
    other, loose, unreadable = Counter[str](), 0, list[tuple[Path, str]]()
    for folder in _listed(root):
        if not folder.is_dir():
            loose += folder.suffix.lower() in SUFFIXES
            continue
        files = list(_files(folder, unreadable))
        found = [path for path in files if path.suffix.lower() in SUFFIXES]
        other.update(path.suffix.lower() or "no suffix" for path in files if path.suffix.lower() not in SUFFIXES)
        if found:
            person += [len(names)] * len(found)
            names.append(folder.name)
            pictures += found
    if len(names) < 2:  # noqa: PLR2004 - somebody, and somebody else
        hint = f"; {loose} pictures lie beside the folders" if loose else ""
        if loose and len(_listed(root.parent)) > 1:
            hint += f", so this may be one person, and {root.parent} the folder to give"
        if len(names) == 1 and any(folder.is_dir() for folder in _listed(root / names[0])):
            hint = f"; perhaps they are in {root / names[0]}"
        if unreadable:
            hint += f"; {len(unreadable)} folders cannot be read"
        raise refused(f"{root} shows {len(names)} people: one folder a person is needed, and two people{hint}.")
    return People(
        tuple(names),
        tuple(pictures),
        tuple(person),
        other.total() + loose,
        tuple(other.most_common()),
        tuple(unreadable),
    )


def outside_a_device(place: Path) -> None:
    """Refuse a place inside a data directory of a time clock, whatever link leads there.

    Raises:
        Fault: EVALUATION_REFUSED.
    """
    whole = Path(os.path.realpath(place))
    for folder in (whole, *whole.parents):
        if any((folder / name).exists() or (folder / "state" / name).exists() for name in OF_A_DEVICE):
            raise refused(f"{place} belongs to a time clock's own data, which is never evaluated.")


def text_of(path: Path) -> str:
    """Read a list as UTF-8 text.

    Raises:
        Fault: EVALUATION_REFUSED when it cannot be read, is no text or is huge.
    """
    outside_a_device(path.parent)
    try:
        if not path.is_file():
            raise refused(f"{path} is not a file.")
        if path.stat().st_size > MOST_TEXT:
            raise refused(f"{path} is too large for a list.")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise refused(f"{path} cannot be read.") from error
    except UnicodeDecodeError as error:
        raise refused(f"{path} is not text.") from error
    if "\0" in text:
        raise refused(f"{path} is not text.")
    return text


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV with the number of their line, cells without surrounding space, empty rows left out.

    Raises:
        Fault: EVALUATION_REFUSED, with the number of a line that no CSV has.
    """
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    while True:
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise refused(f"Line {reader.line_num} of the list is malformed.") from error
        if any(cells):
            yield reader.line_num, cells


def groups(path: Path, known: Mapping[str, object] | None = None) -> dict[str, str]:
    """Read a CSV `name,group` (or `person,group`), with or without a header.

    Args:
        path: the file.
        known: the names that there are; a list that names none of them is refused.

    Raises:
        Fault: EVALUATION_REFUSED, with the number of the line that is wrong.
    """
    found: dict[str, str] = {}
    for line, cells in rows(text_of(path)):
        if len(cells) < 2 or not cells[0] or not cells[1]:  # noqa: PLR2004 - name and group
            raise refused(f"Line {line} of {path} is not `name,group`.")
        name, group = cells[0], cells[1]
        if not found and (name.casefold(), group.casefold()) in {("name", "group"), ("person", "group")}:
            continue
        if found.setdefault(name, group) != group:
            raise refused(f"Line {line} of {path} puts {name} into a second group.")
    if known is not None and not found.keys() & known.keys():
        raise refused(f"{path} names nobody who is shown.")
    return found


def spelled(path: Path) -> str:
    r"""A path as text that any reader takes: a byte that is no UTF-8 becomes `\xff`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if _meant(each.name))
    except OSError as error:
        raise refused(f"{folder} cannot be read: {error.strerror}.") from error


def _meant(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in NOBODY


def _files(folder: Path, unreadable: list[tuple[Path, str]]) -> Iterator[Path]:
    """Every file at any depth; a folder that cannot be looked into is added to `unreadable`."""

    def shut(error: OSError) -> None:
        unreadable.append((Path(os.fsdecode(error.filename)), f"a folder: {error.strerror}"))

    for parent, folders, files in os.walk(folder, onerror=shut):
        folders[:] = sorted(filter(_meant, folders))
        yield from (Path(parent) / name for name in sorted(filter(_meant, files)))
