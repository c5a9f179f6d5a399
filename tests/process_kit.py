"""Programs that a test starts, and that end with it whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, AnyStr

if TYPE_CHECKING:
    import subprocess


@contextmanager
def ending(process: "subprocess.Popen[AnyStr]") -> Iterator["subprocess.Popen[AnyStr]"]:
    """Wait for a program as `with` does; but a test that fails or takes too long kills it instead of waiting."""
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
