"""The hall: where the translate wing and the deliver wing meet. Three ways through the house, each readable aloud.

submit   source record → mapping → Bundle → judgement → outbox, or quarantine
receive  inbound bytes → who says so? → inbox → receipt
handle   inbox → judgement → do we know the person? → answer, and what it means for us
follow   a document accepted or filed → the rules → what must be sent because of it, once
lineage  a value in a message → the cell of the kept file it came from
"""

from interop.pipeline.consequences import Cause, ask, follow, look_again
from interop.pipeline.editing import version_of, was_out_of_date
from interop.pipeline.handle import Verdict, decide, handle
from interop.pipeline.lineage import Lineage, lineage
from interop.pipeline.order import Order, Submission
from interop.pipeline.receive import Arrival, hand_over, receive
from interop.pipeline.submit import submit

__all__ = [
    "Arrival",
    "Cause",
    "Lineage",
    "Order",
    "Submission",
    "Verdict",
    "ask",
    "decide",
    "follow",
    "hand_over",
    "handle",
    "lineage",
    "look_again",
    "receive",
    "submit",
    "version_of",
    "was_out_of_date",
]
