"""Access keys that the simulator knows, and the proof that a request was signed with one of them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from moto.core.request import Request

from demo.aws.routing import Scope
from demo.aws.wire import Caller, ServiceError

TOKEN_SIZE = 96


@dataclass(frozen=True, slots=True)
class Key:
    """One access key; `token` and `expires` only for sessions."""

    access_key_id: str
    secret_access_key: str
    caller: Caller
    session_token: str | None = None
    expires: datetime | None = None


class Keys:
    """The accounts' long-lived keys and the sessions handed out by AssumeRole."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}

    def add(self, key: Key) -> Key:
        self._keys[key.access_key_id] = key
        return key

    def user_key(self, account: str, user: str, number: int = 1) -> Key:
        """A long-lived key of an IAM user, the same for the same account, user and number."""
        seed = _digest(f"{account}/{user}/{number}")
        caller = Caller(account, f"arn:aws:iam::{account}:user/{user}", "AIDA" + seed[:17].upper())
        return self.add(Key("AKIA" + seed[20:36].upper(), seed[:40], caller))

    def session(self, caller: Caller, lifetime: timedelta) -> Key:
        seed = _digest(f"{caller.arn}/{len(self._keys)}")
        key = Key(
            access_key_id="ASIA" + seed[20:36].upper(),
            secret_access_key=seed[:40],
            caller=caller,
            session_token=_digest(seed) + _digest(seed)[: TOKEN_SIZE - 64],
            expires=datetime.now(UTC) + lifetime,
        )
        return self.add(key)

    def expire_sessions(self) -> None:
        """Makes every session handed out so far run out now."""
        for key in [key for key in self._keys.values() if key.expires is not None]:
            self.add(Key(key.access_key_id, key.secret_access_key, key.caller, key.session_token, datetime.now(UTC)))

    def authenticate(self, request: Request, scope: Scope, service: str) -> Caller:
        """Who signed this; raises the error that AWS gives for a wrong key, token or signature."""
        key = self._keys.get(scope.access_key)
        if key is None or not _same(key.session_token or "", request.headers.get("X-Amz-Security-Token", "")):
            raise _unknown_key(service)
        if key.expires is not None and key.expires <= datetime.now(UTC):
            raise _expired(service)
        sent = request.headers.get("Authorization", "").rpartition("Signature=")[2].strip()
        if not _same(signature(request, scope, key.secret_access_key), sent):
            raise _wrong_signature(service)
        return key.caller


def signature(request: Request, scope: Scope, secret: str) -> str:
    """The AWS Signature Version 4 that this request should carry."""
    canonical = hashlib.sha256(_canonical(request, scope).encode()).hexdigest()
    credential_scope = f"{scope.date}/{scope.region}/{scope.signing_name}/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{request.headers.get('X-Amz-Date', '')}\n{credential_scope}\n{canonical}"
    key = b"AWS4" + secret.encode()
    for part in (scope.date, scope.region, scope.signing_name, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, to_sign.encode(), "sha256").hexdigest()


def _canonical(request: Request, scope: Scope) -> str:
    names = request.headers.get("Authorization", "").partition("SignedHeaders=")[2].partition(",")[0]
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names.split(";"))
    path = request.raw_path if scope.signing_name == "s3" else quote(request.raw_path, safe="/~")
    pairs = sorted(tuple(pair.partition("=")[::2]) for pair in request.query_string.decode().split("&") if pair)
    query = "&".join(f"{name}={value}" for name, value in pairs)
    payload = request.headers.get("X-Amz-Content-SHA256") or hashlib.sha256(request.get_data()).hexdigest()
    return f"{request.method}\n{path}\n{query}\n{headers}\n{names}\n{payload}"


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _unknown_key(service: str) -> ServiceError:
    message = "The security token included in the request is invalid."
    if service == "s3":
        return ServiceError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist.", 403)
    if service == "ec2":
        return ServiceError("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    code = "InvalidClientTokenId" if service in ("sts", "iam") else "UnrecognizedClientException"
    return ServiceError(code, message, 403)


def _expired(service: str) -> ServiceError:
    code = {"ec2": "RequestExpired", "s3": "ExpiredToken", "sts": "ExpiredToken", "iam": "ExpiredToken"}.get(service)
    return ServiceError(code or "ExpiredTokenException", "The security token included in the request is expired", 403)


def _wrong_signature(service: str) -> ServiceError:
    code = {"ec2": "AuthFailure", "s3": "SignatureDoesNotMatch", "sts": "SignatureDoesNotMatch"}.get(service)
    message = "The request signature we calculated does not match the signature you provided."
    return ServiceError(code or "InvalidSignatureException", message, 403)
