"""The QObjects that QML binds to, one per area; no sentence and no decision is made here."""
