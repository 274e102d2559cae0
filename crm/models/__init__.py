from crm.access import Role
from crm.models.base import Period
from crm.models.consents import Block, Consent, ConsentScope, ConsentState
from crm.models.contacts import Contact, ContactKind, ContactRevision, Participant
from crm.models.disclosures import Disclosure, DisclosureKind
from crm.models.evaluations import RUBRIC, Evaluation, EvaluationStage, ShownSkill
from crm.models.follow_ups import FollowUp, FollowUpState
from crm.models.hires import Hire, HireCheck, HireState, Outcome, OutcomeKind
from crm.models.history import StageChange
from crm.models.immersions import FinalReport, Immersion, ImmersionKind, ImmersionState, Training, TrainingKind
from crm.models.introductions import Introduction, IntroductionState
from crm.models.labs import Lab, LabHeadship, LabMembership, ProfessorMembership, Programme, Supervision
from crm.models.links import LinkPurpose, OneTimeLink
from crm.models.mails import Mail, MailState
from crm.models.partners import Partner, PartnerState, Representative
from crm.models.places import City
from crm.models.professors import Professor
from crm.models.recommendations import Endorsement, Recommendation, RecommendationState
from crm.models.reference import ReferenceVersion
from crm.models.saved_searches import AlertRhythm, AnnouncedCandidate, SavedSearch
from crm.models.seminars import Attendance, AttendanceState, Seminar
from crm.models.shortlists import Shortlist, ShortlistEntry, ShortlistStage, ShortlistTag
from crm.models.skills import BroaderSkill, Evidence, EvidenceKind, Skill, SkillAlias, SkillClaim, SkillConcept
from crm.models.students import (
    CefrLevel,
    Degree,
    LinkKind,
    ProfileLink,
    Publication,
    Student,
    StudentLanguage,
)
from crm.models.touchpoints import Touchpoint, TouchpointKind
from crm.models.users import User
from crm.models.wishes import WishCount, WishKind

__all__ = [
    "RUBRIC",
    "AlertRhythm",
    "AnnouncedCandidate",
    "Attendance",
    "AttendanceState",
    "Block",
    "BroaderSkill",
    "CefrLevel",
    "City",
    "Consent",
    "ConsentScope",
    "ConsentState",
    "Contact",
    "ContactKind",
    "ContactRevision",
    "Degree",
    "Disclosure",
    "DisclosureKind",
    "Endorsement",
    "Evaluation",
    "EvaluationStage",
    "Evidence",
    "EvidenceKind",
    "FinalReport",
    "FollowUp",
    "FollowUpState",
    "Hire",
    "HireCheck",
    "HireState",
    "Immersion",
    "ImmersionKind",
    "ImmersionState",
    "Introduction",
    "IntroductionState",
    "Lab",
    "LabHeadship",
    "LabMembership",
    "LinkKind",
    "LinkPurpose",
    "Mail",
    "MailState",
    "OneTimeLink",
    "Outcome",
    "OutcomeKind",
    "Participant",
    "Partner",
    "PartnerState",
    "Period",
    "Professor",
    "ProfessorMembership",
    "ProfileLink",
    "Programme",
    "Publication",
    "Recommendation",
    "RecommendationState",
    "ReferenceVersion",
    "Representative",
    "Role",
    "SavedSearch",
    "Seminar",
    "Shortlist",
    "ShortlistEntry",
    "ShortlistStage",
    "ShortlistTag",
    "ShownSkill",
    "Skill",
    "SkillAlias",
    "SkillClaim",
    "SkillConcept",
    "StageChange",
    "Student",
    "StudentLanguage",
    "Supervision",
    "Touchpoint",
    "TouchpointKind",
    "Training",
    "TrainingKind",
    "User",
    "WishCount",
    "WishKind",
]
