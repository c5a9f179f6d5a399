"""A text as the squares of a QR code, level M; refuses a text that no code of this kind can carry."""

import segno


def modules(text: str) -> tuple[str, ...]:
    """Rows of "1" (dark) and "0" (light) with a quiet zone of 4 (ISO/IEC 18004); empty for a text that is too long."""
    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        return ()
    return tuple("".join("1" if dark else "0" for dark in row) for row in code.matrix_iter(border=4))
