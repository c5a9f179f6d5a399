"""What a disk may hold after the power went: a model of names and sectors that nobody had yet asked it to keep.

Content: what is written belongs to the disk once that file was synced. Until then each write may be there, be missing,
or be there in part, sector by sector (512 bytes), whatever was written after it; a file that was growing may have its
new length already, with zeros or noise where the data should be; a truncation or a change of mode may be there or not.
Names: what is created, linked, renamed or unlinked belongs to the disk once its directory was synced; until then each
of these may be there or not, on its own. Syncing a new file does not keep its name.

What the model does not do, because no file system that a device would use does it: tear one sector; undo what was
synced; split one rename into two; show in one file what another one held before.
"""

import os
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from disk_log import Change

SECTOR = 512


@dataclass(eq=False)
class File:
    """One file: what the disk surely holds, and what it was told since."""

    mode: int
    kept: bytearray = field(default_factory=bytearray)
    waiting: list[Change] = field(default_factory=list)


@dataclass(eq=False)
class Name:
    """One change of names that waits: in each directory, which names lead where afterwards (None: nowhere)."""

    turns: list[tuple["Folder", str, "File | Folder | None"]]


@dataclass(eq=False)
class Folder:
    """One directory: the names that the disk surely holds, those that programs see, and what waits."""

    kept: dict[str, "File | Folder"] = field(default_factory=dict)
    seen: dict[str, "File | Folder"] = field(default_factory=dict)
    waiting: list[Name] = field(default_factory=list)


class Disk:
    """The files beneath one directory, as they come from a log; starts from what lies there now, all of it kept."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._inodes: dict[int, File | Folder] = {}
        self.root = self._folder(Path(self._root))

    def _folder(self, path: Path) -> Folder:
        found = Folder()
        self._inodes[path.stat().st_ino] = found
        for each in sorted(path.iterdir()):
            node = self._folder(each) if each.is_dir() else self._file(each)
            found.kept[each.name] = found.seen[each.name] = node
        return found

    def _file(self, path: Path) -> File:
        state = path.stat()
        known = self._inodes.setdefault(state.st_ino, File(state.st_mode & 0o7777, bytearray(path.read_bytes())))
        assert isinstance(known, File)
        return known

    def take(self, change: Change) -> None:
        """Let one change happen."""
        match change.op:
            case "W" | "T" | "A" | "M":
                node = self._inodes[change.inode]
                if isinstance(node, File):
                    node.waiting.append(change)
            case "S":
                self._sync(self._inodes[change.inode])
            case "C" | "D":
                node = self._inodes[change.inode] = File(change.number) if change.op == "C" else Folder()
                self._name((change.path, node))
            case "L":
                self._name((change.path, self._inodes[change.inode]))
            case "U" | "X":
                self._name((change.path, None))
            case "R":
                self._name((change.path, None), (change.other, self._inodes[change.inode]))

    def _name(self, *turns: tuple[str, File | Folder | None]) -> None:
        name = Name([(*self._place(path), node) for path, node in turns])
        for folder, last, node in name.turns:
            _point(folder.seen, last, node)
            folder.waiting.append(name)

    def _place(self, path: str) -> tuple[Folder, str]:
        *parents, last = Path(path).relative_to(self._root).parts
        folder = self.root
        for part in parents:
            found = folder.seen[part]
            assert isinstance(found, Folder)
            folder = found
        return folder, last

    def _sync(self, node: File | Folder) -> None:
        if isinstance(node, File):
            for change in node.waiting:
                _apply(node.kept, change)
                node.mode = change.number if change.op == "M" else node.mode
        else:
            for name in node.waiting:
                for folder, last, target in name.turns:
                    _point(folder.kept, last, target)
                    if folder is not node and name in folder.waiting:
                        folder.waiting.remove(name)
        node.waiting.clear()

    def cut(self, to: Path, chance: random.Random | None) -> None:
        """Lay into the new directory `to` what may be found after the power went; without a chance: only what is kept.

        Nothing of the disk itself changes.
        """
        _Cut(chance).folder(self.root, to)


class _Cut:
    """One outcome of one power cut."""

    def __init__(self, chance: random.Random | None) -> None:
        self._chance = chance or random.Random(0)  # noqa: S311 - what a disk does
        # From "nothing that waits is there" to "all of it": how likely each piece is, and whether in order.
        self._likely = 0.0 if chance is None else self._chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        self._in_order = self._chance.random() < 0.3
        self._names: dict[Name, bool] = {}
        self._laid: dict[File, Path] = {}

    def folder(self, folder: Folder, to: Path) -> None:
        to.mkdir()
        names = dict(folder.kept)
        for name in self._chosen(folder.waiting, self._name_is_there):
            for where, last, node in name.turns:
                if where is folder:
                    _point(names, last, node)
        for last, node in names.items():
            if isinstance(node, Folder):
                self.folder(node, to / last)
            elif node in self._laid:
                (to / last).hardlink_to(self._laid[node])
            else:
                content, mode = self._file(node)
                (to / last).write_bytes(content)
                (to / last).chmod(mode)
                self._laid[node] = to / last

    def _name_is_there(self, name: Name) -> bool:
        return self._names.setdefault(name, self._chance.random() < self._likely)

    def _chosen(self, waiting: list[Name], there: Callable[[Name], bool]) -> Iterable[Name]:
        for name in waiting:
            if there(name):
                yield name
            elif self._in_order:
                return

    def _file(self, file: File) -> tuple[bytearray, int]:
        content, mode = bytearray(file.kept), file.mode
        for change in file.waiting:
            if self._chance.random() < self._likely:
                if change.op == "M":
                    mode = change.number
                elif change.op == "W" and self._chance.random() < 0.3:
                    self._tear(content, change)
                else:
                    _apply(content, change)
            elif self._in_order:
                break
            elif change.op == "W" and self._likely and self._chance.random() < 0.3:
                self._lengthen(content, change)
        return content, mode

    def _tear(self, content: bytearray, change: Change) -> None:
        """Some sectors of one write."""
        at, end = change.number, change.number + len(change.data)
        while at < end:
            until = min(end, (at // SECTOR + 1) * SECTOR)
            if self._chance.random() < 0.5:
                _put(content, at, change.data[at - change.number : until - change.number])
            at = until

    def _lengthen(self, content: bytearray, change: Change) -> None:
        """The length that a write gave the file, without its data."""
        missing = change.number + len(change.data) - len(content)
        if missing > 0:
            content.extend(self._chance.choice((bytes(missing), self._chance.randbytes(missing))))


def _point(names: dict[str, File | Folder], last: str, node: File | Folder | None) -> None:
    if node is None:
        names.pop(last, None)
    else:
        names[last] = node


def _apply(content: bytearray, change: Change) -> None:
    if change.op == "W":
        _put(content, change.number, change.data)
    elif change.op == "T":
        del content[change.number :]
        content.extend(bytes(change.number - len(content)))
    elif change.op == "A":
        content.extend(bytes(max(0, change.number - len(content))))


def _put(content: bytearray, at: int, data: bytes) -> None:
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(data)] = data
