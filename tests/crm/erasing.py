"""A person in every table that can hold one; each text that is theirs holds the canary."""

from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.test import Client

from api.models import Token
from crm.actions.consents import withdraw_consent
from crm.actions.contacts import update_contact
from crm.actions.evidence import add_evidence
from crm.actions.final_reports import store_report
from crm.actions.introductions import ask_introduction, move_introduction
from crm.actions.outcomes import record_outcome
from crm.actions.recommendations import request_recommendation
from crm.actions.saved_searches import create_saved_search
from crm.actions.shortlists import add_entry, create_shortlist
from crm.actions.trainings import add_training
from crm.links import issue_link
from crm.models import Consent, LinkPurpose, Recommendation, Student, User
from tests import cast

CANARY = "canary"


def whole_person() -> Student:
    """A student in every table that can hold one; each text holds the canary."""
    person = cast.student(
        "Canaryann Canaryreed",
        number="CANARY-1",
        skills={"crispr": 4},
        labs=[cast.lab()],
        **{"native_name": "Canary Нативная", "email": "canary@students.example", "phone": "+7 canary"},
        **{name: f"canary {name}" for name in ("headline", "summary", "projects", "thesis_title", "thesis_abstract")},
        publications=[{"title": "Canary paper", "year": 2025, "url": "https://canary.example/paper"}],
        links=[{"kind": "website", "url": "https://canary.example/"}],
        languages=[{"code": "ru", "level": "B2"}],
        supervisions=[{"professor": cast.professor().professor}],
    )
    add_evidence(claim=person.claims.get(), kind="defence", title="Canary defence", by=cast.BY)
    given = cast.consent(person, None, "evaluations", "contact")
    Consent.objects.filter(pk=given.pk).update(source="canary's signed form")
    cast.block(person, cast.partner("rival"))
    withdraw_consent(consent=cast.consent(person), by=cast.BY, reason="Canary wrote a letter")
    return person


def worked_with(person: Student, hanna: User) -> list[str]:
    """All that contacts, introductions, immersions and hires keep of a person; the ids of these records."""
    veresk, pavel = hanna.representative.partner, User.objects.get(role="professor")
    cast.consent(person, veresk, "contact", "profile")
    cast.recommendation(person, pavel, veresk, shared=True)
    general = cast.recommendation(person, pavel, shared=True, skills={"crispr": 3})
    Recommendation.objects.update(text="canary: she is excellent", request="canary, please")
    ask = {"student": person, "professor": pavel.professor, "request": "canary"}
    request_recommendation(by=person.user, **ask)
    asked = ask_introduction(student=person, message="canary, let us meet", by=hanna)
    issue_link(purpose=LinkPurpose.INTRODUCTION, record=asked.public_id, to=person)
    move_introduction(introduction=asked, to="accepted", by=person.user, reason="canary is glad")
    stay = cast.immersion(person, veresk, "active", project="canary's project")
    add_training(immersion=stay, kind="safety", name="canary training", by=cast.BY)
    store_report(immersion=stay, pdf=b"%PDF-1.7 canary\n%%EOF", by=cast.BY)
    cast.evaluation(
        stay, "mid", remarks="canary works well", shown_skills=[{"skill": cast.skill("python"), "level": 2}]
    )
    issue_link(purpose=LinkPurpose.EVALUATION, record=stay.public_id, to=hanna.representative, stage="final")
    hire = cast.hire(person, veresk, "started", position="canary analyst", salary_band="canary's salary")
    issue_link(purpose=LinkPurpose.HIRE, record=hire.public_id, to=hanna.representative)
    record_outcome(
        student=person, kind="employed", employer="canary's firm", source="canary", date=date.today(), by=cast.BY
    )
    kept = create_saved_search(name="Birds", parameters="q=birds", by=hanna)
    kept.announced.create(student=person)
    shortlist = create_shortlist(name="Birds", by=hanna)
    add_entry(shortlist=shortlist, student=person, notes="canary sings well", tags=["canary"], by=hanna)
    met = cast.contact(person, hanna.representative)
    update_contact(contact=met, students=[], by=cast.BY)
    update_contact(contact=met, students=[person], summary="They talked.", by=cast.BY)
    update_contact(contact=met, promised="A visit.", students=[], by=cast.BY)
    return [str(record.public_id) for record in (general, asked, stay, hire, *hire.checks.all())]


def account_of(person: Student) -> User:
    """With a session, a token and an address of allauth's."""
    user = cast.student_account(person)
    User.objects.filter(pk=user.pk).update(email="canary@accounts.example")
    EmailAddress.objects.create(user=user, email="canary@accounts.example", verified=True)
    Token.objects.create(user, expiry=timedelta(days=1), name="canary's token")
    Client().force_login(user)
    grant = cast.consent(person)
    withdraw_consent(consent=grant, by=user, reason="canary herself")
    return user
