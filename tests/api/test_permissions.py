"""One table: role x route x verb. A route that is missing from it fails."""

import re
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from crm.actions.final_reports import store_report
from crm.actions.outcomes import record_outcome
from crm.actions.saved_searches import create_saved_search
from crm.actions.shortlists import add_entry, create_shortlist
from crm.actions.trainings import add_training
from crm.links import issue_link
from crm.models import RUBRIC, LinkPurpose, Mail
from tests import cast
from tests.api.conftest import Table, World
from tests.cast import BY

ROLES = ("admin", "office", "professor", "partner", "rival", "student", "stranger", "anonymous")
"""`student` is Sonya, taught by `professor`, seen by `partner`, who blocks `rival`; `stranger` is another student."""

ROUTES = """
GET    candidates/                          200 200 200 200 200 403 403 401
GET    candidates/suggest/?prefix=te        200 200 200 200 200 403 403 401
GET    candidates/{sonya}/                  200 200 200 200 404 403 404 401
GET    candidates/{nikita}/                 200 200 404 404 404 404 403 401
GET    candidates/{sonya}/contact/          200 200 200 200 404 403 404 401
GET    candidates/{vera}/contact/           200 200 404 404 404 404 404 401
GET    candidates/compare/?id={sonya}&id={oona} 200 200 404 200 404 403 403 401
GET    candidates/{sonya}/similar/          200 200 200 200 404 403 404 401
GET    candidates/{nikita}/similar/         200 200 404 404 404 404 403 401
GET    saved-searches/                      200 200 200 200 200 403 403 401
POST   saved-searches/                      201 201 201 201 201 403 403 401
GET    saved-searches/{saved_search}/       404 404 404 200 404 404 404 401
PATCH  saved-searches/{saved_search}/       404 404 404 200 404 404 404 401
DELETE saved-searches/{saved_search}/       404 404 404 204 404 404 404 401
GET    saved-searches/{saved_search}/candidates/ 404 404 404 200 404 404 404 401
GET    shortlists/                          403 403 403 200 200 403 403 401
POST   shortlists/                          403 403 403 201 201 403 403 401
GET    shortlists/{shortlist}/              404 404 404 200 404 404 404 401
PATCH  shortlists/{shortlist}/              404 404 404 200 404 404 404 401
DELETE shortlists/{shortlist}/              404 404 404 204 404 404 404 401
GET    shortlists/{shortlist}/entries/      404 404 404 200 404 404 404 401
POST   shortlists/{shortlist}/entries/      404 404 404 201 404 404 404 401
PATCH  shortlists/{shortlist}/entries/{entry}/ 404 404 404 200 404 404 404 401
DELETE shortlists/{shortlist}/entries/{entry}/ 404 404 404 204 404 404 404 401
GET    shortlists/{shortlist}/export/       404 404 404 200 404 404 404 401
GET    students/                            200 200 200 403 403 200 200 401
POST   students/                            403 201 403 403 403 403 403 401
GET    students/{sonya}/                    200 200 200 403 404 200 404 401
GET    students/{nikita}/                   200 200 404 404 404 404 200 401
PATCH  students/{sonya}/                    403 200 403 403 404 200 404 401
DELETE students/{sonya}/                    204 204 403 403 404 403 404 401
POST   students/{sonya}/evidence/           403 201 403 403 404 403 404 401
GET    labs/                                200 200 200 200 200 200 200 401
POST   labs/                                201 403 403 403 403 403 403 401
GET    labs/{lab}/                          200 200 200 200 200 200 200 401
PATCH  labs/{lab}/                          200 403 403 403 403 403 403 401
POST   labs/{lab}/head/                     200 403 403 403 403 403 403 401
GET    programmes/                          200 200 200 200 200 200 200 401
POST   programmes/                          201 403 403 403 403 403 403 401
GET    programmes/{programme}/              200 200 200 200 200 200 200 401
PATCH  programmes/{programme}/              200 403 403 403 403 403 403 401
GET    cities/                              200 200 200 200 200 200 200 401
POST   cities/                              201 403 403 403 403 403 403 401
GET    cities/{city}/                       200 200 200 200 200 200 200 401
PATCH  cities/{city}/                       200 403 403 403 403 403 403 401
GET    skills/                              200 200 200 200 200 200 200 401
POST   skills/                              201 403 403 403 403 403 403 401
GET    skills/{skill}/                      200 200 200 200 200 200 200 401
PATCH  skills/{skill}/                      200 403 403 403 403 403 403 401
GET    professors/                          200 200 200 200 200 200 200 401
POST   professors/                          201 201 403 403 403 403 403 401
GET    professors/{professor}/              200 200 200 200 200 200 200 401
PATCH  professors/{professor}/              200 200 403 403 403 403 403 401
GET    partners/                            200 200 200 200 200 200 200 401
POST   partners/                            201 201 403 403 403 403 403 401
GET    partners/{partner}/                  200 200 200 200 404 200 200 401
PATCH  partners/{partner}/                  200 200 403 403 404 403 403 401
GET    representatives/                     200 200 403 200 200 403 403 401
POST   representatives/                     201 201 403 403 403 403 403 401
GET    representatives/{representative}/    200 200 404 200 404 404 404 401
PATCH  representatives/{representative}/    200 200 404 403 404 404 404 401
GET    consents/                            200 200 403 403 403 200 200 401
POST   consents/                            403 201 403 403 403 201 400 401
GET    consents/{consent}/                  200 200 404 404 404 200 404 401
GET    consents/{consent}/moves/            200 200 404 404 404 200 404 401
POST   consents/{consent}/moves/            403 200 404 404 404 200 404 401
GET    blocks/                              200 200 403 403 403 200 200 401
POST   blocks/                              403 201 403 403 403 201 400 401
GET    blocks/{block}/                      200 200 404 404 404 200 404 401
DELETE blocks/{block}/                      403 204 404 404 404 204 404 401
GET    seminars/                            200 200 200 200 200 200 200 401
POST   seminars/                            403 201 403 403 403 403 403 401
GET    seminars/{seminar}/                  200 200 200 200 200 200 200 401
GET    seminars/{closed_seminar}/           200 200 200 200 404 404 404 401
PATCH  seminars/{closed_seminar}/           403 200 403 403 404 404 404 401
POST   seminars/{closed_seminar}/attendances/import/ 403 200 403 403 404 404 404 401
GET    seminars/{seminar}/followed/         200 200 200 200 200 200 200 401
GET    seminars/{closed_seminar}/followed/  200 200 200 200 404 404 404 401
GET    attendances/                         200 200 200 200 200 200 200 401
POST   attendances/                         403 201 403 403 403 403 403 401
GET    attendances/{attendance}/            200 200 200 200 404 404 404 401
PATCH  attendances/{attendance}/            403 200 403 403 404 404 404 401
GET    contacts/                            200 200 200 403 403 403 403 401
POST   contacts/                            403 201 403 403 403 403 403 401
GET    contacts/{contact}/                  200 200 200 404 404 404 404 401
PATCH  contacts/{contact}/                  403 200 403 404 404 404 404 401
GET    contacts/{contact}/revisions/        200 200 200 404 404 404 404 401
GET    contacts/{contact}/followed/         200 200 200 404 404 404 404 401
GET    follow-ups/                          200 200 200 403 403 403 403 401
POST   follow-ups/                          403 201 403 403 403 403 403 401
GET    follow-ups/{follow_up}/              200 200 200 404 404 404 404 401
PATCH  follow-ups/{follow_up}/              403 200 403 404 404 404 404 401
GET    follow-ups/{follow_up}/moves/        200 200 200 404 404 404 404 401
POST   follow-ups/{follow_up}/moves/        403 200 200 404 404 404 404 401
GET    reports/relationships/               200 200 403 403 403 403 403 401
GET    recommendations/                     200 200 200 200 200 200 200 401
POST   recommendations/                     403 400 201 403 403 400 400 401
POST   recommendations/#requested           403 201 400 403 403 201 400 401
GET    recommendations/{recommendation}/    200 200 200 404 404 200 404 401
PATCH  recommendations/{recommendation}/    403 403 200 404 404 403 404 401
POST   recommendations/{recommendation}/moves/ 403 403 403 404 404 200 404 401
GET    recommendations/{shared}/            200 200 200 200 404 200 404 401
GET    recommendations/{shared}/moves/      200 200 200 200 404 200 404 401
POST   recommendations/{shared}/moves/      403 403 200 403 404 200 404 401
GET    introductions/                       200 200 403 200 200 200 200 401
POST   introductions/                       403 403 403 201 201 403 403 401
GET    introductions/{introduction}/        200 200 404 200 404 200 404 401
GET    introductions/{introduction}/moves/  200 200 404 200 404 200 404 401
POST   introductions/{introduction}/moves/  403 403 404 403 404 200 404 401
GET    immersions/                          200 200 200 200 200 200 200 401
POST   immersions/                          403 201 403 201 400 403 403 401
GET    immersions/{immersion}/              200 200 200 200 404 200 404 401
PATCH  immersions/{immersion}/              403 200 403 200 404 403 404 401
GET    immersions/{immersion}/moves/        200 200 200 200 404 200 404 401
POST   immersions/{immersion}/moves/        403 200 403 200 404 403 404 401
POST   immersions/{applied}/moves/          403 403 403 403 404 200 404 401
POST   immersions/{applied}/acceptances/    403 200 403 403 404 200 404 401
POST   immersions/{immersion}/trainings/    403 201 403 403 404 403 404 401
PATCH  immersions/{immersion}/trainings/{training}/ 403 200 403 403 404 403 404 401
DELETE immersions/{immersion}/trainings/{training}/ 403 204 403 403 404 403 404 401
POST   immersions/{immersion}/evaluations/  403 403 403 201 404 403 404 401
POST   immersions/{immersion}/evaluation-requests/ 403 201 403 403 404 403 404 401
GET    immersions/{immersion}/final-report/ 200 200 200 200 404 200 404 401
PUT    immersions/{immersion}/final-report/ 403 200 403 403 404 200 404 401
POST   immersions/{nikitas}/offer/          403 201 404 201 404 404 403 401
GET    hires/                               200 200 200 200 200 200 200 401
POST   hires/                               403 201 403 400 400 403 403 401
GET    hires/{hire}/                        200 200 200 200 404 200 404 401
PATCH  hires/{hire}/                        403 200 403 403 404 403 404 401
GET    hires/{hire}/moves/                  200 200 200 200 404 200 404 401
POST   hires/{hire}/moves/                  403 200 403 403 404 200 404 401
GET    hires/{hire}/pathway/                200 200 200 200 404 200 404 401
POST   hires/{started_hire}/confirm/        403 403 404 200 404 404 404 401
GET    hires/{started_hire}/checks/         200 200 404 403 404 404 404 401
PATCH  hires/{started_hire}/checks/{check}/ 403 200 404 403 404 404 404 401
GET    outcomes/                            200 200 403 403 403 200 200 401
POST   outcomes/                            403 201 403 403 403 201 400 401
GET    outcomes/{outcome}/                  200 200 404 404 404 200 404 401
GET    reports/funnel/                      200 200 403 403 403 403 403 401
GET    reports/gaps/                        200 200 403 403 403 403 403 401
GET    reports/outcomes/                    200 200 403 403 403 403 403 401
GET    timeline/?partner={partner}          200 200 200 200 400 200 200 401
GET    timeline/?student={sonya}            200 200 200 200 400 200 400 401
GET    mails/                               200 200 403 403 403 403 403 401
GET    mails/{mail}/                        200 200 404 404 404 404 404 401
GET    mails/{mail}/preview/                200 200 404 404 404 404 404 401
POST   mails/{sent_mail}/resend/            201 201 404 404 404 404 404 401
GET    links/{link}/                        200 200 200 200 200 200 200 200
POST   links/{link}/                        200 200 200 200 200 200 200 200
GET    users/                               200 403 403 403 403 403 403 401
POST   users/                               201 403 403 403 403 403 403 401
GET    users/{user}/                        200 404 404 404 404 404 404 401
PATCH  users/{user}/                        200 404 404 404 404 404 404 401
GET    tokens/                              200 200 200 200 200 200 200 401
POST   tokens/                              201 201 201 201 201 201 201 401
DELETE tokens/{token}/                      404 404 404 204 404 404 404 401
GET    me/                                  200 200 200 200 200 200 200 401
PATCH  me/                                  200 200 200 200 200 200 200 401
GET    me/export/                           403 403 403 403 403 200 200 401
GET    me/disclosures/                      403 403 403 403 403 200 200 401
GET    me/evidence/                         403 403 403 403 403 200 200 401
PATCH  me/evidence/{evidence}/              403 403 404 404 404 200 404 401
"""
TABLE = [line.split() for line in ROUTES.strip().splitlines()]

