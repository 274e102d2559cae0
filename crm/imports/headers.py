"""The names that offices give their columns, in English and Russian."""

import re
from collections.abc import Mapping

from crm.text import fold

NAMES: Mapping[str, str] = {
    "number": "student number, student no, student id, student nr, student id number, student identifier, number, id,"
    " registration number, registration no, reg no, matriculation number, matriculation no, matriculation nr,"
    " matric number, matric no, matr number, matr no, enrolment number, enrollment number, enrolment no,"
    " enrollment no, roll number, roll no, university id, id number, student card, student card number,"
    " student card no, record book, record book number, номер студента, номер, студент №, № студента, id студента,"
    " идентификатор студента, код студента, студенческий номер, номер обучающегося, id обучающегося,"
    " номер студенческого, номер студенческого билета, номер студ. билета, номер студбилета, № студенческого,"
    " № студенческого билета, № студ. билета, № студбилета, студенческий билет, студ. билет, студбилет,"
    " номер зачетной книжки, зачетная книжка, номер зачетки, зачетка, № зачетной книжки, № зачетки,"
    " номер личного дела, № личного дела, личное дело, регистрационный номер, табельный номер, учетный номер, шифр",
    "family_name": "last name, last names, family name, family names, surname, lastname, familyname,"
    " student last name, student surname, last name (latin), family name (latin), surname (latin),"
    " last name (english), фамилия, фамилия студента, фамилия (лат.), фамилия латиницей, фамилия на латинице,"
    " фамилия (англ.), фамилия на английском",
    "given_name": "first name, first names, given name, given names, forename, forenames, firstname, givenname,"
    " student first name, first name (latin), given name (latin), first name (english), имя, имя студента, имя (лат.),"
    " имя латиницей, имя на латинице, имя (англ.), имя на английском",
    "middle_name": "middle name, middle names, middlename, patronymic, patronymic name, отчество, отчество студента,"
    " отчество (при наличии), отчество (лат.), второе имя, среднее имя",
    "full_name": "name, full name, student name, student full name, full student name, name of student,"
    " name of the student, student, candidate, candidate name, graduate, graduate name, name and surname,"
    " name surname, surname and name, имя и фамилия, имя фамилия, фамилия и имя, фамилия имя, полное имя,"
    " полное имя (лат.), студент, обучающийся, выпускник",
    "native_name": "native name, native full name, name (native), full name (native), name in native script,"
    " name in russian, full name in russian, name (russian), full name (russian), russian name, name in cyrillic,"
    " cyrillic name, фио, ф.и.о., фио студента, фио обучающегося, фио выпускника, фио полностью, фио (полностью),"
    " фио (рус.), фио на русском, фио кириллицей, фамилия имя отчество, фамилия имя и отчество, имя на родном языке,"
    " полное имя на русском",
    "email": "e-mail, email, email address, e-mail address, mail, mail address, email id, contact email,"
    " contact e-mail, student email, student e-mail, personal email, university email, эл. почта, электронная почта,"
    " почта, эл. адрес, электронный адрес, адрес эл. почты, адрес электронной почты, адрес почты, почта студента,"
    " личная почта, контактная почта, email студента, емейл, имейл",
    "phone": "phone, phone number, phone no, phone nr, telephone, telephone number, telephone no, tel, tel number,"
    " tel no, mobile, mobile number, mobile no, mobile phone, mobile phone number, cell, cell number, cell phone,"
    " cellphone, contact phone, contact number, student phone, телефон, номер телефона, № телефона, тел, номер тел.,"
    " телефон студента, мобильный, мобильный телефон, мобильный номер, номер мобильного, моб. телефон, сотовый,"
    " сотовый телефон, контактный телефон, контактный номер",
    "programme": "programme, program, programme name, program name, name of programme, name of program,"
    " study programme, study program, degree programme, degree program, academic programme, academic program,"
    " educational programme, educational program, course of study, course, field of study, major, specialty,"
    " speciality, specialisation, specialization, программа, название программы, наименование программы,"
    " программа обучения, учебная программа, образовательная программа, магистерская программа, направление,"
    " направление подготовки, направление обучения, код и направление подготовки, профиль подготовки, специальность,"
    " специализация",
    "degree": "degree, degree level, degree type, type of degree, academic degree, level of study, study level, level,"
    " education level, level of education, qualification, степень, академическая степень, степень обучения, уровень,"
    " уровень образования, уровень обучения, уровень подготовки, ступень, ступень обучения, ступень образования,"
    " квалификация",
    "lab": "lab, lab name, name of lab, laboratory, laboratory name, name of laboratory, labs, laboratories,"
    " research lab, research laboratory, research group, lab group, лаборатория, лаборатории, название лаборатории,"
    " наименование лаборатории, научная лаборатория, научная группа, исследовательская группа, лаб",
    "supervisor": "supervisor, supervisors, supervisor name, supervisor's name, name of supervisor, supervisor names,"
    " academic supervisor, scientific supervisor, research supervisor, thesis supervisor, advisor, adviser, advisors,"
    " advisor name, adviser name, academic advisor, academic adviser, scientific advisor, research advisor,"
    " thesis advisor, professor, principal investigator, pi, научный руководитель, научные руководители, руководитель,"
    " руководители, фио руководителя, фио научного руководителя, имя руководителя, руководитель вкр, научный рук.,"
    " науч. руководитель, науч. рук., научрук, профессор",
    "graduation_date": "graduation date, graduation, graduated, graduation day, date of graduation, graduated on,"
    " expected graduation, expected graduation date, completion date, date of completion, end of studies,"
    " defence date, defense date, date of defence, date of defense, thesis defence date, дата выпуска, выпуск,"
    " планируемая дата выпуска, дата окончания, окончание, окончание обучения, дата окончания обучения,"
    " дата завершения обучения, дата окончания вуза, дата защиты, дата защиты диссертации, дата защиты вкр",
    "thesis_title": "thesis title, thesis, title of thesis, title of the thesis, thesis name, thesis topic,"
    " topic of thesis, topic, master's thesis, master's thesis title, dissertation, dissertation title,"
    " dissertation topic, diploma title, diploma topic, diploma thesis, graduation thesis, тема диссертации,"
    " тема магистерской диссертации, тема магистерской работы, тема работы, тема вкр, тема, тема диплома,"
    " тема дипломной работы, тема дипломного проекта, тема дипломной, тема исследования, тема выпускной работы,"
    " тема квалификационной работы, тема выпускной квалификационной работы, название диссертации, название диплома,"
    " название работы, название вкр, диссертация, диплом, дипломная работа, вкр",
    "thesis_abstract": "thesis abstract, abstract, abstract of thesis, thesis summary, summary of thesis, annotation,"
    " аннотация, аннотация диссертации, аннотация к диссертации, аннотация вкр, аннотация работы, аннотация диплома,"
    " реферат, автореферат, краткое содержание, краткое содержание работы",
    "skills": "skills, key skills, skill, skill set, skillset, list of skills, skills and levels, technical skills,"
    " professional skills, hard skills, competences, competencies, competence, expertise, навыки, навык,"
    " ключевые навыки, профессиональные навыки, технические навыки, список навыков, знания и навыки, умения,"
    " умения и навыки, компетенции",
    "languages": "languages, language, language skills, languages spoken, spoken languages, foreign languages,"
    " languages and levels, language level, языки, язык, иностранные языки, иностранный язык, владение языками,"
    " владение иностранными языками, знание языков, знание иностранных языков, уровень языка,"
    " уровень владения языками, язык и уровень",
    "home_city": "city, home city, current city, home, town, residence, city of residence, place of residence,"
    " place of living, location, current location, home town, hometown, lives in, based in, город, текущий город,"
    " город проживания, город жительства, место жительства, место проживания, проживание, родной город,"
    " населенный пункт",
    "work_cities": "cities willing to work, cities willing to work in, work cities, cities of work, cities to work in,"
    " willing to work in, preferred city, preferred cities, preferred location, preferred locations, work locations,"
    " cities, willing to relocate, willing to relocate to, ready to relocate, ready to relocate to, relocation,"
    " готов работать в городах, готова работать в городах, готов работать в, готова работать в, готов к переезду,"
    " готова к переезду, готов переехать, готов переехать в, готовность к переезду, переезд, релокация, города,"
    " города работы, города для работы, города переезда, город работы, желаемый город, желаемые города,"
    " желаемый город работы, предпочитаемые города",
    "willing_to_travel": "willing to travel, willing to travel for work, travel, ready to travel, business travel,"
    " business trips, ready for business trips, готов к командировкам, готова к командировкам,"
    " готов(а) к командировкам, готов ездить в командировки, готовность к командировкам, возможность командировок,"
    " командировки",
    "available_from": "available from, available from date, available, availability, availability date,"
    " date available, date of availability, start date, earliest start, earliest start date, available since,"
    " can start, can start from, ready to start, free from, доступен с, доступна с, доступен, дата доступности,"
    " свободен с, свободна с, готов приступить, готов приступить с, готова приступить, готова приступить с,"
    " может приступить, может приступить с, готов начать, может начать, может начать с, готов выйти,"
    " дата выхода на работу, дата начала работы",
    "headline": "headline, professional title, tagline, job title, position, current position, заголовок, должность,"
    " текущая должность, желаемая должность",
    "summary": "summary, about, about me, about the student, profile, profile summary, bio, short bio, biography,"
    " personal statement, о себе, о студенте, резюме, описание, краткое описание, кратко о себе, биография,"
    " самопрезентация",
    "projects": "projects, project, list of projects, project experience, project work, проекты, проект,"
    " список проектов, опыт проектов, проектный опыт, проектная работа, проектная деятельность, участие в проектах",
    "orcid": "orcid, orcid id, orcid no, orcid number, orcid url, orcid link, orcid profile, номер orcid,"
    " ссылка на orcid, профиль orcid",
    "github": "github, github profile, github account, github username, github user, github url, github link, гитхаб,"
    " профиль github, аккаунт github, ссылка на github",
}
"""Our field -> the headers that mean it. Case, accents, dots, brackets and spaces do not matter."""


def header_key(header: str) -> str:
    return re.sub(r"[^\w№]+|_", " ", fold(header)).replace("№", "no ").strip().replace("  ", " ")


BY_KEY: Mapping[str, str] = {
    header_key(name): field for field, names in NAMES.items() for name in (*names.split(", "), field)
}
