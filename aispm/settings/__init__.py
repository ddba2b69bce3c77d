"""Settings of AISPM, read from the environment through `env` (docs/operations.md lists every variable)."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from aispm.core import places
from aispm.settings import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
AISPM_HOME = env.home()

DEBUG = env.flag("AISPM_DEBUG", default=False)
SECRET_KEY = env.secret("AISPM_SECRET_KEY", "secret-key")
AISPM_ENCRYPTION_KEYS = env.encryption_keys(env.secret("AISPM_ENCRYPTION_KEYS", "encryption-keys"))
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("AISPM_SECRET_KEY is shorter than 32 characters: generate a longer one.")

ALLOWED_HOSTS = env.words("AISPM_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("AISPM_TRUSTED_ORIGINS")
BEHIND_TLS = env.flag("AISPM_BEHIND_TLS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_TLS
# Browsers do not forget this for a year, so it is asked for by name; names below this host are never included.
SECURE_HSTS_SECONDS = 31_536_000 if env.flag("AISPM_HSTS", default=False) and BEHIND_TLS else 0
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "aispm.core",
    "aispm.accounts",
    "inventory",
    "findings.posture",
    "integrations",
    "aispm.pages",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "aispm.core.http.PageErrors",
]

ROOT_URLCONF = "aispm.urls"
WSGI_APPLICATION = "aispm.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["aispm.core.templatetags.ui"],
        },
    }
]

# --- State: PostgreSQL and Redis/Valkey, embedded unless the environment names others -----------------

EMBEDDED_DATABASE = not env.text("DATABASE_URL", "")
EMBEDDED_REDIS = not env.text("REDIS_URL", "")
DATABASE_URL = env.text("DATABASE_URL", "") or places.postgres_url(AISPM_HOME)
REDIS_URL = env.text("REDIS_URL", "") or places.valkey_url(AISPM_HOME)

STATEMENT_TIMEOUT_MS = env.number("AISPM_STATEMENT_TIMEOUT_MS", 10_000)
DATABASES = {"default": env.database(DATABASE_URL, statement_timeout_ms=STATEMENT_TIMEOUT_MS)}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "aispm:cache",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

# Celery spells a socket's address and its database otherwise than the Redis client.
CELERY_BROKER_URL = REDIS_URL
if REDIS_URL.startswith("unix://"):
    CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_DEFAULT_QUEUE = "collect"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}

# --- People ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "pages:overview"
LOGOUT_REDIRECT_URL = "accounts:sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Language, time, files ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
# A release image collects its static files once, hashed and compressed; otherwise they are served where they lie.
COLLECTED = BASE_DIR / "staticfiles"
STATIC_ROOT = COLLECTED if COLLECTED.is_dir() else None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
if STATIC_ROOT:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
WHITENOISE_MAX_AGE = 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
AISPM_SNAPSHOT_MAX_BYTES = env.number("AISPM_SNAPSHOT_MAX_MB", 128, least=1) * 1024 * 1024

# --- What the browser may load: only what we serve ------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- API ----------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "aispm.accounts.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["aispm.accounts.api.permissions.NamedPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "aispm.core.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["aispm.core.filtering.NamedFilters"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["aispm.core.throttling.SharedRate"],
    "DEFAULT_THROTTLE_RATES": {"user": env.text("AISPM_API_RATE", "1200/min")},
    "EXCEPTION_HANDLER": "aispm.core.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AISPM",
    "DESCRIPTION": "AI security posture management: inventory, findings, posture, runs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "aispm.core.description.describe_errors",
    ],
}

# --- Logs ---------------------------------------------------------------------------------------------

LOG_LEVEL = env.text("AISPM_LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": "aispm.core.logs.formatter",
            "pretty": env.flag("AISPM_LOG_PRETTY", default=False),
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},
    },
}
LOGGING_CONFIG = "aispm.core.logs.configure"

# Without a token, /metrics answers only to the machine itself.
AISPM_METRICS_TOKEN = env.text("AISPM_METRICS_TOKEN", "")

# A file that the worker touches every few seconds: for a container's liveness check, which should cost nothing.
AISPM_HEARTBEAT_PATH = env.text("AISPM_HEARTBEAT_PATH", "")

# How AWS is reached. Private endpoints are for simulators and gateways; empty means AWS itself.
AWS_ENDPOINT_URL = env.text("AWS_ENDPOINT_URL", "")

# Whether connections may lead to this machine itself (a local cluster, a kubectl proxy, a simulator). Those who run
# everything on their own machine mean it; on a server it leads to what only the server should reach.
AISPM_ALLOW_LOOPBACK = env.flag("AISPM_ALLOW_LOOPBACK", default=EMBEDDED_DATABASE)
