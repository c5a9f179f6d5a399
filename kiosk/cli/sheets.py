"""What the documents of a command are made with: company, language, zone and moment; refuses nothing."""

import argparse

from kiosk.cli.desk import of_company
from kiosk.cli.opening import configured
from kiosk.rights.basis_documents import Sheet


def sheet(given: argparse.Namespace, now_ms: int) -> Sheet:
    """Of this command. Raises Fault PRIVACY_INVALID, CONFIG_INVALID."""
    return Sheet(of_company(given), given.language, configured(given).device.zone, now_ms)
