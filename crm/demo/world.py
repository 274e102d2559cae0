"""What the demo world is made of.

Records name each other by slug, key or number. Dates are inclusive; an absent end is open.
"""

from dataclasses import dataclass
from datetime import date

from crm.reference_data import CityEntry


@dataclass(frozen=True, slots=True)
class DemoProgramme:
    slug: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoProfessor:
    key: str
    given_name: str
    family_name: str
    native_name: str
    email: str
    lab: str
    since: date
    """Since when a member of the lab, and its head where the lab says so."""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class DemoLab:
    slug: str
    name: str
    description: str
    head: str
    """Key of the professor who heads it."""
    collaborators: tuple[str, ...]
    skills: tuple[str, ...]
    """Typical skills, the most typical first."""
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoPartner:
    slug: str
    name: str
    state: str
    """`active` or `prospect`."""


@dataclass(frozen=True, slots=True)
class DemoRepresentative:
    key: str
    partner: str
    given_name: str
    family_name: str
    email: str
    position: str
    starts: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class DemoMembership:
    lab: str
    starts: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class DemoSupervision:
    professor: str
    starts: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class DemoEvidence:
    kind: str
    """`defence`, `evaluation`, `recommendation` or `publication`."""
    title: str
    date: date
    shared: bool


@dataclass(frozen=True, slots=True)
class DemoClaim:
    skill: str
    level: int
    evidence: tuple[DemoEvidence, ...]


@dataclass(frozen=True, slots=True)
class DemoLanguage:
    code: str
    """ISO 639."""
    level: str
    """CEFR; a native speaker counts as C2."""


@dataclass(frozen=True, slots=True)
class DemoPublication:
    title: str
    year: int
    url: str


@dataclass(frozen=True, slots=True)
class DemoLink:
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class DemoConsent:
    partner: str | None
    """None for all partners."""
    scopes: tuple[str, ...]
    granted: date
    expires: date | None
    """The last day on which it holds; may lie in the past."""
    withdrawn: date | None
    source: str

    def is_active(self, today: date) -> bool:
        return self.withdrawn is None and (self.expires is None or self.expires >= today)


@dataclass(frozen=True, slots=True)
class DemoStudent:
    number: str
    given_name: str
    family_name: str
    native_name: str
    """Family name first; empty where the Latin name is the native one."""
    email: str
    phone: str
    programme: str
    degree: str
    graduation_date: date
    thesis_title: str
    thesis_abstract: str
    headline: str
    summary: str
    projects: tuple[str, ...]
    home_city: str
    work_cities: tuple[str, ...]
    willing_to_travel: bool | None
    available_from: date | None
    placed: bool
    memberships: tuple[DemoMembership, ...]
    supervisions: tuple[DemoSupervision, ...]
    claims: tuple[DemoClaim, ...]
    languages: tuple[DemoLanguage, ...]
    publications: tuple[DemoPublication, ...]
    links: tuple[DemoLink, ...]
    consents: tuple[DemoConsent, ...]
    blocks: tuple[str, ...]
    """Slugs of the partners blocked."""


@dataclass(frozen=True, slots=True)
class DemoUser:
    email: str
    role: str
    """`admin`, `office`, `professor`, `partner` or `student`."""
    name: str
    professor: str | None = None
    representative: str | None = None
    student: str | None = None


@dataclass(frozen=True, slots=True)
class DemoWorld:
    university: str
    programmes: tuple[DemoProgramme, ...]
    cities: tuple[CityEntry, ...]
    professors: tuple[DemoProfessor, ...]
    labs: tuple[DemoLab, ...]
    partners: tuple[DemoPartner, ...]
    representatives: tuple[DemoRepresentative, ...]
    students: tuple[DemoStudent, ...]
    users: tuple[DemoUser, ...]
