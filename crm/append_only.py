"""Database triggers that refuse to change or delete a disclosure; only redaction (the student link goes) passes.

Installed after every migrate, where missing: SQLite loses the triggers of a table that a migration rewrites.
"""

from django.db import connections

TABLE = "crm_disclosure"
COLUMNS = ("id", "public_id", "viewer_id", "partner_id", "kind", "at")
MESSAGE = "disclosures are append only"

POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION crm_disclosure_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.student_id IS NULL
            AND {" AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in COLUMNS)}
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE OR REPLACE TRIGGER crm_disclosure_guard BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION crm_disclosure_guard()
    """,
    f"""
    CREATE OR REPLACE TRIGGER crm_disclosure_no_truncate BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION crm_disclosure_guard()
    """,
)
# INSERT OR REPLACE deletes too, and calls the trigger for it with PRAGMA recursive_triggers alone: see settings.
SQLITE = (
    f"""
    CREATE TRIGGER IF NOT EXISTS crm_disclosure_no_delete BEFORE DELETE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
    """,
    f"""
    CREATE TRIGGER IF NOT EXISTS crm_disclosure_no_update BEFORE UPDATE ON {TABLE}
    WHEN NEW.student_id IS NOT NULL OR {" OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in COLUMNS)}
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
    """,
)
STATEMENTS = {"postgresql": POSTGRESQL, "sqlite": SQLITE}


def guard(database: str) -> None:
    connection = connections[database]
    with connection.cursor() as cursor:
        for statement in STATEMENTS[connection.vendor]:
            cursor.execute(statement)
