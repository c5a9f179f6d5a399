"""Who may import whom, and where each dependency lives: the fence before the wall, which is the network namespace."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from import_reader import UNREADABLE, Import, read_imports, source_files

ROOT = Path(__file__).parents[1]
PACKAGES = ("wire", "kiosk", "sync", "hq")

# What each program may import of ours; kiosk gets exactly one module of sync.
OURS = {
    "wire": ("wire",),
    "sync": ("sync", "wire"),
    "hq": ("hq", "wire"),
    "kiosk": ("kiosk", "wire"),
}
KIOSK_AND_SYNC_MEET_IN = "sync.exchange"

# Inside kiosk the arrows run one way. Rooms that everybody may use come first.
COMMON = {"clock", "config", "faults", "words"}
ROOMS = {
    "clock": COMMON,
    "config": COMMON,
    "faults": set[str](),
    "words": COMMON,
    "flow": {"flow", "faults"},
    "vision": {"vision"} | COMMON,
    "evaluation": {"evaluation", "vision"} | COMMON,
    "store": {"store"} | COMMON,
    "rights": {"bugs", "rights", "store"} | COMMON,
    "pages": {"pages", "rights", "flow", "vision", "evaluation", "store"} | COMMON,
    "screens": {"screens", "pages", "rights", "flow", "vision", "store"} | COMMON,
    "bugs": set[str](),
    # The two joints: the clerk brings flow and store together, the eye flow and vision; neither sees the other.
    "clerk": {"bugs", "flow", "messenger", "store", "upkeep"} | COMMON,
    "upkeep": {"bugs", "rights", "store"} | COMMON,
    "messenger": {"bugs", "rights", "store"} | COMMON,
    "eye": {"flow", "vision"} | COMMON,
    # The one file that builds everything and hands it on; the other screens ask through ports.
    "screens/assembly": {"bugs", "screens", "pages", "clerk", "eye", "flow", "vision", "store", "rights"} | COMMON,
    "screens/watching": {"eye", "flow", "pages", "vision"},
    "screens/autopilot": {"screens", "flow"} | COMMON,
    "cli": {"cli", "clerk", "evaluation", "eye", "screens", "rights", "flow", "vision", "store"} | COMMON,
    "__main__": {"cli", "clerk", "eye", "screens", "rights", "flow", "vision", "store"} | COMMON,
}
FLOW_STANDARD_LIBRARY = {"dataclasses", "enum", "typing"}

VISION = ("kiosk/vision/*",)
HQ = ("hq/*",)
SYNC_DATABASES = tuple(
    f"sync/{name}.py" for name in ("database", "exchange", "waiting", "mail", "journal", "punch_journal", "punch_rows")
)
NOWHERE: tuple[str, ...] = ()
# One home per dependency. A dependency without a line here may not be imported at all.
HOMES = {
    "PySide6": ("kiosk/screens/*", "kiosk/__main__.py"),
    "cv2": VISION,
    "onnxruntime": VISION,
    "insightface": VISION,
    "onnx": VISION,
    "faiss": VISION,
    "skimage": VISION,
    "zxingcpp": VISION,
    "numpy": (*VISION, "kiosk/evaluation/*", "kiosk/store/*", "kiosk/screens/*", "kiosk/cli/*"),
    "cryptography": ("wire/*", "kiosk/store/vault.py", "kiosk/store/roots/*", "sync/tls_key.py", "hq/ca.py"),
    "pyrage": ("kiosk/store/backup_box.py",),
    "zxcvbn": ("kiosk/store/password_policy.py", "hq/passwords.py"),
    "tqdm": ("kiosk/cli/*",),
    "sqlite3": ("kiosk/store/database.py", *SYNC_DATABASES, *HQ),
    "sqlite_utils": ("kiosk/store/database.py", *SYNC_DATABASES, *HQ),
    "requests": ("sync/transport.py",),
    "urllib3": ("sync/transport.py",),
    "fastapi": HQ,
    "starlette": HQ,
    "pydantic": HQ,
    "jinja2": HQ,
    "sqlalchemy": HQ,
    "psycopg": ("hq/postgresql.py",),
    "alembic": ("hq/schema.py", "hq/migrations/*"),
    "segno": (*HQ, "kiosk/rights/qr_code.py"),
    "reportlab": ("kiosk/rights/documents.py",),
    "pikepdf": ("kiosk/rights/sealed_pdf.py",),
    "uvicorn": HQ,
    "subprocess": ("kiosk/cli/*", "kiosk/store/roots/*"),
    "pickle": NOWHERE,
}
# The standard library's ways to another machine or to a listening port.
FETCHING_MODELS = ("kiosk/cli/models_fetch.py",)  # a command of its own, which never opens a store
HEARTBEAT = ("kiosk/heartbeat.py", "sync/heartbeat.py")
NETWORK = {
    "socket": ("sync/transport.py", *HEARTBEAT, *HQ),
    "ssl": ("sync/transport.py", *HQ),
    "asyncio": HQ,
    "urllib.request": FETCHING_MODELS,
    "http.client": FETCHING_MODELS,
    **dict.fromkeys(("http.server", "socketserver", "wsgiref", "xmlrpc", "multiprocessing", "webbrowser"), NOWHERE),
    **dict.fromkeys(("ftplib", "smtplib", "imaplib", "poplib", "telnetlib"), NOWHERE),
}


@cache
def of_this_repository() -> tuple[Import, ...]:
    return tuple(read_imports(ROOT, PACKAGES))


def violations(imports: Iterable[Import]) -> list[str]:
    """Each broken rule as "file:line why"."""
    return list(dict.fromkeys(f"{found.file}:{found.line} {why}" for found in imports for why in _broken_rules(found)))


def _broken_rules(found: Import) -> list[str]:
    return [why for why in (_program(found), _room(found), _home(found)) if why]


def _program(found: Import) -> str | None:
    program = found.file.split("/")[0]
    if found.module == UNREADABLE:
        return "imports a module whose name nobody can read"
    if not any(found.is_of(package) for package in (*PACKAGES, "models", "tests")):
        return None
    if any(found.is_of(package) for package in OURS[program]):
        return None
    if program == "kiosk" and found.module == KIOSK_AND_SYNC_MEET_IN:
        return None
    return f"{program} may not import {found.module}"


def _room(found: Import) -> str | None:
    if not found.file.startswith("kiosk/"):
        return None
    file = found.file.removeprefix("kiosk/").removesuffix(".py")
    room = file if file in ROOMS else file.split("/")[0]
    if room == "__init__":
        return "kiosk/__init__.py imports nothing"
    if room not in ROOMS:
        return f"kiosk/{room} has no rule here"
    if room == "flow" and not found.is_of("kiosk") and found.module.split(".")[0] not in FLOW_STANDARD_LIBRARY:
        return f"flow may not import {found.module}"
    if not found.is_of("kiosk"):
        return None
    target = found.module.split(".")[1] if "." in found.module else "__init__"
    return None if target in ROOMS[room] else f"kiosk/{room} may not import kiosk/{target}"


def _home(found: Import) -> str | None:
    for name, homes in (HOMES | NETWORK).items():
        if found.is_of(name):
            return None if any(fnmatch(found.file, home) for home in homes) else f"{name} does not live here"
    top = found.module.split(".")[0]
    if top in sys.stdlib_module_names or top in (*PACKAGES, UNREADABLE):
        return None
    return f"{top} has no home"


def test_every_import_keeps_to_its_boundary() -> None:
    assert violations(of_this_repository()) == []


def test_the_reading_saw_every_program_and_every_room() -> None:
    files = [file.relative_to(ROOT).as_posix() for file in source_files(ROOT, PACKAGES)]
    for program in PACKAGES:
        assert sum(name.startswith(f"{program}/") for name in files) >= 5, program
    for room in ("vision", "store", "flow", "screens", "cli"):
        assert sum(name.startswith(f"kiosk/{room}/") for name in files) >= 3, room
    seen = {found.module.split(".")[0] for found in of_this_repository()}
    assert {"PySide6", "cv2", "onnxruntime", "cryptography", "sqlite_utils", "requests", "fastapi"} <= seen


PLANTED = {
    "wire uses nothing of ours": ("wire/x.py", "from kiosk import config", "wire may not import kiosk"),
    "wire uses no dependency but one": ("wire/x.py", "import numpy", "numpy does not live here"),
    "sync never sees the kiosk": ("sync/x.py", "import kiosk.store.vault", "sync may not import kiosk.store.vault"),
    "hq never sees sync": ("hq/x.py", "from sync import exchange", "hq may not import sync.exchange"),
    "kiosk sees one module of sync": ("kiosk/store/x.py", "from sync import transport", "kiosk may not import sync"),
    "a whole program counts too": ("kiosk/store/x.py", "import sync", "kiosk may not import sync"),
    "inside a function": ("kiosk/cli/x.py", "def f():\n    import requests\n", "requests does not live here"),
    "under TYPE_CHECKING": (
        "kiosk/vision/x.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from kiosk.store import people\n",
        "kiosk/vision may not import kiosk/store",
    ),
    "relative": ("kiosk/vision/x.py", "from ..store import people", "kiosk/vision may not import kiosk/store"),
    "by its name as text": ("kiosk/flow/x.py", "__import__('numpy')", "numpy does not live here"),
    "by a name computed in a package": ("sync/x.py", "f = import_module(f'kiosk.{a}')", "sync may not import kiosk"),
    "by a computed name": ("sync/x.py", "import importlib\nimportlib.import_module(a + b)", "nobody can read"),
    "store does not see faces": ("kiosk/store/x.py", "import kiosk.vision", "kiosk/store may not import kiosk/vision"),
    "screens are not asked by the store": ("kiosk/store/x.py", "import kiosk.screens", "may not import kiosk/screens"),
    "flow reads no clock": ("kiosk/flow/x.py", "import time", "flow may not import time"),
    "flow opens nothing": ("kiosk/flow/x.py", "from pathlib import Path", "flow may not import pathlib"),
    "Qt outside the screens": ("kiosk/cli/x.py", "from PySide6.QtCore import QObject", "PySide6 does not live here"),
    "OpenCV outside vision": ("kiosk/screens/x.py", "import cv2", "cv2 does not live here"),
    "keys outside the vault": ("kiosk/store/people.py", "import cryptography", "cryptography does not live here"),
    "a database elsewhere": ("kiosk/store/ledger.py", "import sqlite3", "sqlite3 does not live here"),
    "a connection from the kiosk": ("kiosk/cli/x.py", "import socket", "socket does not live here"),
    "a connection by another door": ("kiosk/cli/x.py", "from urllib import request", "urllib.request does not live"),
    "a program from a screen": ("kiosk/screens/x.py", "import subprocess", "subprocess does not live here"),
    "evaluation never reads the store": (
        "kiosk/evaluation/x.py",
        "from kiosk.store import people",
        "kiosk/evaluation may not import kiosk/store",
    ),
    "the eye does not see the store": ("kiosk/eye.py", "from kiosk.store import people", "may not import kiosk/store"),
    "a screen asks through ports": ("kiosk/screens/x.py", "from kiosk import clerk", "may not import kiosk/clerk"),
    "a pickle": ("sync/x.py", "import pickle", "pickle does not live here"),
    "a stranger": ("hq/x.py", "import flask", "flask has no home"),
    "a new room": ("kiosk/helpers/x.py", "import json", "kiosk/helpers has no rule here"),
}


@pytest.mark.parametrize(("file", "source", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, source: str, expected: str) -> None:
    for module in (
        "kiosk/clerk.py",
        "kiosk/store/people.py",
        "kiosk/vision/gallery.py",
        "sync/exchange.py",
        "sync/transport.py",
        file,
    ):
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / module).touch()
    assert violations(read_imports(tmp_path, PACKAGES)) == []
    (tmp_path / file).write_text(source)
    found = violations(read_imports(tmp_path, PACKAGES))
    assert len(found) >= 1
    assert any(line.startswith(f"{file}:") and expected in line for line in found)


def test_what_is_allowed_is_not_reported(tmp_path: Path) -> None:
    allowed = {
        "sync/exchange.py": "import sqlite3\nfrom wire import spine\n",
        "kiosk/store/outbox.py": "from sync.exchange import Exchange\nfrom sync import exchange\n",
        "kiosk/flow/checkin.py": "from dataclasses import dataclass\nfrom kiosk.flow import states\n",
        "kiosk/flow/states.py": "from enum import StrEnum\n",
        "kiosk/screens/door.py": "from PySide6.QtCore import QObject\nfrom kiosk.store import outbox\n",
        "wire/spine.py": "import hashlib\nfrom cryptography.exceptions import InvalidSignature\n",
    }
    for file, source in allowed.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(source)
    assert violations(read_imports(tmp_path, PACKAGES)) == []


def test_the_command_with_a_network_cannot_open_a_store() -> None:
    loaded = _loaded_by("import kiosk.cli.models, kiosk.cli.models_fetch")
    assert "urllib.request" in loaded
    assert not [name for name in loaded if name.startswith(("kiosk.store", "kiosk.clerk", "kiosk.screens", "sync"))]


def _loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sorted(sys.modules))"
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=bare, check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_shared_exchange_brings_no_network_library() -> None:
    loaded = _loaded_by("import sync.exchange")
    assert "sync.exchange" in loaded
    assert loaded.isdisjoint({"requests", "urllib3", "sync.transport", "sync.journal"})


def test_the_flow_of_a_check_in_needs_neither_qt_nor_numpy() -> None:
    modules = [path.stem for path in (ROOT / "kiosk/flow").glob("*.py") if path.stem != "__init__"]
    loaded = _loaded_by("\n".join(f"import kiosk.flow.{name}" for name in modules))
    assert "kiosk.flow.checkin" in loaded
    assert loaded.isdisjoint({"PySide6", "numpy", "cv2", "sqlite3", "cryptography"})


def test_vision_does_not_pay_for_insightface_before_a_pack_asks() -> None:
    loaded = _loaded_by("import kiosk.vision.recogniser, kiosk.vision.pipeline")
    assert loaded.isdisjoint({"insightface", "onnx", "scipy", "requests", "kiosk.store"})


def test_ruff_bans_what_has_a_home() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    banned = settings["flake8-tidy-imports"]["banned-api"]
    anywhere_in_its_program = {name for name, homes in HOMES.items() if homes == HQ} | {"numpy"}
    assert set(HOMES) - anywhere_in_its_program <= set(banned)
    assert all(len(entry["msg"].split()) >= 4 for entry in banned.values())


def test_ruff_reports_a_dependency_away_from_home(tmp_path: Path) -> None:
    stray = tmp_path / "stray.py"
    stray.write_text("import requests\n")
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    done = subprocess.run([*command, "--select", "TID251", str(stray)], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Only sync/transport.py opens a connection" in done.stdout


def test_the_pages_reach_nothing_outside() -> None:
    pages = sorted((ROOT / "kiosk/ui").rglob("*.qml"))
    assert len(pages) >= 5
    reaching = re.compile(
        r"XMLHttpRequest|WebSocket|openUrlExternally|https?://|Dialog\b|LocalStorage|WebEngine|TextArea"
    )
    allowed_import = re.compile(
        r'import (QtQuick(\.(Window|Layouts|Shapes))?|QtQml|Ambang|"[\w./]*")( [\d.]+)?( as \w+)?'
    )
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not reaching.search(text), page.name
        imports = [line.strip() for line in text.splitlines() if line.startswith("import ")]
        assert [line for line in imports if not allowed_import.fullmatch(line)] == [], page.name
