"""Thin Celery wrappers."""

from celery import shared_task
from django.utils import timezone

from api.models import Token


@shared_task
def remove_expired_tokens() -> None:
    Token.objects.filter(expiry__lt=timezone.now()).delete()
