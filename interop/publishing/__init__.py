"""Our profiles as others take them: a FHIR package with snapshots and examples, under ours or an adopter's base."""

from interop.publishing.archive import build
from interop.publishing.outline import Outline, outline
from interop.publishing.rebase import Rebased, rebase
from interop.publishing.selfcheck import Judged, selfcheck
from interop.publishing.snapshots import published

__all__ = ["Judged", "Outline", "Rebased", "build", "outline", "published", "rebase", "selfcheck"]
