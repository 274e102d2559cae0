"""One run of the bench, phase by phase."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from api.models import Token
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.embedded import EmbeddedEngine
from tests.bench import loading, report, stages
from tests.bench.asking import KINDS, RICH, Asking, Request, reading_ms
from tests.bench.contenders import Contender, ElasticsearchAlone, OverHttp, TantivyAlone
from tests.bench.expert_table import ExpertTable
from tests.bench.gunicorns import serving
from tests.bench.indexing import Listening, elasticsearch_floor, embedded_floor, rebuild_with
from tests.bench.measuring import measure
from tests.bench.world import viewer

PRODUCT = "/api/v1/candidates/"
EVERY = {"plain": 5}
"""The plain way is slow: it answers in every fifth round."""
PROFILED = 40


@dataclass
class Bench:
    students: int
    rounds: int
    folder: Path
    made: Path
    """What is known of the data that was kept stands here."""
    figures: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tantivy = EmbeddedEngine(settings.VAR_DIR / "index")
        self.elasticsearch = ElasticsearchEngine(settings.ELASTICSEARCH_URL, prefix=settings.ELASTICSEARCH_PREFIX)

    def run(self, kept: bool, only: Sequence[str], with_profile: bool) -> dict[str, Any]:
        self.figures = json.loads(self.made.read_text()) if kept else {"load_seconds": loading.load(self.students)}
        if not (kept and self.tantivy.is_built() and self.elasticsearch.is_built()):
            self._index()
            self.made.write_text(json.dumps(self.figures))
        print(json.dumps(self.figures, indent=1))
        user = viewer()
        asking = Asking(self.tantivy, user, self.students)
        requests = {kind.name: asking.requests(kind, self.rounds) for kind in KINDS}
        _, token = Token.objects.create(user, name="bench")
        with serving(self._environments(), self.folder) as ports:
            contenders: list[Contender] = [
                ElasticsearchAlone(self.elasticsearch, user),
                OverHttp("stack on Elasticsearch", ports["elasticsearch"], PRODUCT, token),
                TantivyAlone(self.tantivy, user),
                OverHttp("stack on tantivy", ports["tantivy"], PRODUCT, token),
                OverHttp("expert", ports["rivals"], "/rivals/expert/", token),
                OverHttp("plain", ports["rivals"], "/rivals/plain/", token),
            ]
            chosen = [one for one in contenders if not only or one.name in only or one.name.startswith("stack on E")]
            of_rivals = [kind.name for kind in KINDS if kind.has_rivals]
            kinds_of = {"expert": of_rivals, "plain": of_rivals}
            results = measure(requests, chosen, every=EVERY, kinds_of=kinds_of)
        self.figures["kinds"] = report.figures(results, requests)
        self.figures["rich"] = report.rich(self.figures["kinds"]) | {"reading_ms": reading_ms(requests[RICH])}
        print(report.table(self.figures["kinds"]), report.rich_lines(self.figures["rich"]), sep="\n")
        self._say_differences(requests)
        if with_profile:
            self._profile(requests, token)
        return self.figures

    def _index(self) -> None:
        with ExpertTable() as expert:
            listening = Listening(self.tantivy, expert)
            embedded = rebuild_with(listening, self.students)
        embedded["floor_documents_a_second"] = embedded_floor(listening.documents)
        remote = rebuild_with(Listening(self.elasticsearch), self.students)
        remote["floor_documents_a_second"] = elasticsearch_floor(self.elasticsearch, listening.documents)
        self.figures["rebuild"] = {"tantivy": embedded, "elasticsearch": remote}
        self._without_cache()
        loading.analyse()

    def _without_cache(self) -> None:
        for alias in self.elasticsearch.aliases.values():
            self.elasticsearch.client.indices.put_settings(index=alias, settings={"index.requests.cache.enable": False})

    def _environments(self) -> dict[str, dict[str, str]]:
        return {"elasticsearch": {}, "tantivy": {"ELASTICSEARCH_URL": ""}, "rivals": {"BENCH_RIVALS": "1"}}

    def _say_differences(self, requests: dict[str, list[Request]]) -> None:
        differences = [sentence for asked in requests.values() for one in asked for sentence in one.differences]
        self.figures["differences"] = differences
        print(f"\n{len(differences)} differences between the answers." + "".join(f"\n  {d}" for d in differences[:20]))

    def _profile(self, requests: dict[str, list[Request]], token: str) -> None:
        few = {kind: asked[:PROFILED] for kind, asked in requests.items()}
        for engine in (self.elasticsearch, self.tantivy):
            made = stages.profile(few, engine, token)
            shown = "Elasticsearch" if engine is self.elasticsearch else "tantivy"
            kinds = self.figures["kinds"]
            http = {kind: kinds[kind]["contenders"].get(f"stack on {shown}", {}).get("p50", 0) for kind in kinds}
            print(f"\nWhere the time goes, on {shown}\n{stages.table(made, http)}")
            self.figures.setdefault("stages", {})[engine.name] = made

    def remove(self) -> None:
        """The indices; the database goes with its name."""
        connection.close()
        patterns = [f"{settings.ELASTICSEARCH_PREFIX}-{family}-*" for family in self.elasticsearch.aliases]
        self.elasticsearch._delete(self.elasticsearch.client.indices.get(index=patterns).body)
