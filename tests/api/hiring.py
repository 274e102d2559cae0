"""Offers and their moves over REST."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from crm.models import Hire

Client = Callable[[str], APIClient]
HIRES = "/api/v1/hires/"
TODAY = timezone.localdate()
CANDIDATE = {"id": None, "name": "a candidate"}
CANARY = "canary band 77"


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


def offer(client: APIClient, **body: Any) -> Any:
    return client.post(HIRES, {"student": "S-1", "partner": "biofirm", "position": "Analyst", **body})


def move(client: APIClient, hire: Hire, to: str, **body: Any) -> Any:
    return client.post(f"{HIRES}{hire.public_id}/moves/", {"to": to, **body})


def fields_of(response: Any) -> list[str]:
    return list(response.json()["error"]["fields"])
