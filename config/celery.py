"""The Celery application: one queue, tasks that carry ids only, an outbox sweep every few seconds."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("talent")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
