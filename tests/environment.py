"""Loaded before Django: what a bare `python -m pytest` needs of the environment."""

import os
import secrets
import tempfile

os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="talent-tests-"))
