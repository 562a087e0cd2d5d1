"""Log events: a fixed list of actions in the past tense, never a name, a number or a payload of a person."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import Final

import structlog

ACTIONS: Final = frozenset(
    {
        "node_started",
        "node_stopped",
        "message_queued",
        "message_recorded",
        "record_quarantined",
        "message_settled",
        "message_received",
        "message_duplicate",
        "message_conflict",
        "acknowledgement_received",
        "worker_failed",
        "request_failed",
        "delivery_tried",
        "channel_failed",
        "store_failed",
        "library_warned",
    }
)
FIELDS: Final = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "organisation",
        "partner",
        "message",
        "kind",
        "status",
        "code",
        "issues",
        "fault",
        "method",
        "route",
        "worker",
        "node",
        "address",
        "message_id",
        "recipient",
        "result",
        "state",
        "tried",
    }
)


def _only_known(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """What is not on the lists is not said: a new action or field has to be thought about before it can be logged."""
    known = {key: value for key, value in event.items() if key in FIELDS}
    return known if event.get("event") in ACTIONS else {**known, "event": "unlisted"}


def place(fault: BaseException) -> str:
    """The kind of an exception and the line it came from: what a log may hold of it."""
    frames = traceback.extract_tb(fault.__traceback__)
    spot = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(fault).__name__ + spot


class _Foreign(logging.Handler):
    """Log records of the rooms below and of libraries, as events of the same shape: their fields, never their words."""

    def emit(self, record: logging.LogRecord) -> None:
        action = getattr(record, "action", None)
        if record.levelno < logging.WARNING and action is None:
            return
        fields = {name: value for name, value in vars(record).items() if name in FIELDS}
        if record.exc_info and record.exc_info[1]:
            fields["fault"] = place(record.exc_info[1])
        log.log(record.levelno, str(action or "library_warned"), **fields)


def configure(level: int = logging.INFO) -> None:
    """JSON lines on standard error, from our own log and from everybody else's."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_known,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    logging.basicConfig(level=level, handlers=[_Foreign()], force=True)


log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
