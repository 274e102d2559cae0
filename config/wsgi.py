import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()


def _begin() -> None:
    """Without Celery this process keeps the search index up to date and runs the schedule."""
    from django.conf import settings

    from config import timer
    from config.warming import warm_up
    from search import worker

    warm_up()
    if not settings.REDIS_URL:
        worker.start()
        timer.start()


_begin()