PDF = b"%PDF-1.7\n%%EOF\n"
BODIES: dict[str, Any] = {
    "POST saved-searches/": {"name": "Pipettes", "parameters": "skill=test-pipetting:3&q=enzymes"},
    "PATCH saved-searches/{saved_search}/": {"name": "Enzymes"},
    "POST shortlists/": {"name": "For the summer", "note": "Two places"},
    "PATCH shortlists/{shortlist}/": {"note": "Three places"},
    "POST shortlists/{shortlist}/entries/": {"candidate": "{oona}", "stage": "new", "notes": "", "tags": ["assays"]},
    "PATCH shortlists/{shortlist}/entries/{entry}/": {"stage": "contacted", "notes": "Called", "tags": ["Assays"]},
    "POST students/": {"number": "S-9", "given_name": "New", "family_name": "Student"},
    "PATCH students/{sonya}/": {"headline": "Pipettes with both hands"},
    "POST students/{sonya}/evidence/": {"skill": "test-pipetting", "kind": "publication", "title": "On pipetting"},
    "POST labs/": {"name": "Another Test Lab"},
    "PATCH labs/{lab}/": {"description": "We test."},
    "POST labs/{lab}/head/": {"professor": "{professor}"},
    "POST programmes/": {"name": "Another programme"},
    "PATCH programmes/{programme}/": {"aliases": ["TLS"]},
    "POST cities/": {"name": "Novotest", "country": "RU", "latitude": 55.5, "longitude": 37.5},
    "PATCH cities/{city}/": {"name_ru": "Тестоград"},
    "POST skills/": {"label": "Another test skill", "aliases": ["ats"], "broader": ["test-pipetting"]},
    "PATCH skills/{skill}/": {"label_ru": "Пробы"},
    "POST professors/": {"given_name": "Polina", "family_name": "Pavlova"},
    "PATCH professors/{professor}/": {"memberships": [{"lab": "{lab}"}]},
    "POST partners/": {"slug": "newfirm", "name": "Newfirm"},
    "PATCH partners/{partner}/": {"name": "Biofirm Ltd"},
    "POST representatives/": {"partner": "biofirm", "given_name": "Ned", "family_name": "New"},
    "PATCH representatives/{representative}/": {"position": "Head of HR"},
    "POST consents/": {"student": "S-1", "partner": None, "scopes": ["profile"], "source": "form"},
    "POST consents/{consent}/moves/": {"to": "withdrawn"},
    "POST blocks/": {"student": "S-1", "partner": "{rival_partner}"},
    "POST recommendations/": {"student": "S-1", "text": "She sees what others miss."},
    "POST recommendations/#requested": {"student": "S-1", "professor": "{professor}"},
    "PATCH recommendations/{recommendation}/": {"text": "She hears it too."},
    "POST recommendations/{recommendation}/moves/": {"to": "shared"},
    "POST recommendations/{shared}/moves/": {"to": "withdrawn"},
    "POST introductions/": {"candidate": "{oona}", "message": "We would like to meet you."},
    "POST introductions/{introduction}/moves/": {"to": "accepted"},
    "POST immersions/": {"kind": "summer", "student": "{sonya}", "partner": "{partner}"},
    "PATCH immersions/{immersion}/": {"housing": "A room on the campus"},
    "POST immersions/{immersion}/moves/": {"to": "cancelled", "reason": "Illness"},
    "POST immersions/{applied}/moves/": {"to": "declined"},
    "POST immersions/{applied}/acceptances/": {"by": "student", "source": "A signed paper"},
    "POST immersions/{immersion}/trainings/": {"kind": "gxp", "name": "GMP basics"},
    "PATCH immersions/{immersion}/trainings/{training}/": {"passed_on": "2026-06-01"},
    "POST immersions/{immersion}/evaluations/": {"stage": "mid", **dict.fromkeys(RUBRIC, 4)},
    "POST immersions/{immersion}/evaluation-requests/": {"stage": "mid"},
    "PUT immersions/{immersion}/final-report/": PDF,
    "POST immersions/{nikitas}/offer/": {"position": "Analyst"},
    "POST hires/": {"student": "{sonya}", "partner": "{rival_partner}", "position": "Analyst"},
    "PATCH hires/{hire}/": {"place": "Campus"},
    "POST hires/{hire}/moves/": {"to": "accepted"},
    "PATCH hires/{started_hire}/checks/{check}/": {"still_there": True},
    "POST outcomes/": {"student": "S-1", "kind": "seeking", "source": "A survey"},
    "POST links/{link}/": {"confirm": True},
    "POST users/": {"email": "new@example.org", "role": "office"},
    "PATCH users/{user}/": {"is_active": False},
    "POST tokens/": {"name": "script", "days": 7},
    "PATCH me/": {"time_zone": "Europe/Moscow", "wants_digest": True},
    "POST seminars/": {"title": "Yeast at rest", "starts": "2026-05-04T17:00:00+03:00", "speakers": ["{professor}"]},
    "PATCH seminars/{closed_seminar}/": {"place": "Room 7"},
    "POST seminars/{closed_seminar}/attendances/import/": {"rows": [{"email": "hanna@biofirm.example"}]},
    "POST attendances/": {"seminar": "{seminar}", "student": "S-2", "state": "attended"},
    "PATCH attendances/{attendance}/": {"state": "no_show"},
    "POST contacts/": {"kind": "phone", "representatives": ["{representative}"], "summary": "Called back"},
    "PATCH contacts/{contact}/": {"promised": "A visit"},
    "POST follow-ups/": {"partner": "{partner}", "what": "Call again", "due": "2026-12-01"},
    "PATCH follow-ups/{follow_up}/": {"what": "Send both protocols"},
    "POST follow-ups/{follow_up}/moves/": {"to": "done"},
    "PATCH me/evidence/{evidence}/": {"shared": True},
}


