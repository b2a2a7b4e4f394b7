"""Every setting of the project. The environment is read here and nowhere else.

docs/configuration.md and .env.example name each variable; a test keeps the three in step.
"""

import tempfile
from datetime import timedelta
from pathlib import Path

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from . import databases, secrets
from .log_config import logging_config
from .redaction import secrets_of

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

# Where everything lives -------------------------------------------------------------------------

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASES = {"default": databases.database(DATABASE_URL, VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def embedded_socket() -> Path:
    """Return the embedded Valkey's socket: in VAR_DIR, or in a short temporary path where that is too long."""
    path = VAR_DIR / "valkey.sock"
    if len(str(path).encode()) <= databases.MAX_SOCKET_PATH:
        return path
    return Path(tempfile.gettempdir()) / f"enrichment-{databases.short_name(VAR_DIR)}" / "valkey.sock"


REDIS_URL = env.str("REDIS_URL", default="")
REDIS_KEY_PREFIX = env.str("REDIS_KEY_PREFIX", default="enrichment")
EMBEDDED_REDIS_SOCKET = None if REDIS_URL else embedded_socket()
_redis = databases.redis(REDIS_URL or f"unix://{EMBEDDED_REDIS_SOCKET}")

# Secrets ----------------------------------------------------------------------------------------


def _secret(name: str, generate: secrets.Generate) -> str:
    value = env.str(name, default="")
    if value:
        return value
    if DATABASE_URL:
        raise ImproperlyConfigured(
            f"{name} is not set. With DATABASE_URL set, secrets are never made up: set {name} in the environment "
            "or in .env (docs/configuration.md shows how to make one)."
        )
    return secrets.read_or_create(VAR_DIR / "secrets" / name.lower().replace("_", "-"), generate)


SECRET_KEY = _secret("SECRET_KEY", secrets.random_token)
FIELD_ENCRYPTION_KEYS = [
    key.strip()
    for key in _secret("FIELD_ENCRYPTION_KEYS", lambda: Fernet.generate_key().decode()).split(",")
    if key.strip()
]
BLIND_INDEX_KEY = _secret("BLIND_INDEX_KEY", secrets.random_token)

# Web --------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=False)
PORT = env.int("PORT", default=8000)
BIND = env.str("BIND", default="127.0.0.1")
WEB_WORKERS = env.int("WEB_WORKERS", default=1)
WEB_THREADS = env.int("WEB_THREADS", default=8)
WORKER_PROCESSES = env.int("WORKER_PROCESSES", default=2)

ROOT_URLCONF = "enrichment_project.urls"
WSGI_APPLICATION = "enrichment_project.wsgi.application"
INSTALLED_APPS = [
    "enrichment_project.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "anymail",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_htmx",
    "core",
    "crm",
    "outreach",
    "enrichment",
]
MIDDLEWARE = [
    "core.browser_headers.BrowserHeaders",
    "core.csp.ContentSecurityPolicy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.paths.StripApiSlash",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "core.viewer.SlidingSession",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "core.audit.middleware.Acting",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.viewer.ViewerZone",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
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
        },
    },
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # the packages' files are served as installed: nothing to collect
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no page elsewhere has a use for them
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600  # without doing anything (core/viewer.py)
PASSWORD_RESET_TIMEOUT = 4 * 3600

# Who fails so often to sign in under one name from one address is locked out for a while (django-axes).
AXES_FAILURE_LIMIT = env.int("SIGN_IN_MAX_FAILURES", default=10)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("SIGN_IN_LOCK_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
AXES_LOCK_OUT_AT_FAILURE = AXES_FAILURE_LIMIT > 0
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says when it ends
AXES_USERNAME_CALLABLE = "core.sign_in.name_to_count"
AXES_LOCKOUT_CALLABLE = "core.sign_in.as_answered"
# What is masked in the record of a failed attempt, which keeps the form that was posted.
AXES_SENSITIVE_PARAMETERS = [
    *("username", "ip_address", "code", "csrfmiddlewaretoken", "next"),
    *("old_password", "new_password1", "new_password2"),
]
SIGN_IN_LOG_DAYS = env.int("SIGN_IN_LOG_DAYS", default=180)  # who signed in and who failed to (core/account/audit.py)
AUDIT_DAYS = env.int("AUDIT_DAYS", default=1095)  # how long the audit trail is kept (core/audit/); 0: for ever
OTP_TOTP_ISSUER = "Contact enrichment"
CSRF_FAILURE_VIEW = "core.csrf.failed"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
APPEND_SLASH = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked in clear, from inside
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS_ONLY else None
SECURE_REFERRER_POLICY = "same-origin"
# Django 6.0's setting; until then core/csp.py reads it. Pico's icons are data: images.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "worker-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
X_FRAME_OPTIONS = "DENY"

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ALLOWED_NETWORKS = env.list("METRICS_ALLOWED_NETWORKS", default=["127.0.0.0/8", "::1/128"])

# API --------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api_tokens.ApiTokenAuthentication",
        "core.refresh_tokens.JwtAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.IsAdmin"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.rates.ApiRate"],
    "DEFAULT_RENDERER_CLASSES": [
        "core.api.renderers.OrjsonRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.OrjsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.errors.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=60)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=7)),
    "UPDATE_LAST_LOGIN": True,
    "CHECK_REVOKE_TOKEN": True,  # a new password ends the tokens of the old one
}
TOKEN_ATTEMPTS_RATE = env.str("TOKEN_ATTEMPTS_RATE", default="10/m")  # per client address and user name
API_RATE = env.str("API_RATE", default="600/m")  # requests to /api/ of one token or user; empty: as many as they like
SPECTACULAR_SETTINGS = {
    "TITLE": "Contact enrichment",
    "DESCRIPTION": "Find a brand's decision-makers and their work addresses, with the evidence for each claim.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ChannelEnum": "outreach.models.Channel.values",
        "EnrolmentStateEnum": "outreach.api.serializers.ENROLMENT_STATES",
        "MessageStateEnum": "outreach.api.serializers.MESSAGE_STATES",
        "TaskStateEnum": "outreach.api.serializers.TASK_STATES",
        "ExperimentStateEnum": "outreach.api.serializers.EXPERIMENT_STATES",
        "SourceEnum": "enrichment.models.ContactSource.choices",
        "EventSourceEnum": "outreach.api.serializers.EVENT_SOURCES",
        "SuppressionReasonEnum": "crm.api.serializers.SUPPRESSION_REASONS",
        "LawfulBasisEnum": "crm.models.LawfulBasis.values",
    },
}

# Queue, cache, schedule -------------------------------------------------------------------------

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _redis.cache,
        "KEY_PREFIX": REDIS_KEY_PREFIX,
        # A server that hangs must not hold a web thread.
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
}
# django-ratelimit does not know Django's own RedisCache; its increments are atomic (tests/test_limits).
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"]
RATELIMIT_VIEW = None

