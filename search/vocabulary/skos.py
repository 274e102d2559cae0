"""SKOS in Turtle or RDF/XML. Triples are looked at as they are read, and kept only where they describe a concept."""

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat
from xml.sax import SAXParseException

from rdflib import BNode, Graph, Literal
from rdflib.namespace import DCTERMS, OWL, RDF, SKOS
from rdflib.plugins.parsers.notation3 import BadSyntax

from crm.imports.errors import UnreadableFile
from search.vocabulary.drafts import OBSOLETE, Drafts

MOST_TURTLE = 100_000_000
"""Bytes. Turtle is read as a whole, which takes three times its size; RDF/XML is read piece by piece."""
LONGEST_ENTITY = 200
BASE = "file:///"
"""What relative addresses become: they are refused as URIs then, for they would mean something else elsewhere."""

# It tells with a traceback of each date and number that is none; they are of no interest here.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


def read_skos(path: Path, drafts: Drafts, syntax: str) -> None:
    """`syntax` is `turtle` or `xml`. Nothing is loaded from outside. Raises UnreadableFile that says where and why."""
    with path.open("rb") as file:
        if syntax == "xml":
            _check_prolog(file, path.name)
        elif path.stat().st_size > MOST_TURTLE:
            raise UnreadableFile(f"{path.name} is too large for Turtle: save it as RDF/XML.")
        graph = ConceptGraph(path.name, drafts)
        try:
            graph.parse(file=file, format=syntax, publicID=BASE)
        except BadSyntax as error:
            raise UnreadableFile(f"{path.name}, line {error.lines + 1}: this is no Turtle ({error._why}).") from error
        except SAXParseException as error:
            raise _no_xml(path.name, error.getLineNumber(), error.getMessage()) from error
        except Exception as error:  # On damaged files rdflib fails in whatever way.
            why = (str(error).splitlines() or [type(error).__name__])[0]
            raise UnreadableFile(f"{path.name} is damaged after {graph.last or 'its beginning'}: {why}.") from error


def _no_xml(name: str, line: int | None, why: str) -> UnreadableFile:
    return UnreadableFile(f"{name}, line {line}: this is no well-formed RDF/XML ({why}).")


class ConceptGraph(Graph):
    """Hands each triple on to the drafts and keeps none."""

    def __init__(self, name: str, drafts: Drafts) -> None:
        super().__init__(bind_namespaces="none")
        self._name, self._drafts = name, drafts
        self.last = ""
        """The subject of the last triple."""

    def add(self, triple: Any) -> "ConceptGraph":
        subject, predicate, value = triple
        self.last = str(subject)
        if take := _taker(str(predicate)):
            if not isinstance(subject, BNode):
                take(self._drafts, str(subject), value, self._name)
            elif value == SKOS.Concept:
                self._drafts.reject(self._name, "A concept has no URI.")
        return self


Value = Any
"""What rdflib makes of a triple's object: a Literal, a URIRef or a BNode."""
Take = Callable[[Drafts, str, Value, str], None]
"""Called with the drafts, the subject's URI, the value, and the file's name."""


def _type(drafts: Drafts, uri: str, value: Value, name: str) -> None:
    if value == SKOS.Concept:
        drafts.by_uri[uri].where = name


def _label(drafts: Drafts, uri: str, value: Value, name: str) -> None:
    if isinstance(value, Literal):
        drafts.by_uri[uri].add_label(value, value.language or "")


def _name(drafts: Drafts, uri: str, value: Value, name: str) -> None:
    if isinstance(value, Literal):
        drafts.by_uri[uri].add_name(value, value.language or "")


def _broader(drafts: Drafts, uri: str, value: Value, name: str) -> None:
    drafts.by_uri[uri].broader[str(value)] = None


def _narrower(drafts: Drafts, uri: str, value: Value, name: str) -> None:
    drafts.by_uri[str(value)].broader[uri] = None


def _replaced(drafts: Drafts, uri: str, value: Value, name: str) -> None:
    drafts.by_uri[uri].replaced_by[str(value)] = None


def _replaces(drafts: Drafts, uri: str, value: Value, name: str) -> None:
    drafts.by_uri[str(value)].replaced_by[uri] = None


def _deprecated(drafts: Drafts, uri: str, value: Value, name: str) -> None:
    drafts.by_uri[uri].obsolete |= str(value).lower() in ("true", "1")


def _status(drafts: Drafts, uri: str, value: Value, name: str) -> None:
    drafts.by_uri[uri].obsolete |= _tail(str(value)).lower() in OBSOLETE


TAKERS: Mapping[str, Take] = {
    str(RDF.type): _type,
    str(SKOS.prefLabel): _label,
    str(SKOS.altLabel): _name,
    str(SKOS.hiddenLabel): _name,
    str(SKOS.broader): _broader,
    str(SKOS.narrower): _narrower,
    str(DCTERMS.isReplacedBy): _replaced,
    str(DCTERMS.replaces): _replaces,
    str(OWL.deprecated): _deprecated,
}


@lru_cache(maxsize=1024)
def _taker(predicate: str) -> Take | None:
    """A status is said in several namespaces: ESCO's, ISO 25964's, ADMS'."""
    return TAKERS.get(predicate) or (_status if _tail(predicate) == "status" else None)


def _tail(uri: str) -> str:
    return uri.rpartition("/")[2].rpartition("#")[2]


def _check_prolog(file: BinaryIO, name: str) -> None:
    """Refuses what expands or is loaded from outside: only short names for namespaces may be declared."""

    def doctype(_: str, system: str | None, public: str | None, internal: bool) -> None:
        if system or public:
            raise UnreadableFile(f"{name} names a DTD, and nothing is loaded from outside: save it without DOCTYPE.")

    def entity(entity: str, is_parameter: bool, value: str | None, *_: Any) -> None:
        is_address = value is not None and value.startswith("http") and set("&%<").isdisjoint(value)
        if is_parameter or not is_address or len(value or "") > LONGEST_ENTITY:
            raise UnreadableFile(f"{name} declares the entity {entity!r}, which is not expanded: save it without.")

    begun: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.EntityDeclHandler = doctype, entity
    parser.StartElementHandler = lambda element, attributes: begun.append(element)
    try:
        while not begun and (chunk := file.read(1 << 14)):
            parser.Parse(chunk)
    except (expat.ExpatError, LookupError) as error:
        raise _no_xml(name, parser.ErrorLineNumber, str(error)) from error
    file.seek(0)