def ids_of(world: World) -> dict[str, str]:
    records = {name: record for name, record in vars(world).items() if hasattr(record, "public_id")}
    records |= {"user": world.users["rival"], "token": world.users["partner"].auth_token_set.get()}
    records |= hires(world) | immersions(world) | introductions(world) | lists(world)
    records |= {"mail": Mail.objects.filter(template="hire_offered").first(), "sent_mail": sent_mail()}
    link = issue_link(purpose=LinkPurpose.HIRE, record=records["started_hire"].public_id, to=world.representative)
    return {**{name: str(record.public_id) for name, record in records.items()}, "link": link}


def sent_mail() -> Mail:
    mail = Mail.objects.filter(template="hire_to_confirm").latest("pk")
    mail.state = "sent"
    mail.save()
    return mail


def hires(world: World) -> dict[str, Any]:
    """Sonya has an offer and was employed elsewhere; Vera works at the partner."""
    started = cast.hire(world.vera, world.partner, "started")
    outcome = record_outcome(student=world.sonya, kind="employed", source="A letter", by=BY)
    found = {"hire": cast.hire(world.sonya, world.partner), "started_hire": started}
    return {**found, "check": started.checks.get(months=6), "outcome": outcome}


def lists(world: World) -> dict[str, Any]:
    """Hanna's saved search, and her partner's shortlist with Sonya on it."""
    hanna = world.users["partner"]
    saved = create_saved_search(name="Enzymes", parameters="q=enzymes", by=hanna)
    shortlist = create_shortlist(name="For the lab", by=hanna)
    entry = add_entry(shortlist=shortlist, student=world.sonya, by=hanna)
    return {"saved_search": saved, "shortlist": shortlist, "entry": entry}


