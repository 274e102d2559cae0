"""`reindex --verify` finds every kind of difference between database and index, and says so to programs."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command

from crm.models import Student
from search import outbox, reindexing
