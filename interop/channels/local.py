"""To a tenant of the same node: the same path and the same receipts, without a network between."""

from __future__ import annotations

from collections.abc import Callable

from interop.channels.channel import Delivery, Parcel, Refused, Unreachable
from interop.errors import InteropError, StoreError


class LocalChannel:
    """Hands the parcel to ``hand_over``, which is what the node's own door does with bytes from outside."""

    def __init__(self, hand_over: Callable[[Parcel], Delivery]):
        self._hand_over = hand_over

    def deliver(self, parcel: Parcel) -> Delivery:
        try:
            return self._hand_over(parcel)
        except StoreError as fault:
            return Unreachable(str(fault))
        except InteropError as fault:  # they would have answered 4xx
            return Refused(f"{fault.code}: {fault}")
