"""What went in against what came back: medicines and belongings, compared and never accepted by themselves."""

from interop.reconciliation.belongings import BelongingsLine, belongings
from interop.reconciliation.medicines import Difference, MedicineChange, findings, medicines
from interop.reconciliation.sign_off import Answer, Signer, decide, follow_up, sign_offs, worksheet
from interop.reconciliation.tables import as_tables

__all__ = [
    "Answer",
    "BelongingsLine",
    "Difference",
    "MedicineChange",
    "Signer",
    "as_tables",
    "belongings",
    "decide",
    "findings",
    "follow_up",
    "medicines",
    "sign_offs",
    "worksheet",
]
