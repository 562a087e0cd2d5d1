"""What people read: pages, pictures and narrative, made only from the structured data of a document."""

from interop.narrative.discharge_page import discharge_page
from interop.narrative.front_sheet import front_sheet
from interop.narrative.full_pack import full_pack
from interop.narrative.journey import journey_page
from interop.narrative.narration import narrate
from interop.narrative.page import KINDS, page
from interop.narrative.pdf import pdf
from interop.narrative.picture import web_of_care_svg
from interop.narrative.plain import plain_text
from interop.narrative.presentation import STANDARD, Form, Presentation
from interop.narrative.timeline import timeline_page
from interop.narrative.wanted import Wanted, wanted

__all__ = [
    "KINDS",
    "STANDARD",
    "Form",
    "Presentation",
    "Wanted",
    "discharge_page",
    "front_sheet",
    "full_pack",
    "journey_page",
    "narrate",
    "page",
    "pdf",
    "plain_text",
    "timeline_page",
    "wanted",
    "web_of_care_svg",
]
