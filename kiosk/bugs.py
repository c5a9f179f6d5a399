"""What happens when the program itself is wrong: it says so and ends, and is started anew; refuses to limp on."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Final, NoReturn

LOG: Final = logging.getLogger("ambang.bugs")


def end(where: str, error: BaseException) -> NoReturn:
    """Write the traceback to the log and end at once with 70 (EX_SOFTWARE); systemd starts the kiosk again."""
    LOG.critical("a bug in %s ends the program", where, exc_info=error)
    logging.shutdown()
    os._exit(os.EX_SOFTWARE)


def loudly(work: Callable[..., object], *args: object) -> None:
    """Do work on a thread whose exceptions nobody would see; a bug there ends the program."""
    try:
        work(*args)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it must not vanish
        end(threading.current_thread().name, error)


def watch_threads() -> None:
    """Let an exception that ends any other thread end the program, too."""
    threading.excepthook = _ended


def _ended(raised: threading.ExceptHookArgs) -> None:
    name = raised.thread.name if raised.thread is not None else "a thread"
    end(name, raised.exc_value or RuntimeError(raised.exc_type.__name__))
