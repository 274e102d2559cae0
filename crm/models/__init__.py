from crm.access import Role
from crm.models.base import Period
from crm.models.consents import Block, Consent, ConsentScope, ConsentState
from crm.models.disclosures import Disclosure, DisclosureKind
from crm.models.history import StageChange
from crm.models.labs import Lab, LabHeadship, LabMembership, ProfessorMembership, Programme, Supervision
from crm.models.partners import Partner, PartnerState, Representative
from crm.models.places import City
from crm.models.professors import Professor
from crm.models.reference import ReferenceVersion
from crm.models.skills import BroaderSkill, Evidence, EvidenceKind, Skill, SkillAlias, SkillClaim
from crm.models.students import (
    CefrLevel,
    Degree,
    LinkKind,
    ProfileLink,
    Publication,
    Student,
    StudentLanguage,
)
from crm.models.users import User

__all__ = [
    "Block",
    "BroaderSkill",
    "CefrLevel",
    "City",
    "Consent",
    "ConsentScope",
    "ConsentState",
    "Degree",
    "Disclosure",
    "DisclosureKind",
    "Evidence",
    "EvidenceKind",
    "Lab",
    "LabHeadship",
    "LabMembership",
    "LinkKind",
    "Partner",
    "PartnerState",
    "Period",
    "Professor",
    "ProfessorMembership",
    "ProfileLink",
    "Programme",
    "Publication",
    "ReferenceVersion",
    "Representative",
    "Role",
    "Skill",
    "SkillAlias",
    "SkillClaim",
    "StageChange",
    "Student",
    "StudentLanguage",
    "Supervision",
    "User",
]
