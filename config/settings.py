"""Settings, all from the environment. docker/.env.example lists every variable with a sentence."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.environment import (
    env,
    flag,
    mailbox,
    names,
    number,
    origin,
    rate,
    secret_key,
    static_root,
    text,
    time_zone,
    url,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(text("VAR_DIR", str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = flag("DEBUG")
DEMO = flag("DEMO")
HTTPS = flag("HTTPS")
# One machine makes its own; servers that share a database must share the key.
SECRET_KEY = secret_key(may_make=DEBUG or DEMO or not text("DATABASE_URL"), folder=VAR_DIR)
ALLOWED_HOSTS = names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = names("CSRF_TRUSTED_ORIGINS")
# What addresses in mails begin with.
BASE_URL = origin("BASE_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "crm",
    "search",
    "api",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "api.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
    # Plain text: what is escaped for HTML would be wrong in it.
    {
        "NAME": "text",
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"autoescape": False},
    },
]

# Servers: SQLite, tantivy and in-process work unless an address says otherwise.
DATABASE_URL = url("DATABASE_URL", "postgres", "postgresql", "sqlite") or f"sqlite:///{VAR_DIR / 'db.sqlite3'}"
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Opened for each request, it would be read anew, and its journal written back at each close.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000;"
        " PRAGMA recursive_triggers=ON;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    # Prepared is what crm/statements.py runs; other statements are sent with their values and cannot be.
    DATABASES["default"].setdefault("OPTIONS", {}).update(connect_timeout=3, prepare_threshold=0)

ELASTICSEARCH_URL = url("ELASTICSEARCH_URL", "http", "https")
ELASTICSEARCH_PREFIX = text("ELASTICSEARCH_PREFIX", "talent")
REDIS_URL = url("REDIS_URL", "redis", "rediss", "unix")

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # Throttles and locks live here: none may be pushed out by many others.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "api.throttles.TolerantRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 0.1, "SOCKET_TIMEOUT": 0.1},
    }
# Redis down or stalled: throttles let pass and it is logged; the CRM goes on.
DJANGO_REDIS_IGNORE_EXCEPTIONS = True
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}
# Where there is no Celery, config/timer.py runs the same.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-the-outbox": {"task": "search.tasks.sweep", "schedule": 2.0, "options": {"expires": 10}},
    "renew-after-the-vocabulary": {"task": "search.tasks.renew", "schedule": 15.0, "options": {"expires": 15}},
    "send-mails": {"task": "crm.tasks.send_mails", "schedule": 15.0, "options": {"expires": 15}},
    "queue-digests": {"task": "crm.tasks.queue_digests", "schedule": 300.0, "options": {"expires": 300}},
    "queue-alerts": {"task": "crm.tasks.queue_alerts", "schedule": 300.0, "options": {"expires": 300}},
    "announce-partners": {"task": "crm.tasks.announce_partners", "schedule": 30.0, "options": {"expires": 30}},
    "expire-introductions": {"task": "crm.tasks.expire_introductions", "schedule": timedelta(hours=1)},
    "remove-orphaned-reports": {"task": "crm.tasks.remove_orphaned_reports", "schedule": timedelta(days=1)},
    "remove-expired-sessions": {"task": "crm.tasks.remove_expired_sessions", "schedule": timedelta(days=1)},
    "remove-expired-tokens": {"task": "api.tasks.remove_expired_tokens", "schedule": timedelta(days=1)},
    "remove-older-indices": {"task": "search.tasks.remove_older_indices", "schedule": timedelta(days=1)},
}

# Language and time. TIME_ZONE is the university's: a date without a time ends with that day there.
LANGUAGE_CODE = "en"
TIME_ZONE = time_zone("TIME_ZONE", "UTC")
CELERY_TIMEZONE = TIME_ZONE
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = static_root(VAR_DIR / "static", secret=VAR_DIR)
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# People and passwords.
AUTH_USER_MODEL = "crm.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTHENTICATION_BACKENDS = ["api.accounts.ReachBackend"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "api.accounts.InvitedOnly"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/10m/key", "login": "60/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = number("TRUSTED_PROXY_COUNT", 0)

# Cookies and headers.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 12
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"

# Mail.
vars().update(env.email_url_config(text("EMAIL_URL", "consolemail://")))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = mailbox("MAIL_FROM", f"Talent pipeline <no-reply@{urlsplit(BASE_URL).hostname}>")

# REST.
MAX_JSON_BYTES = 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_JSON_BYTES
MAX_REPORT_BYTES = 10 * 2**20
PARTNER_DAILY_CANDIDATES = number("PARTNER_DAILY_CANDIDATES", 200, least=1)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.ByRule"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.LimitedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["api.filters.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.ListPagination",
    "DEFAULT_SCHEMA_CLASS": "api.schema.RuledSchema",
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.UserThrottle", "api.throttles.AnonymousThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": rate("THROTTLE_USER", "1200/min"),
        "anonymous": rate("THROTTLE_ANON", "60/min"),
        "link": rate("THROTTLE_LINK", "60/hour"),
    },
    "EXCEPTION_HANDLER": "api.errors.exception_handler",
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
KNOX_TOKEN_MODEL = "api.Token"
MIGRATION_MODULES = {"knox": None}  # Its one table is replaced by api.Token.
REST_KNOX = {
    "TOKEN_MODEL": "api.Token",
    "TOKEN_TTL": timedelta(days=90),
    "AUTO_REFRESH": False,
    "AUTH_HEADER_PREFIX": "Token",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Talent pipeline",
    "DESCRIPTION": "From a seminar conversation to a hire: students, consent, candidate search.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Without this the page asks a validator on another host.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        name: f"crm.models.{name}"
        for name in (
            "AlertRhythm",
            "AttendanceState",
            "CefrLevel",
            "ConsentScope",
            "ConsentState",
            "ContactKind",
            "Degree",
            "DisclosureKind",
            "EvaluationStage",
            "EvidenceKind",
            "FollowUpState",
            "HireState",
            "ImmersionKind",
            "ImmersionState",
            "IntroductionState",
            "LinkKind",
            "LinkPurpose",
            "MailState",
            "OutcomeKind",
            "PartnerState",
            "RecommendationState",
            "Role",
            "ShortlistStage",
            "TrainingKind",
            "WishKind",
        )
    },
}

# The domain.
STALE_AFTER_DAYS = number("STALE_AFTER_DAYS", 90, least=1)
ERASURE_LEDGER = Path(text("ERASURE_LEDGER", str(VAR_DIR / "erasures.ledger")))
INTRODUCTION_DAYS = number("INTRODUCTION_DAYS", 14, least=1)
INTRODUCTION_PAUSE_DAYS = number("INTRODUCTION_PAUSE_DAYS", 90)

LOGGING_CONFIG = "config.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "config.logs.Formatter", "format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Their lines carry addresses and queries.
    "loggers": {name: {"level": "WARNING"} for name in ("elastic_transport", "elasticsearch", "urllib3")},
}
