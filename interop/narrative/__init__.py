"""What people read: pages, pictures and narrative, made only from the structured data of a document."""

from interop.narrative.discharge_page import discharge_page
from interop.narrative.front_sheet import front_sheet
from interop.narrative.full_pack import full_pack
from interop.narrative.journey import journey_page
from interop.narrative.narration import narrate
from interop.narrative.page import page
from interop.narrative.picture import web_of_care_svg

__all__ = ["discharge_page", "front_sheet", "full_pack", "journey_page", "narrate", "page", "web_of_care_svg"]
