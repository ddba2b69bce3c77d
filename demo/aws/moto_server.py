"""moto's own server application as the lower layer: seeded identifiers, one clock, explicit reset."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Callable, Iterable
from threading import RLock
from typing import Any

from demo.aws.wire import Reply, ServiceError

# Read by moto when it is first imported: nobody looks at the hundreds of machine images.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.core.request import Request
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

SEED = 20261116
# Loaded at start and in this order: some modules draw identifiers when they are imported.
LOADED = (
    "iam", "sts", "s3", "s3control", "kms", "ecr", "ec2", "awslambda", "eks", "ecs", "cloudtrail", "logs", "cloudwatch",
    "secretsmanager", "guardduty", "sagemaker", "bedrock", "bedrockagent", "bedrockruntime", "resourcegroupstaggingapi",
    "organizations", "account", "ssm",
)  # fmt: skip

mock_random.seed(SEED)
for _name in LOADED:
    importlib.import_module(f"moto.{_name}.urls")

# moto's applications hold no state of their own, and making them is slow: they serve every simulator of the process.
_DISPATCHER = DomainDispatcherApplication(create_backend_app)
_APPLICATIONS: dict[str, Any] = {}


class Moto:
    """moto behind one lock: its backends are process-wide and not made for concurrent writes."""

    def __init__(self) -> None:
        self._lock = RLock()

    def reset(self, seed: int = SEED) -> None:
        """Empties every account and restarts the sequence of generated identifiers."""
        with self._lock:
            BackendDict.reset()
            reset_model_data()
            mock_random.seed(seed)

    def answer(self, request: Request, service: str, account: str) -> Reply:
        """What moto says to this request, acting in this account."""
        environ = request.environ
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        environ["wsgi.input"] = io.BytesIO(request.get_data())
        environ["CONTENT_LENGTH"] = str(len(request.get_data()))
        status: list[Any] = []

        def start_response(line: str, headers: Iterable[tuple[str, str]], *_: Any) -> Callable[[bytes], None]:
            status.extend((int(line.split(" ", 1)[0]), dict(headers)))
            return lambda _data: None

        with self._lock:
            try:
                body = b"".join(_application_for(service, environ)(environ, start_response))
            except NotImplementedError as error:
                raise ServiceError("NotImplementedBySimulator", str(error) or "Not simulated.", 501) from error
        return Reply(status[0], body, {k: v for k, v in status[1].items() if k.lower() != "content-length"})


def _application_for(service: str, environ: dict[str, Any]) -> Any:
    """moto looks for the backend in its folders at every request; a service always has the same one."""
    if service not in _APPLICATIONS:
        _APPLICATIONS[service] = _DISPATCHER.get_application(environ)
    return _APPLICATIONS[service]
