"""Encryption of stored credentials, with key rotation: the first key encrypts, every key decrypts."""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from aispm.core.errors import PermanentError


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.AISPM_ENCRYPTION_KEYS])


def seal(document: dict[str, Any]) -> bytes:
    """Encrypt a JSON document for storage."""
    return _keys().encrypt(json.dumps(document, separators=(",", ":")).encode())


def unseal(sealed: bytes) -> dict[str, Any]:
    """Decrypt what `seal` made; PermanentError when no configured key fits."""
    try:
        document: dict[str, Any] = json.loads(_keys().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise PermanentError(
            "The stored credentials cannot be decrypted: the encryption key has changed. "
            "Restore AISPM_ENCRYPTION_KEYS, or enter the credentials again."
        ) from error
    return document