# A task longer than this is stopped by Celery; the job's lease and the sweep take it from there.
JOB_TIME_LIMIT_SECONDS = env.int("ENRICHMENT_JOB_TIME_LIMIT_SECONDS", default=300)
CELERY_BROKER_URL = _redis.broker
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, or a running task is delivered a second time.
    "visibility_timeout": JOB_TIME_LIMIT_SECONDS + 60,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "global_keyprefix": f"{REDIS_KEY_PREFIX}-",
}
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = JOB_TIME_LIMIT_SECONDS + 30
CELERY_TASK_SOFT_TIME_LIMIT = JOB_TIME_LIMIT_SECONDS
CELERY_TASK_DEFAULT_QUEUE = "enrichment"
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "wake missed and orphaned jobs": {"task": "enrichment.tasks.sweep_jobs", "schedule": 10.0},
    "send what is due": {"task": "outreach.tasks.send_due", "schedule": 60.0, "options": {"expires": 60}},
    "read what came back": {"task": "outreach.tasks.poll_mailbox", "schedule": 120.0, "options": {"expires": 120}},
    "tell people what is held": {
        "task": "outreach.tasks.send_notices",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "settle what is over": {"task": "outreach.tasks.settle", "schedule": 3600.0, "options": {"expires": 3600}},
    "stop what is planned for the suppressed": {"task": "outreach.tasks.stop_suppressed", "schedule": 300.0},
    # Hourly, so that a machine that is off at night purges too.
    "purge what may not be kept": {"task": "enrichment.tasks.purge", "schedule": 3600.0},
    "seal the audit trail": {
        "task": "core.tasks.seal_audit_trail",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "keep the audit trail": {"task": "core.tasks.keep_audit_trail", "schedule": 3600.0},
    "forget old sign-ins": {"task": "core.tasks.forget_sign_ins", "schedule": 3600.0},
    # One that waited behind long jobs until the next is due would only double it.
    "ask patient mail servers again": {
        "task": "enrichment.tasks.verify_due",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "verify addresses in use anew": {
        "task": "enrichment.tasks.reverify",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}

# Enrichment -------------------------------------------------------------------------------------

ENRICHMENT_SOURCES = env.list("ENRICHMENT_SOURCES", default=[])  # empty: the default set (discovery/registry.py)
ENRICHMENT_RESTRICTED_REGIONS = env.list("ENRICHMENT_RESTRICTED_REGIONS", default=[])
ENRICHMENT_USER_AGENT = env.str(
    "ENRICHMENT_USER_AGENT", default="ContactEnrichment/0.1 (self-hosted; set ENRICHMENT_USER_AGENT)"
)
ENRICHMENT_JOB_LEASE_SECONDS = env.int("ENRICHMENT_JOB_LEASE_SECONDS", default=60)
ENRICHMENT_RETRY_DELAYS = [5, 15]  # seconds before attempts 2 and 3 (spec, Retry Logic)
ENRICHMENT_STORED_ADDRESSES = env.int("ENRICHMENT_STORED_ADDRESSES", default=3)

ENRICHMENT_RETENTION_DAYS = env.int("ENRICHMENT_RETENTION_DAYS", default=30)
ENRICHMENT_JOBS_KEPT_DAYS = env.int("ENRICHMENT_JOBS_KEPT_DAYS", default=365)  # jobs that have ended
OUTREACH_KEPT_DAYS = env.int("OUTREACH_KEPT_DAYS", default=730)  # texts of messages and answers, finished outreach
ENRICHMENT_REVERIFY_DAYS = env.int("ENRICHMENT_REVERIFY_DAYS", default=30)  # age at which addresses in use are checked

# Outside services by the names of their sources. No key: not asked; no address: the service's own.
ENRICHMENT_SERVICES = {
    "searxng": {"base_url": env.str("SEARXNG_BASE_URL", default="")},
    "brave": {"api_key": env.str("BRAVE_API_KEY", default=""), "base_url": env.str("BRAVE_BASE_URL", default="")},
    "serpapi": {
        "api_key": env.str("SERPAPI_API_KEY", default=""),
        "base_url": env.str("SERPAPI_BASE_URL", default=""),
    },
    "google_pse": {
        "api_key": env.str("GOOGLE_PSE_API_KEY", default=""),
        "base_url": env.str("GOOGLE_PSE_BASE_URL", default=""),
        "engine": env.str("GOOGLE_PSE_ENGINE_ID", default=""),
    },
    "linkedin": {
        "api_key": env.str("LINKEDIN_API_KEY", default=""),
        "base_url": env.str("LINKEDIN_BASE_URL", default=""),
    },
    "companies_house": {
        "api_key": env.str("COMPANIES_HOUSE_API_KEY", default=""),
        "base_url": env.str("COMPANIES_HOUSE_BASE_URL", default=""),
    },
    "wikidata": {"base_url": env.str("WIKIDATA_BASE_URL", default="")},
    "sec_edgar": {"base_url": env.str("SEC_EDGAR_BASE_URL", default="")},
    "brreg": {"base_url": env.str("BRREG_BASE_URL", default="")},
    "recherche_entreprises": {"base_url": env.str("RECHERCHE_ENTREPRISES_BASE_URL", default="")},
    "ares": {"base_url": env.str("ARES_BASE_URL", default="")},
    "rpo": {"base_url": env.str("RPO_BASE_URL", default="")},
}

# Providers of addresses, in the order in which they are asked; empty: those with a key or address, but not Clearbit
ENRICHMENT_PROVIDERS = env.list("ENRICHMENT_PROVIDERS", default=[])
# Requests in a calendar month: a number for each provider, or hunter=500,snov=100
ENRICHMENT_PROVIDER_BUDGET = env.list("ENRICHMENT_PROVIDER_BUDGET", default=["1000"])
ENRICHMENT_PROVIDER_ACCESS = {
    "hunter": {"api_key": env.str("HUNTER_API_KEY", default=""), "base_url": env.str("HUNTER_BASE_URL", default="")},
    "snov": {
        "client_id": env.str("SNOV_CLIENT_ID", default=""),
        "client_secret": env.str("SNOV_CLIENT_SECRET", default=""),
        "base_url": env.str("SNOV_BASE_URL", default=""),
    },
    "reacher": {
        "api_key": env.str("REACHER_API_KEY", default=""),
        "base_url": env.str("REACHER_BASE_URL", default=""),
    },
    "clearbit": {
        "api_key": env.str("CLEARBIT_API_KEY", default=""),
        "base_url": env.str("CLEARBIT_BASE_URL", default=""),
    },
}

# In any 24 hours, for each user or brand (enrichment/limits.py); PARALLEL_JOBS at any moment
ENRICHMENT_LIMIT_DISCOVERIES = env.int("ENRICHMENT_LIMIT_DISCOVERIES", default=100)
ENRICHMENT_LIMIT_EMAILS = env.int("ENRICHMENT_LIMIT_EMAILS", default=500)
ENRICHMENT_LIMIT_PARALLEL_JOBS = env.int("ENRICHMENT_LIMIT_PARALLEL_JOBS", default=10)
ENRICHMENT_LIMIT_BRAND_JOBS = env.int("ENRICHMENT_LIMIT_BRAND_JOBS", default=50)

# When messages go (outreach/hours.py): hours on the recipient's clock, and the zone where none is known
OUTREACH_WINDOW = env.str("OUTREACH_WINDOW", default="09:00-17:00")
OUTREACH_DEFAULT_ZONE = env.str("OUTREACH_DEFAULT_ZONE", default="UTC")

# Whether messages go, and how: by a mail server (EMAIL_URL) or by a mail service (django-anymail)
OUTREACH_SEND_ENABLED = env.bool("OUTREACH_SEND_ENABLED", default=False)  # off: they stay in the outbox
OUTREACH_FROM = env.str("OUTREACH_FROM", default="")  # Ada Sender <ada@acme.example>: the first mailbox
OUTREACH_PUBLIC_URL = env.str("OUTREACH_PUBLIC_URL", default="").rstrip("/")  # where recipients reach this server
OUTREACH_MIN_PROBABILITY = env.float("OUTREACH_MIN_PROBABILITY", default=0.8)  # below it a person has to decide
OUTREACH_TASK_DAYS = env.int("OUTREACH_TASK_DAYS", default=5)  # business days in which a person may do a step
OUTREACH_IMAP_URL = env.str("OUTREACH_IMAP_URL", default="")  # imaps://user:password@host/INBOX
EMAIL_URL = env.str("EMAIL_URL", default="")
EMAIL_TIMEOUT = 30
# From whom mails about accounts come, such as a new password; without it there are none.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("ACCOUNTS_FROM", default=OUTREACH_FROM)
ANYMAIL_ESP = env.str("ANYMAIL_ESP", default="")  # such as mailgun, postmark, brevo
ANYMAIL = env.json("ANYMAIL_SETTINGS", default={})
if _webhook_secret := env.str("ANYMAIL_WEBHOOK_SECRET", default=""):
    ANYMAIL["WEBHOOK_SECRET"] = _webhook_secret
ANYMAIL_WEBHOOKS = "WEBHOOK_SECRET" in ANYMAIL  # without a secret anybody could report bounces
if ANYMAIL_ESP:
    EMAIL_BACKEND = f"anymail.backends.{ANYMAIL_ESP}.EmailBackend"
else:
    try:
        vars().update(environ.Env.email_url_config(EMAIL_URL or "dummymail://"))
    except ValueError as error:  # without the address, which may hold a password
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read: write it like smtp+tls://user:password@mail.acme.example:587, with special "
            "characters of the password percent-encoded."
        ) from error

# Who answers for the data, as notices and the register of processing name them (GDPR art. 13, 14 and 30)
CONTROLLER_NAME = env.str("CONTROLLER_NAME", default="")  # the company's full legal name
CONTROLLER_ADDRESS = env.str("CONTROLLER_ADDRESS", default="")
CONTROLLER_EMAIL = env.str("CONTROLLER_EMAIL", default="")  # where people reach you about their data
CONTROLLER_DPO = env.str("CONTROLLER_DPO", default="")  # the data protection officer: name and how to reach them
CONTROLLER_REPRESENTATIVE = env.str("CONTROLLER_REPRESENTATIVE", default="")  # in the EU, for one outside of it
SUPERVISORY_AUTHORITY = env.str("SUPERVISORY_AUTHORITY", default="")  # where people may complain

# Outward traffic: core/http.py and core/dns.py
ENRICHMENT_DNS_SERVERS = env.list("ENRICHMENT_DNS_SERVERS", default=[])
ENRICHMENT_SMTP_PORT = env.int("ENRICHMENT_SMTP_PORT", default=25)
ENRICHMENT_SMTP_PROBE = env.bool("ENRICHMENT_SMTP_PROBE", default=False)
ENRICHMENT_SMTP_HELO = env.str("ENRICHMENT_SMTP_HELO", default="")  # empty: this machine's full name
ENRICHMENT_SMTP_FROM = env.str("ENRICHMENT_SMTP_FROM", default="")  # empty: verify@ that name
ENRICHMENT_SMTP_TIMEOUT_SECONDS = env.float("ENRICHMENT_SMTP_TIMEOUT_SECONDS", default=35.0)  # for one reply
ENRICHMENT_SMTP_RATE = env.float("ENRICHMENT_SMTP_RATE", default=5.0)  # recipients a second, for each operator
ENRICHMENT_ALLOWED_PRIVATE_HOSTS = env.list("ENRICHMENT_ALLOWED_PRIVATE_HOSTS", default=[])
ENRICHMENT_HTTP_HOSTS_OVERRIDE = env.list("ENRICHMENT_HTTP_HOSTS_OVERRIDE", default=[])
ENRICHMENT_HTTP_TIMEOUT_SECONDS = env.float("ENRICHMENT_HTTP_TIMEOUT_SECONDS", default=15.0)
ENRICHMENT_HTTP_MAX_BYTES = env.int("ENRICHMENT_HTTP_MAX_BYTES", default=5_000_000)
ENRICHMENT_HTTP_HOST_DELAY_SECONDS = env.float("ENRICHMENT_HTTP_HOST_DELAY_SECONDS", default=0.2)
ENRICHMENT_CRAWL_MAX_PAGES = env.int("ENRICHMENT_CRAWL_MAX_PAGES", default=15)
ENRICHMENT_CRAWL_MAX_SECONDS = env.float("ENRICHMENT_CRAWL_MAX_SECONDS", default=45.0)

# Logging ----------------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="console")  # console or json
LOGGING = logging_config(LOG_LEVEL, LOG_FORMAT, secrets_of(vars()))
