"""The hall: where the translate wing and the deliver wing meet. Three ways through the house, each readable aloud.

submit   source record → mapping → Bundle → judgement → outbox, or quarantine
receive  inbound bytes → who says so? → inbox → receipt
handle   inbox → judgement → do we know the person? → answer, and what it means for us
"""

from interop.pipeline.handle import Verdict, decide, handle
from interop.pipeline.receive import Arrival, hand_over, receive
from interop.pipeline.submit import Order, Submission, submit

__all__ = ["Arrival", "Order", "Submission", "Verdict", "decide", "hand_over", "handle", "receive", "submit"]
