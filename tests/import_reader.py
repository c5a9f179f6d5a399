"""Reads every import of a source tree with `ast`, wherever it stands; a name it cannot read becomes "?"."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

UNREADABLE = "?"
IMPORTING_CALLS = {"__import__", "import_module", "run_module", "run_path"}


@dataclass(frozen=True, slots=True)
class Import:
    """`file` (posix, relative to the root) asks for the dotted `module` in `line`."""

    file: str
    line: int
    module: str

    def is_of(self, name: str) -> bool:
        """Whether this is `name` or something inside it."""
        return self.module == name or self.module.startswith(f"{name}.")


def source_files(root: Path, packages: tuple[str, ...]) -> list[Path]:
    """Every Python file of the packages, in order."""
    return sorted(file for package in packages for file in (root / package).rglob("*.py"))


def read_imports(root: Path, packages: tuple[str, ...]) -> list[Import]:
    """Every import of every file, with our own `from a import b` resolved to `a.b` when b is a module."""
    return [found for file in source_files(root, packages) for found in _of_file(root, file)]


def _of_file(root: Path, file: Path) -> Iterator[Import]:
    name = file.relative_to(root).as_posix()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), filename=name)):
        match node:
            case ast.Import(names=names):
                yield from (Import(name, node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(names=names):
                base = _base(file.relative_to(root), node)
                yield from (Import(name, node.lineno, _resolve(root, base, alias.name)) for alias in names)
            case ast.Call() if _called(node) in IMPORTING_CALLS:
                match node.args:
                    case [ast.Constant(value=str(module)), *_]:
                        yield Import(name, node.lineno, module)
                    case [ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]), *_] if start.endswith("."):
                        yield Import(name, node.lineno, start.removesuffix("."))  # something inside that package
                    case _:
                        yield Import(name, node.lineno, UNREADABLE)
            case _:
                pass


def _base(file: Path, node: ast.ImportFrom) -> str:
    """The module that a `from` names, relative ones made absolute."""
    if not node.level:
        return node.module or ""
    package = file.parent.parts[: len(file.parent.parts) - (node.level - 1)]
    return ".".join([*package, *([node.module] if node.module else [])])


def _resolve(root: Path, base: str, name: str) -> str:
    ours = root.joinpath(*base.split("."))
    inside = ours / name
    if ours.exists() or ours.with_suffix(".py").exists():
        return f"{base}.{name}" if inside.is_dir() or inside.with_suffix(".py").exists() else base
    return f"{base}.{name}"


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
