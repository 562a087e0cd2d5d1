"""Who may speak, and what was done: tokens and the audit chain. Pure; knows no store, no FHIR, no network."""
