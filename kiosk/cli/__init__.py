"""One file per noun of the `kiosk` command."""
