import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()


def _drain_here() -> None:
    """Without Celery this process keeps the search index up to date."""
    from django.conf import settings

    from search import worker

    if not settings.REDIS_URL:
        worker.start()


_drain_here()
