"""The WSGI application: authenticate, log, fail on request, answer from the overlay or from moto."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from threading import Event
from typing import Any

from moto.core.request import Request

from demo.aws import routing
from demo.aws.calls import CallLog, Served
from demo.aws.credentials import Keys
from demo.aws.errors import error_reply
from demo.aws.faults import Fault, Faults, cut_off, error_for
from demo.aws.moto_server import Moto
from demo.aws.overlay import Overlay
from demo.aws.wire import Call, Caller, Reply, ServiceError

StartResponse = Callable[..., Any]
log = logging.getLogger(__name__)
TRUSTED = "aispm.trusted_account"
NOBODY = Caller("", "anonymous", "")


class Application:
    """One endpoint for every service, account and region."""

    def __init__(self, keys: Keys, overlay: Overlay, moto: Moto) -> None:
        self.keys, self.overlay, self.moto = keys, overlay, moto
        self.faults, self.calls = Faults(), CallLog()
        self.closing = Event()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        reply = self._control(request) if request.path.startswith("/_sim/") else self._serve(request)
        headers = {**reply.headers, "Content-Length": str(len(reply.body))}
        start_response(f"{reply.status} -", list(headers.items()))
        return [] if request.method == "HEAD" else [reply.body]

    def _serve(self, request: Request) -> Reply:
        with self.calls.under_way():
            return self._serve_counted(request)

    def _serve_counted(self, request: Request) -> Reply:
        request.get_data()
        scope = routing.scope_of(request.headers.get("Authorization", ""))
        if scope is None:
            return error_reply(ServiceError("MissingAuthenticationToken", "The request is not signed.", 403), "query")
        target = routing.resolve(request, scope.signing_name)
        call = Call(target.service, target.operation, scope.region, "", NOBODY, target.protocol, {}, target.model)
        fault: Fault | None = None
        try:
            call.caller = self._caller(request, scope, target.service)
            call.account = call.caller.account
            fault = self._fault(call)
            call.params, call.body = routing.parse_params(request, target), request.get_data()
            reply = self._answer(call, request)
            if fault and fault.kind == "malformed":
                reply = cut_off(reply)
        except ServiceError as error:
            fault = fault or getattr(error, "fault", None)
            reply = error_reply(error, call.protocol, call.service)
        except Exception:
            # A bug of the simulator must look like an error of the server, not like a dead connection.
            if TRUSTED in request.environ:
                raise
            log.exception("simulator failed on %s %s", call.service, call.operation)
            reply = error_reply(
                ServiceError("InternalFailure", "The simulator failed.", 500), call.protocol, call.service
            )
        self._record(call, reply, fault, request)
        return reply

    def _caller(self, request: Request, scope: routing.Scope, service: str) -> Caller:
        trusted = request.environ.get(TRUSTED)
        if trusted:
            return Caller(trusted, f"arn:aws:iam::{trusted}:root", trusted)
        return self.keys.authenticate(request, scope, service)

    def _fault(self, call: Call) -> Fault | None:
        """Waits, raises, or returns the fault that spoils the answer later."""
        self._wait(self.faults.latency(call))
        fault = self.faults.take(call)
        if fault is None or fault.kind == "malformed":
            return fault
        if fault.kind == "timeout":
            self._wait(fault.seconds)
            return fault
        error = error_for(fault, call)
        error.fault = fault  # type: ignore[attr-defined]
        raise error

    def _answer(self, call: Call, request: Request) -> Reply:
        return self.overlay.answer(call, lambda: self.moto.answer(request, call.service, call.account))

    def _record(self, call: Call, reply: Reply, fault: Fault | None, request: Request) -> None:
        if TRUSTED in request.environ:
            return
        kind = fault.kind if fault else ""
        self.calls.record(Served(call.service, call.operation, call.region, call.account, reply.status, kind))

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self.closing.wait(seconds)

    def _control(self, request: Request) -> Reply:
        name = request.path.removeprefix("/_sim/")
        if name == "faults":
            return self._control_faults(request)
        if name == "calls":
            return self._control_calls(request)
        return _json({"error": "Unknown. There are /_sim/faults and /_sim/calls."}, 404)

    def _control_faults(self, request: Request) -> Reply:
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "POST":
            try:
                self.faults.add(Fault(**json.loads(request.get_data())))
            except (TypeError, ValueError) as error:
                return _json({"error": str(error)}, 400)
        return _json({"faults": self.faults.described()})

    def _control_calls(self, request: Request) -> Reply:
        if request.method == "DELETE":
            self.calls.clear()
        fields = ("service", "operation", "region", "account")
        counts = [{**dict(zip(fields, key, strict=True)), "count": n} for key, n in self.calls.counts().items()]
        told = {"total": len(self.calls), "most_at_once": self.calls.most_at_once}
        return _json({**told, "counts": counts, "at": time.time()})


def _json(document: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(document).encode(), {"Content-Type": "application/json"})
