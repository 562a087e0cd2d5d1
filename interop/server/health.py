"""For machines that watch: alive, ready, and numbers for Prometheus. No token, and no word about any person."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from interop.node import Node
from interop.server.access import TheNode
from interop.server.answers import JsonResponse

router = APIRouter(tags=["Operations"])


@router.get("/health", summary="The process is alive")
def health() -> Response:
    return JsonResponse({"status": "alive"})


@router.get("/ready", summary="The store answers and the profiles are compiled", responses={503: {}})
def ready(node: TheNode) -> Response:
    fault = node.fault()
    return JsonResponse({"status": fault or "ready"}, status_code=503 if fault else 200)


@router.get("/metrics", summary="Prometheus metrics, counted from the store", response_class=PlainTextResponse)
def metrics(node: TheNode) -> Response:
    registry = CollectorRegistry()
    registry.register(_Numbers(node))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Numbers(Collector):
    """One gauge a number; labelled by organisation, never by person or message."""

    def __init__(self, node: Node):
        self._node = node

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for organisation in self._node.settings.organisations:
            for name, value in self._node.counts(organisation.ods).items():
                family = families.setdefault(
                    name, GaugeMetricFamily(f"interop_{name}", name.replace("_", " "), labels=["organisation"])
                )
                family.add_metric([organisation.ods], value)
        yield from families.values()
