"""A first mapping drafted from sample files: every guess marked with its confidence and its evidence."""

from interop.workbench.draft.drafting import Draft, draft

__all__ = ["Draft", "draft"]
