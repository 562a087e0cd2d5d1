"""FHIRPath: an expression in text becomes Python closures, once, and runs on plain JSON (FHIRPath N1, FHIR R4)."""

from __future__ import annotations

from interop.fhirpath.expression import Expression, compile
from interop.fhirpath.model import Child, DefinitionsModel, Model, core_model
from interop.fhirpath.node import Node
from interop.fhirpath.quantity import Quantity
from interop.fhirpath.runtime import NoServices, Services
from interop.fhirpath.temporal import Date, DateTime, Time

__all__ = [
    "Child",
    "Date",
    "DateTime",
    "DefinitionsModel",
    "Expression",
    "Model",
    "NoServices",
    "Node",
    "Quantity",
    "Services",
    "Time",
    "compile",
    "core_model",
]
