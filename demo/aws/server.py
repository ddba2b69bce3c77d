"""Starts and stops the simulated AWS account: in a thread for tests and bench, in the foreground for the demo."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from threading import Thread
from types import TracebackType
from typing import Any, Self

from botocore.config import Config

from demo.aws import clock, patches
from demo.aws.application import Application
from demo.aws.calls import CallLog
from demo.aws.credentials import Key, Keys
from demo.aws.faults import Faults
from demo.aws.httpd import Server
from demo.aws.inprocess import InProcess, session
from demo.aws.moto_server import SEED, Moto
from demo.aws.overlay import Overlay
from demo.aws.wire import Caller, Document

ACCOUNT = "111122223333"
COLLECTOR_USER = "aispm-collector"
REGIONS = ("us-east-1", "eu-central-1")
Tags = dict[str, str] | None


class SimulatedAws:
    """One simulated AWS endpoint. moto's state is process-wide: run one at a time in a process.

    Whatever is built has times relative to `epoch` (midnight of today unless given) and identifiers drawn from `seed`.
    """

    def __init__(
        self, *, account_id: str = ACCOUNT, port: int = 0, seed: int = SEED, epoch: datetime | None = None
    ) -> None:
        self.account_id, self.seed = account_id, seed
        self.epoch = epoch or datetime.combine(datetime.now(UTC), time(), UTC)
        self.keys, self.moto = Keys(), Moto()
        self.overlay = Overlay(self.keys)
        self.application = Application(self.keys, self.overlay, self.moto)
        self.inside = InProcess(self.application)
        self.key = self.keys.user_key(account_id, COLLECTOR_USER)
        self._port = port
        self._session = session(**self.credentials)
        self._server: Server | None = None
        self._thread: Thread | None = None

    @property
    def faults(self) -> Faults:
        return self.application.faults

    @property
    def calls(self) -> CallLog:
        return self.application.calls

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("The simulated AWS is not running: start() it first.")
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def credentials(self) -> dict[str, str]:
        """Keyword arguments for a boto3 session of the collector's own user."""
        return session_arguments(self.key)

    def start(self) -> Self:
        """Empties the simulator and listens on 127.0.0.1 (port 0: a free one)."""
        self.reset()
        self._server = Server(self._port, self.application)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def reset(self) -> None:
        """Empties every account, forgets faults and calls."""
        patches.install()
        clock.install()
        self.moto.reset(self.seed)
        self.overlay.reset()
        self.faults.clear()
        self.calls.clear()

    def put(self, kind: str, document: Document, *, region: str = REGIONS[0], tags: Tags = None) -> Document:
        """Puts a document into the twin, e.g. `put("bedrock.guardrail", {...})`; `remove` takes it out again."""
        return self.overlay.twin.put(kind, (self.account_id, region), document, tags)

    def remove(self, kind: str, *key: str, region: str = REGIONS[0]) -> None:
        self.overlay.twin.remove(kind, (self.account_id, region), *key)

    def stop(self) -> None:
        self.application.closing.set()
        if self._server is not None:
            self._server.stop()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def client(self, service: str, region: str = REGIONS[0], **config: Any) -> Any:
        """A boto3 client over HTTP as the collector's user, without retries."""
        settings = Config(retries={"total_max_attempts": 1}, **config)
        return self._session.client(service, region_name=region, endpoint_url=self.url, config=settings)

    def session_for(self, arn: str, lifetime: timedelta = timedelta(hours=1)) -> Key:
        """Session credentials as AssumeRole would hand out, without the call."""
        return self.keys.session(Caller(arn.split(":")[4], arn, "AROASIMULATED:session"), lifetime)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def session_arguments(key: Key) -> dict[str, str]:
    """The key as keyword arguments of `boto3.Session`."""
    arguments = {"aws_access_key_id": key.access_key_id, "aws_secret_access_key": key.secret_access_key}
    if key.session_token:
        arguments["aws_session_token"] = key.session_token
    return arguments
