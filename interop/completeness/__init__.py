"""The information standard's own gate: is everything there that a reader needs, and what is missing in plain words."""

from interop.completeness.scoring import Completeness, SectionScore, score
from interop.completeness.standard import Level, Standard, standard, standards

__all__ = ["Completeness", "Level", "SectionScore", "Standard", "score", "standard", "standards"]
