"""Credentials in texts of any source, most specific pattern first. Only the detector's name ever leaves a collector."""

from __future__ import annotations

import re

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("anthropic-api-key", r"sk-ant-(?:[a-z]+\d\d-[\w-]{8,}|[\w-]{16,})"),
    ("openai-project-key", r"sk-proj-[\w-]{16,}"),
    ("openai-service-key", r"sk-svcacct-[\w-]{16,}"),
    ("openai-admin-key", r"sk-admin-[\w-]{16,}"),
    ("openrouter-api-key", r"sk-or-v1-[0-9a-f]{16,}"),
    ("langfuse-key", r"[sp]k-lf-[\w-]{8,}"),
    ("openai-api-key", r"sk-[A-Za-z0-9]{20,}"),
    ("huggingface-token", r"hf_[A-Za-z0-9]{20,}"),
    ("groq-api-key", r"gsk_[A-Za-z0-9]{20,}"),
    ("replicate-token", r"r8_[A-Za-z0-9]{20,}"),
    ("perplexity-api-key", r"pplx-[A-Za-z0-9]{20,}"),
    ("xai-api-key", r"xai-[A-Za-z0-9]{20,}"),
    ("google-api-key", r"AIza[0-9A-Za-z_-]{30,}"),
    ("fireworks-api-key", r"fw_[A-Za-z0-9]{20,}"),
    ("nvidia-api-key", r"nvapi-[\w-]{20,}"),
    ("langsmith-key", r"lsv2_(?:pt|sk)_[\w]{8,}"),
    ("tavily-api-key", r"tvly-[\w-]{16,}"),
    ("pinecone-api-key", r"pcsk_[\w]{16,}"),
    ("cerebras-api-key", r"csk-[a-z0-9]{20,}"),
    ("bedrock-bearer-token", r"ABSK[A-Za-z0-9+/=]{30,}"),
    ("aws-access-key-id", r"A(?:KIA|SIA)[0-9A-Z]{16}(?![0-9A-Za-z])"),
    ("aws-secret-access-key", r"(?i:aws_?secret_?(?:access_?)?key\W{0,5})[A-Za-z0-9/+=]{40}"),
    ("wandb-api-key", r"(?i:wandb[_a-z]*\W{1,5})[0-9a-f]{40}\b"),
    ("github-token", r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})"),
    ("gitlab-token", r"glpat-[\w-]{20,}"),
    ("slack-token", r"xox[abprs]-[\w-]{10,}"),
    ("jwt", r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}"),
    ("private-key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
    ("url-credentials", r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
)
_ANY = re.compile("|".join(f"(?P<d{i}>(?<![A-Za-z0-9_]){pattern})" for i, (_, pattern) in enumerate(_PATTERNS)))
# A cheap test for nearly every string: no pattern can match without one of these, or a user name in an address.
_HINTS = (
    "sk-", "pk-lf", "hf_", "gsk_", "r8_", "pplx-", "xai-", "AIza", "fw_", "nvapi", "lsv2", "tvly", "pcsk", "ABSK",
    "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat", "glpat", "xox", "eyJ", "PRIVATE KEY",
    "andb", "andB", "ANDB", "ecret", "ECRET",
)  # fmt: skip
_IN_ADDRESS = re.compile(r"://[^/\s@]*:[^/\s@]*@")
_PUBLISHED = frozenset({
    "sk-1234", "sk-12345", "changeme", "change-me", "minioadmin", "miniopass", "admin", "password", "postgres",
    "milvus", "root", "test", "secret", "langflow", "flowise", "difyai123456", "infini_rag_flow", "mysecretpassword",
    "my-secret-token", "12345678", "123456",
})  # fmt: skip
HIDDEN = "(hidden)"


def _hinted(words: str) -> bool:
    for hint in _HINTS:
        if hint in words:
            return True
    return "://" in words and bool(_IN_ADDRESS.search(words))


def mask(words: str) -> tuple[str, list[str]]:
    """The text with every credential in it replaced, and the names of the detectors that fired."""
    if not _hinted(words):
        return words, []
    found: list[str] = []

    def note(match: re.Match[str]) -> str:
        name = _PATTERNS[int((match.lastgroup or "d0")[1:])][0]
        if name == "url-credentials" and "$" in match[0]:
            return match[0]
        found.append(name)
        return HIDDEN

    return _ANY.sub(note, words), found


def literal(value: str) -> str:
    """The detector for a literal credential that only its name gives away."""
    return "published-default" if value.lower() in _PUBLISHED else "named-secret"


_SECRET_WORDS = frozenset({
    "key", "keys", "apikey", "apikeys", "token", "secret", "secrets", "password", "passwd", "pwd", "pass",
    "passphrase", "credential", "credentials", "bearer", "dsn", "salt", "cookie", "headers", "authorization", "auth",
    "accesskey", "secretkey", "privatekey", "psk", "pat",
})  # fmt: skip
_HARMLESS_ENDS = frozenset({
    "path", "file", "dir", "name", "ref", "url", "uri", "id", "ttl", "type", "length", "size", "enabled", "enable",
    "env", "var", "header", "expiry", "seconds", "mode", "limit", "count", "method", "provider", "map", "class",
    "format", "prefix", "audience", "issuer", "hash", "algorithm", "required", "disabled",
})  # fmt: skip
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")


def names_a_secret(name: str) -> bool:
    """Whether a variable, flag or field of this name usually holds a credential."""
    words = [word.lower() for word in _SPLIT.split(name) if word]
    if not words or words[-1] in _HARMLESS_ENDS:
        return False
    return words[-1] in _SECRET_WORDS or any(word in _SECRET_WORDS - {"key", "auth", "pass", "keys"} for word in words)


_REFERENCE = re.compile(
    r"^(\(hidden\)|\$\(\w+\)|\$\{?\w+\}?|os\.environ/\w+|env[:.]\w+|\{\{.*\}\}|<[^>]*>|valueFrom|null|none)$",
    re.IGNORECASE,
)


def is_reference(value: str) -> bool:
    """Whether the text only points at a value kept elsewhere."""
    return bool(_REFERENCE.match(value.strip()))
