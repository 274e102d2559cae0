"""A database trigger refuses to change or delete a disclosure; only redaction (the student link goes) passes."""

from django.db import migrations

COLUMNS = ("id", "public_id", "viewer_id", "partner_id", "kind", "at")
MESSAGE = "disclosures are append only"

POSTGRES = [
    f"""
    CREATE FUNCTION crm_disclosure_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.student_id IS NULL
            AND {" AND ".join(f"NEW.{c} IS NOT DISTINCT FROM OLD.{c}" for c in COLUMNS)}
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER crm_disclosure_guard BEFORE UPDATE OR DELETE ON crm_disclosure
    FOR EACH ROW EXECUTE FUNCTION crm_disclosure_guard()
    """,
]
POSTGRES_BACK = ["DROP TRIGGER crm_disclosure_guard ON crm_disclosure", "DROP FUNCTION crm_disclosure_guard()"]

SQLITE = [
    f"CREATE TRIGGER crm_disclosure_no_delete BEFORE DELETE ON crm_disclosure BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    f"""
    CREATE TRIGGER crm_disclosure_no_update BEFORE UPDATE ON crm_disclosure
    WHEN NEW.student_id IS NOT NULL OR {" OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in COLUMNS)}
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
    """,
]
SQLITE_BACK = ["DROP TRIGGER crm_disclosure_no_delete", "DROP TRIGGER crm_disclosure_no_update"]


def run(postgres, sqlite):
    def statements(apps, schema_editor):
        for statement in postgres if schema_editor.connection.vendor == "postgresql" else sqlite:
            # Without parameters: a literal per cent sign needs no escape.
            schema_editor.execute(statement, params=None)

    return statements


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]
    operations = [migrations.RunPython(run(POSTGRES, SQLITE), run(POSTGRES_BACK, SQLITE_BACK))]
