"""How a request's body is read: in pieces, against a size and a deadline; refuses what is larger or slower."""

import asyncio

from starlette.requests import Request

from hq.refusals import Kind, Problem

SECONDS = 30.0
PASSED_OVER = 4 * 2**20
"""How much of a body that is too large is still read and thrown away, so that its sender can hear the refusal."""


async def read(request: Request, limit: int) -> bytes:
    """The body, at most `limit` bytes.

    Raises:
        Problem: TOO_LARGE or TOO_SLOW.
    """
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(SECONDS):
            async for piece in request.stream():
                size += len(piece)
                if size <= limit:
                    pieces.append(piece)
                elif size > limit + PASSED_OVER:
                    break
    except TimeoutError as error:
        raise Problem(Kind.TOO_SLOW) from error
    if size > limit:
        raise Problem(Kind.TOO_LARGE)
    return b"".join(pieces)
