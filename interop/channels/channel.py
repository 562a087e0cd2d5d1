"""The contract every way out keeps, and the words for what it knows afterwards.

Defined beside the relay that calls it; a new channel is one file here that imports these names.
"""

from interop.relay.parcel import Channel, Delivered, Delivery, Parcel, Refused, Unknown, Unreachable

__all__ = ["Channel", "Delivered", "Delivery", "Parcel", "Refused", "Unknown", "Unreachable"]