def introductions(world: World) -> dict[str, Any]:
    """Pavel recommends Sonya to the partner twice, once with her consent, and Hanna asks for her; Oona is open to all."""
    pavel, hanna, oona = world.users["professor"], world.users["partner"], cast.student("Oona Birch")
    cast.consent(oona)
    written, shared = (
        cast.recommendation(world.sonya, pavel, world.partner, shared=agreed) for agreed in (False, True)
    )
    asked = cast.introduction(world.sonya, hanna)
    return {"recommendation": written, "shared": shared, "introduction": asked, "oona": oona}


def immersions(world: World) -> dict[str, Any]:
    """Sonya applied for one and is at another, with a report; Nikita is at the partner without any consent."""
    applied = cast.immersion(world.sonya, world.partner, "applied")
    running = cast.immersion(world.sonya, world.partner, "active")
    store_report(immersion=running, pdf=PDF, by=BY)
    training = add_training(immersion=running, kind="safety", name="Fire safety", by=BY)
    nikitas = cast.immersion(world.nikita, world.partner, "active")
    return {"immersion": running, "applied": applied, "nikitas": nikitas, "training": training}


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return value.format(**ids) if isinstance(value, str) else value


def answer(client: Any, method: str, path: str, body: Any = None) -> Any:
    """What the server answers; whatever it wrote is taken back. A body of bytes is a PDF."""
    content_type = "application/pdf" if isinstance(body, bytes) else "application/json"
    if body and not isinstance(body, bytes):
        body = client._encode_data(body, "json")[0]
    with transaction.atomic():
        response = client.generic(method, f"/api/v1/{path}", body or b"", content_type)
        transaction.set_rollback(True)
    if response.streaming:
        response.getvalue()  # Read to its end it is closed as the client closes answers: without the connection.
    return response


