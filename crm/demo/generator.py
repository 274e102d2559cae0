"""Puts the demo world together."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from crm.demo.contents import Contents, contents
from crm.demo.names import mailbox
from crm.demo.students import StudentFactory
from crm.demo.world import (
    DemoLab,
    DemoPartner,
    DemoProfessor,
    DemoProgramme,
    DemoRepresentative,
    DemoStudent,
    DemoUser,
    DemoWorld,
)
from crm.reference_data import CityEntry, load_cities

SEED = 2024
STUDENTS = 600
UNIVERSITY = "Zarechensk University of Science and Technology"
_LINKS = {"professor": "professor", "partner": "representative", "student": "student"}
"""Role -> the field that says whom the account stands for."""


def build_world(*, today: date, seed: int = SEED) -> DemoWorld:
    """The same world for the same day and seed. All dates lie around `today`."""
    tables = contents()
    professors = tuple(_professor(row, today) for row in tables.professors)
    cities = tuple(_cities(tables))
    factory = StudentFactory(
        contents=tables, professors=professors, cities=[city.slug for city in cities], today=today, seed=seed
    )
    students = tuple(factory.make(STUDENTS))
    return DemoWorld(
        university=UNIVERSITY,
        programmes=tuple(
            DemoProgramme(slug, row["name"], tuple(row["aliases"])) for slug, row in tables.programmes.items()
        ),
        cities=cities,
        professors=professors,
        labs=tuple(_labs(tables, professors)),
        partners=tuple(DemoPartner(slug, row["name"], row["state"]) for slug, row in tables.partners.items()),
        representatives=tuple(_representatives(tables.partners, today)),
        students=students,
        users=tuple(_user(row, students[0]) for row in tables.users),
    )


def _professor(row: Mapping[str, Any], today: date) -> DemoProfessor:
    return DemoProfessor(
        key=row["key"],
        given_name=row["given"],
        family_name=row["family"],
        native_name=row["native"],
        email=f"{mailbox(row['given'], row['family'])}@staff.example.edu",
        lab=row["lab"],
        since=date(today.year - row["years"], 1, 15),
    )


def _cities(tables: Contents) -> Iterator[CityEntry]:
    """Those in which the demo's people live."""
    used = {slug for group in tables.names for slug in group.home}
    return (city for city in load_cities() if city.slug in used)


def _labs(tables: Contents, professors: Sequence[DemoProfessor]) -> Iterator[DemoLab]:
    for lab in tables.labs:
        yield DemoLab(
            slug=lab.slug,
            name=lab.name,
            description=lab.description,
            head=next(one.key for one in professors if one.lab == lab.slug),
            collaborators=tuple(lab.collaborators),
            skills=(*lab.skills, *lab.side_skills),
            topics=tuple(lab.parts["en"].subjects),
        )


def _representatives(partners: Mapping[str, Mapping[str, Any]], today: date) -> Iterator[DemoRepresentative]:
    for slug, partner in partners.items():
        for row in partner["people"]:
            yield DemoRepresentative(
                key=row["key"],
                partner=slug,
                given_name=row["given"],
                family_name=row["family"],
                email=f"{mailbox(row['given'], row['family'])}@{slug}.example",
                position=row["position"],
                starts=date(today.year - row["since"], 1, 1),
                ends=date(today.year - row["until"], 12, 31) if "until" in row else None,
            )


def _user(row: Mapping[str, Any], first: DemoStudent) -> DemoUser:
    key = first.number if row["stands_for"] == "first" else row["stands_for"]
    link = {_LINKS[row["role"]]: key} if key else {}
    return DemoUser(
        email=row["email"],
        role=row["role"],
        name=row["name"] or f"{first.given_name} {first.family_name}",
        **link,
    )
