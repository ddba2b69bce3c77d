"""What the simulator answers itself: operations that moto lacks, and fields that it loses or invents."""

from __future__ import annotations

from collections.abc import Callable

from demo.aws import codec
from demo.aws.credentials import Keys
from demo.aws.overlay import (
    agentcore,
    ai_services,
    assistants,
    bedrock,
    cloud,
    endpoints,
    organization,
    platform,
    rows,
    sagemaker,
    sts,
    tags,
    vector_stores,
    watching,
)
from demo.aws.overlay.registry import Context, Registry
from demo.aws.paging import Pager
from demo.aws.twin import Twin
from demo.aws.wire import Call, Reply, ServiceError

SERVICES = (
    *(rows, agentcore, ai_services, assistants, vector_stores, platform, watching, organization),
    *(bedrock, cloud, sagemaker, endpoints, sts, tags),
)


class Overlay:
    """Twin first, then moto, then repair; every list in pages."""

    def __init__(self, keys: Keys) -> None:
        self.context = Context(Twin(), keys)
        self.pager = Pager()
        self._registry = Registry()
        for module in SERVICES:
            module.register(self._registry)

    @property
    def twin(self) -> Twin:
        return self.context.twin

    def reset(self) -> None:
        """Forgets every document and page."""
        self.context = Context(Twin(), self.context.keys)
        self.pager = Pager()

    def answer(self, call: Call, moto: Callable[[], Reply]) -> Reply:
        page = self.pager.next_page(call)
        if page is not None:
            return codec.encode(call, page)
        answer = self._registry.answers.get((call.service, call.operation))
        document = answer(call, self.context) if answer else None
        if document is not None:
            return codec.encode(call, self.pager.first_page(call, document))
        return self._from_moto(call, moto)

    def _from_moto(self, call: Call, moto: Callable[[], Reply]) -> Reply:
        if not call.operation:
            raise ServiceError("UnknownOperationException", f"{call.service} has no such operation.", 404)
        reply = moto()
        rescue = self._registry.rescues.get((call.service, call.operation))
        if reply.status >= 300:
            rescued = rescue(call, self.context) if rescue else None
            return reply if rescued is None else codec.encode(call, rescued)
        repair = self._registry.repairs.get((call.service, call.operation))
        if repair is None and not self.pager.applies(call):
            return reply
        document = codec.decode(call, reply)
        if repair is not None:
            document = repair(call, document, self.context)
        return codec.encode_again(call, self.pager.first_page(call, document), reply)
