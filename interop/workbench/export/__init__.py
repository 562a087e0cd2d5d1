"""A mapping for partners with other engines: a FHIR StructureMap, and the model of its source."""

from interop.workbench.export.source_model import source_model
from interop.workbench.export.structure_map import structure_map

__all__ = ["source_model", "structure_map"]