@pytest.mark.parametrize("row", TABLE, ids=[" ".join(row[:2]) for row in TABLE])
def test_each_role_gets_what_the_table_says(table: Table, row: list[str], request: pytest.FixtureRequest) -> None:
    method, path, *expected = row
    if "candidates/" in path:
        request.getfixturevalue("index")
    clients, ids = table.clients, table.ids
    body = filled(BODIES.get(f"{method} {path}"), ids)
    answers = {role: answer(clients[role], method, path.format(**ids), body) for role in ROLES}
    assert [str(a.status_code) for a in answers.values()] == expected, answers["student"].content


DETAILS = [row for row in TABLE if "{" in row[1].partition("?")[0]]


MISSING = (str(uuid.uuid4()), "no-such")
MALFORMED = ("1", "%00", "a.b")
"""Read before anybody is asked who they are allowed to be, so one role stands for all."""


@pytest.mark.once
@pytest.mark.parametrize("row", DETAILS, ids=[" ".join(row[:2]) for row in DETAILS])
def test_missing_malformed_and_hidden_records_answer_alike(table: Table, row: list[str]) -> None:
    method, path, *expected = row
    body = filled(BODIES.get(f"{method} {path}"), table.ids)
    name = path[path.index("{") + 1 : path.index("}")]
    for role, status in zip(ROLES[:-1], expected, strict=False):
        keys = [*MISSING, *(MALFORMED if role == "office" else ()), *([table.ids[name]] if status == "404" else ())]
        others = [answer(table.clients[role], method, path.format(**table.ids | {name: key}), body) for key in keys]
        assert {other.status_code for other in others} == {404}
        assert len({other.content for other in others}) == 1
        assert len({tuple(sorted(other.headers.items())) for other in others}) == 1


def routes() -> set[str]:
    """Every method of every route below /api/v1/, as the URL resolver knows them."""
    found = set()

    def walk(patterns: list[Any], prefix: str) -> None:
        for pattern in patterns:
            here = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, here)
            elif isinstance(pattern, URLPattern) and here.startswith("api/v1/"):
                methods = set(pattern.callback.actions) - {"head"}
                found.update(f"{method.upper()} {shape(here)}" for method in methods)

    walk(get_resolver().url_patterns, "")
    return found


def shape(route: str) -> str:
    return re.sub(r"\(\?P<\w+>[^)]*\)", "{}", route.removeprefix("api/v1/").replace("^", "").replace("$", ""))


def test_every_route_stands_in_the_table() -> None:
    table = {f"{method} {re.split('[?#]', re.sub(r'{[^}]*}', '{}', path))[0]}" for method, path, *_ in TABLE}
    assert routes() == table
