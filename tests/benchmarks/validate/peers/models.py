"""fhir.resources, R4B: a resource read into its pydantic models."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from fhir.resources.R4B import get_fhir_model_class
from loop import answer
from pydantic import ValidationError


def parsed(resource: dict[str, Any]) -> int:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as fault:
        return fault.error_count()
    return 0


def text(data: bytes) -> int:
    kind = "Bundle" if b'"resourceType":"Bundle"' in data[:40] else "CarePlan"
    try:
        get_fhir_model_class(kind).model_validate_json(data)
    except ValidationError as fault:
        return fault.error_count()
    return 0


answer(Path(sys.argv[1]), {"parsed": parsed, "text": text}, json.loads)
