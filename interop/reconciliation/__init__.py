"""What went in against what came back: medicines and belongings, compared and never accepted by themselves."""

from interop.reconciliation.belongings import BelongingsLine, belongings
from interop.reconciliation.medicines import Difference, MedicineChange, findings, medicines
from interop.reconciliation.tables import as_tables

__all__ = ["BelongingsLine", "Difference", "MedicineChange", "as_tables", "belongings", "findings", "medicines"]
