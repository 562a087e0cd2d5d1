"""The HTTP door of a node: FHIR operations for partners, plain JSON for the organisation's own people."""
