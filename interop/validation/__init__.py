"""The judge of every resource: FHIR R4 and its profiles compiled once, run many times."""

from interop.validation.policy import Policy
from interop.validation.validator import Validator

__all__ = ["Policy", "Validator"]
