"""The information standard's own gate: is everything there that a reader needs, and what is missing in plain words."""

from interop.completeness.importing import named_or_read, read_standard, standard_data
from interop.completeness.scoring import Completeness, SectionScore, score
from interop.completeness.standard import Level, Standard, standard, standards
from interop.completeness.table import write_table
from interop.completeness.trend import Month, Trend, trend

__all__ = [
    "Completeness", "Level", "Month", "SectionScore", "Standard", "Trend", "named_or_read", "read_standard", "score",
    "standard", "standard_data", "standards", "trend", "write_table",
]  # fmt: skip
