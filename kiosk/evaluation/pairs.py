"""Reads lists of pairs, our CSV and that of Labeled Faces in the Wild; refuses a line it does not understand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Final

from kiosk.evaluation.naming import outside_a_device, refused, rows, text_of
from kiosk.vision.pictures import SUFFIXES

YES: Final = frozenset({"1", "true", "yes", "same", "mated", "y", "t"})
NO: Final = frozenset({"0", "-1", "false", "no", "different", "non-mated", "n", "f"})
COLUMNS: Final = ("a", "b", "same", "group", "fold")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photographs that are to be compared.

    Attributes:
        a: a path. b: another.
        mated: whether both show one person.
        fold: which part of a cross-validation it belongs to, or none.
        group: a label, or none.
    """

    a: Path
    b: Path
    mated: bool
    fold: str | None = None
    group: str | None = None


def read(path: Path, root: Path | None = None) -> tuple[Pair, ...]:
    """Read a list of pairs: LFW's own pairs.txt, or a CSV `a,b,same[,group][,fold]` with or without a header.

    Args:
        path: the list.
        root: where its pictures are; beside the list unless given.

    Raises:
        Fault: EVALUATION_REFUSED with the number of the line that is wrong, or what is missing.
    """
    text = text_of(path)
    place = path.parent if root is None else root
    outside_a_device(place)
    if not place.is_dir():
        raise refused(f"{place} is not a folder.")
    lines = [(number, line.split("\t") if "\t" in line else line.split()) for number, line in _lines(text)]
    if not lines:
        raise refused(f"{path} is empty.")
    found = _lfw(lines, place) if _is_lfw(lines) else _table(text, place)
    if len({pair.mated for pair in found}) < 2:  # noqa: PLR2004 - mated and non-mated
        raise refused(f"{path} needs pairs of one person and pairs of two people.")
    missing = [each for each in dict.fromkeys(side for pair in found for side in (pair.a, pair.b)) if not each.exists()]
    if missing:
        hint = _root_of(place, found[0].a)
        raise refused(f"{len(missing)} pictures that {path} names are not there, the first of them {missing[0]}{hint}.")
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _is_lfw(lines: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Its first line says how many folds there are and how many pairs of each kind a fold has, or only the latter."""
    first = lines[0][1]
    return len(first) <= 2 and all(word.strip().isdecimal() for word in first)  # noqa: PLR2004 - two figures


def _lfw(lines: Sequence[tuple[int, Sequence[str]]], root: Path) -> tuple[Pair, ...]:
    figures = [int(word) for word in lines[0][1]]
    folds, each = (1, figures[0]) if len(figures) == 1 else (figures[0], figures[1])
    if len(lines) - 1 != folds * 2 * each or each < 1:
        raise refused(f"The first line promises {folds * 2 * each} pairs, and {len(lines) - 1} follow.")
    place = _lfw_root(root, Path(lines[1][1][0].strip()).name)
    suffixes: dict[str, str] = {}
    found = []
    for i, (number, words) in enumerate(lines[1:]):
        mated = i // each % 2 == 0
        match [word.strip() for word in words]:
            case [name, one, two] if mated and one.isdecimal() and two.isdecimal():
                sides = (name, one), (name, two)
            case [name, one, other, two] if not mated and one.isdecimal() and two.isdecimal():
                sides = (name, one), (other, two)
            case _:
                kind = "`name i j`" if mated else "`name i other j`"
                raise refused(f"Line {number} is not {kind}.")
        a, b = (_lfw_picture(place, name, int(figure), suffixes) for name, figure in sides)
        found.append(Pair(a, b, mated, None if folds == 1 else str(i // (2 * each))))
    return tuple(found)


def _lfw_root(root: Path, name: str) -> Path:
    """The folder of the people's folders: `root`, or the only one up to two folders deeper, as archives unpack."""
    for deeper in ("", "*/", "*/*/") if name else ():
        found = [folder.parent for folder in root.glob(deeper + escape(name)) if folder.is_dir()]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(str(each) for each in sorted(found))
            raise refused(f"The pictures may be in any of {several}: say which with --root.")
    return root


def _root_of(place: Path, picture: Path) -> str:
    """Where `--root` should point when it is one or two folders too deep, as the end of a sentence."""
    within = picture.relative_to(place) if picture.is_relative_to(place) else picture
    for folder in (place.parent, place.parent.parent):
        if (folder / within).exists() or (folder / within.parent.name).is_dir():
            return f"; --root {folder} may be meant"
    return ""


def _lfw_picture(root: Path, name: str, number: int, suffixes: dict[str, str]) -> Path:
    """`root/name/name_0001.jpg`, or what stands there under another picture's suffix."""
    if Path(name).name != name:
        raise refused(f"{name} is not a person's folder.")
    stem = root / name / f"{name}_{number:04d}"
    usual = suffixes.get("", ".jpg")
    if stem.with_name(stem.name + usual).exists():
        return stem.with_name(stem.name + usual)
    for suffix in sorted(SUFFIXES):
        if stem.with_name(stem.name + suffix).exists():
            suffixes[""] = suffix
            return stem.with_name(stem.name + suffix)
    return stem.with_name(f"{stem.name}.jpg")


def _table(text: str, root: Path) -> tuple[Pair, ...]:
    found: list[Pair] = []
    columns: Mapping[str, int] | None = None
    for number, cells in rows(text):
        if columns is None:
            columns = _header(cells)
            if columns is not None:
                continue
            columns = {name: i for i, name in enumerate(COLUMNS)}
        cell = {name: cells[i] if i < len(cells) else "" for name, i in columns.items()}
        same = cell["same"].casefold()
        if not cell["a"] or not cell["b"] or same not in YES | NO or len(cells) > len(COLUMNS):
            raise refused(f"Line {number} is not `a,b,same` with 1 or 0 for same.")
        group, fold = cell.get("group") or None, cell.get("fold") or None
        found.append(Pair(root / cell["a"], root / cell["b"], same in YES, fold, group))
    return tuple(found)


def _header(cells: Sequence[str]) -> Mapping[str, int] | None:
    names = [cell.casefold() for cell in cells]
    if not {"a", "b", "same"} <= set(names):
        return None
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) != len(names):
        raise refused(f"The list's header may name {', '.join(COLUMNS)}, each once.")
    return {name: i for i, name in enumerate(names)}
