"""A random university, made with bulk statements: consents, blocks, memberships and supervisions of every kind and date."""

import random
from datetime import date, timedelta

from django.utils import timezone

from crm.models import (
    Block,
    Consent,
    Evidence,
    LabHeadship,
    LabMembership,
    Partner,
    PartnerState,
    ProfessorMembership,
    SkillClaim,
    Student,
    Supervision,
    User,
)
from search import outbox
from tests import cast

SCOPES = (
    ("profile",),
    ("profile", "evaluations"),
    ("contact",),
    ("profile", "contact"),
    ("profile", "evaluations", "contact"),
)
GIVEN = ("Anna", "Boris", "Clara", "Daniil", "Éloïse", "Фёдор")
FAMILY = ("Birch", "Moss", "Reed", "Стрелкова", "O'Vale", "Fern-Ash")
SKILLS = ("crispr", "python", "pcr")


class RandomWorld:
    """`searchers` may search candidates, `others` may not; all by name."""

    def __init__(self, seed: int, size: int = 100) -> None:
        self.random = random.Random(seed)
        self.today = timezone.localdate()
        self.labs = [cast.lab(f"Lab {place}") for place in range(4)]
        self.partners = [cast.partner(slug) for slug in ("veresk", "quillwave", "tarn")]
        self.professors = [cast.professor(name=f"Professor{place} Lesnoy") for place in range(4)]
        self._staff_labs()
        self.searchers = self._searchers()
        self.others = self._others()
        self.students = Student.objects.bulk_create(self._student(place) for place in range(size))
        for student in self.students:
            self._people_around(student)
            self._consents(student)
        self._claims()
        outbox.record(sorted(student.pk for student in self.students))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def days(self, *offsets: int) -> date:
        return self.today + timedelta(days=self.random.choice(offsets))

    def period(self) -> dict[str, date | None]:
        """Past, present or future, and those that begin or end today, yesterday or tomorrow."""
        starts = self.days(-900, -1, 0, 1, 60) if self.chance(0.7) else None
        ends = (starts or self.today) + timedelta(days=self.random.choice((0, 1, 400))) if self.chance(0.5) else None
        if starts is None and ends and self.chance(0.5):
            ends = self.days(-30, -1, 0)
        return {"starts": starts, "ends": ends}

    def _staff_labs(self) -> None:
        """One heads, one belongs, one did and will, one has no lab."""
        heads, belongs, others, _ = (user.professor for user in self.professors)
        first, second, third, fourth = self.labs
        LabHeadship.objects.create(lab=first, professor=heads)
        ProfessorMembership.objects.create(lab=second, professor=belongs, starts=self.today)
        LabHeadship.objects.create(lab=second, professor=others, ends=self.today - timedelta(days=1))
        ProfessorMembership.objects.create(lab=third, professor=others, starts=self.today + timedelta(days=1))
        ProfessorMembership.objects.create(lab=fourth, professor=others, ends=self.today)

    def _searchers(self) -> dict[str, User]:
        return {
            "admin": cast.admin(),
            "office": cast.office(),
            **{f"professor {place}": user for place, user in enumerate(self.professors)},
            **{
                f"partner {partner.slug}": cast.representative(partner, f"Hanna{partner.pk} Brook")
                for partner in self.partners
            },
        }

    def _others(self) -> dict[str, User | None]:
        """Accounts that see nothing, or only themselves."""
        prospect = Partner.objects.create(slug="prospect", name="Prospect", state=PartnerState.PROSPECT)
        ended = cast.representative(self.partners[0], "Ernst Gone", ends=self.today - timedelta(days=1))
        future = cast.representative(self.partners[0], "Fay Soon", starts=self.today + timedelta(days=1))
        dismissed = cast.representative(self.partners[0], "Dora Out")
        User.objects.filter(pk=dismissed.pk).update(is_active=False)
        return {
            "nobody": None,
            "student": cast.student_account(cast.student("Self Only")),
            "prospect": cast.representative(prospect, "Petra Hope"),
            "left": ended,
            "to come": future,
            "deactivated": User.objects.get(pk=dismissed.pk),
        }

    def _student(self, place: int) -> Student:
        return Student(
            number=f"R-{place:05}",
            given_name=self.random.choice(GIVEN),
            family_name=self.random.choice(FAMILY),
            placed=self.chance(0.1),
            graduation_date=self.days(-400, 0, 400) if self.chance(0.8) else None,
            thesis_title="Editing genomes" if self.chance(0.5) else "Catalysts for hydrogen",
        )

    def _people_around(self, student: Student) -> None:
        LabMembership.objects.bulk_create(
            LabMembership(student=student, lab=lab, **self.period()) for lab in self.labs if self.chance(0.3)
        )
        Supervision.objects.bulk_create(
            Supervision(student=student, professor=user.professor, **self.period())
            for user in self.professors
            if self.chance(0.15)
        )

    def _consents(self, student: Student) -> None:
        Consent.objects.bulk_create(self.consent(student) for _ in range(self.random.choice((0, 0, 1, 1, 2, 3))))
        Block.objects.bulk_create(
            Block(student=student, partner=partner) for partner in self.partners if self.chance(0.12)
        )

    def consent(self, student: Student) -> Consent:
        ends = self.random.choice((None, None, -86_400, -1, 1_800, 3_600, 86_400))
        return Consent(
            student=student,
            partner=self.random.choice((None, None, *self.partners)),
            stored_state="withdrawn" if self.chance(0.2) else "active",
            expires=None if ends is None else timezone.now() + timedelta(seconds=ends),
            source="signed form",
            **dict.fromkeys(self.random.choice(SCOPES), True),
        )

    def _claims(self) -> None:
        skills = [cast.skill(slug) for slug in SKILLS]
        claims = SkillClaim.objects.bulk_create(
            SkillClaim(student=student, skill=skill, level=self.random.randint(1, 5))
            for student in self.students
            for skill in skills
            if self.chance(0.5)
        )
        Evidence.objects.bulk_create(
            Evidence(claim=claim, kind="defence", title="Thesis", shared=self.chance(0.5))
            for claim in claims
            if self.chance(0.4)
        )
