"""The students into the database by COPY."""

import time

from django.core.management import call_command
from django.db import connection
from tqdm import tqdm

from tests.bench.people import People
from tests.bench.world import World, make_world

BATCH = 2_000
COLUMNS = {
    "student": "id public_id number given_name family_name native_name email phone programme_id degree graduation_date"
    " thesis_title thesis_abstract headline summary projects home_city_id willing_to_travel available_from placed"
    " do_not_contact created_at updated_at",
    "student_work_cities": "student_id city_id",
    "labmembership": "student_id lab_id starts ends",
    "supervision": "student_id professor_id starts ends",
    "skillclaim": "id public_id student_id skill_id level",
    "evidence": "public_id claim_id kind title date shared",
    "publication": "public_id student_id title year url",
    "studentlanguage": "student_id code level",
    "consent": "public_id student_id partner_id profile evaluations contact state expires source granted_at",
    "block": "public_id student_id partner_id created_at",
}
"""Table of crm -> the columns that tests/bench/people.py fills, parents before children."""


def load(students: int) -> float:
    """Tables, reference data, students, an outbox row for each. Returns the seconds that the students took."""
    call_command("migrate", verbosity=0)
    world = make_world()
    begin = time.perf_counter()
    _copy_all(world, students)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_outboxrow (student_id, version, narrows_everyone, narrows_partners, narrows_professors)"
            " SELECT id, 1, false, false, false FROM crm_student"
        )
    seconds = time.perf_counter() - begin
    analyse()
    return seconds


def analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _copy_all(world: World, students: int) -> None:
    bar = tqdm(total=students, unit=" students", desc="PostgreSQL", mininterval=1)
    for rows in People(world).batches(students, BATCH):
        with connection.cursor() as cursor:
            for table, columns in COLUMNS.items():
                names = ", ".join(columns.split())
                with cursor.cursor.copy(f"COPY crm_{table} ({names}) FROM STDIN") as copy:
                    for row in rows.get(table, ()):
                        copy.write_row(row)
        bar.update(len(rows["student"]))
    bar.close()
    with connection.cursor() as cursor:
        for table in ("student", "skillclaim"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('crm_{table}', 'id'), max(id)) FROM crm_{table}")
