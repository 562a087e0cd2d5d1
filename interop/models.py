"""Typed models for Python users: the one import of fhir.resources (R4B), loaded when first asked for.

The R4 definitions are the judge of a resource; the models are a convenience and, in tests, an independent second
opinion. R4B differs from R4 in a few resource types none of our documents use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from interop.errors import ContentError
from interop.json_codec import JsonObject

if TYPE_CHECKING:
    from fhir_core.fhirabstractmodel import FHIRAbstractModel


def typed(resource: JsonObject) -> FHIRAbstractModel:
    """The resource as a ``fhir.resources`` R4B model.

    Raises ContentError ``model-unknown`` for a resource type R4B lacks, ``model-refused`` with every reason when the
    model does not take the resource.
    """
    from fhir.resources.R4B import get_fhir_model_class  # 0.2 s that only those pay who want models
    from pydantic import ValidationError

    name = resource.get("resourceType")
    try:
        model = get_fhir_model_class(str(name))
    except (KeyError, ValueError):
        raise ContentError(
            f"{name!r} is not a resource type of R4B", code="model-unknown", hint="check resourceType"
        ) from None
    try:
        found: FHIRAbstractModel = model.model_validate(resource)
    except ValidationError as refused:
        faults = (f"{_place(name, fault['loc'])}: {fault['msg']}" for fault in refused.errors(include_input=False))
        raise ContentError("; ".join(faults), code="model-refused") from None
    return found


def parse_fault(resource: JsonObject) -> str | None:
    """Why the R4B model refuses a resource, or None when it takes it: a second opinion beside the validator."""
    try:
        typed(resource)
    except ContentError as refused:
        return refused.text
    return None


def _place(name: object, steps: tuple[int | str, ...]) -> str:
    return str(name) + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
