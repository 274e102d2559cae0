"""The bare Elasticsearch node for tests: the real server with its core modules, as Maven publishes it.

It is fetched once into a cache folder, is not changed, and runs on any Java of 17 or later.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.server_programs import Running, UnavailableError, free_ports, launch, wait_until

VERSION = "8.19.8"
SHA256 = "8d943e94cef02cbceb6e39cd00175bb04e5f882fa32783a473880b8691a54376"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
HEAP = "-Xms512m -Xmx512m"
OLDEST_JAVA = 17


def java_home() -> str | None:
    """A Java of 17 or later."""
    found = shutil.which("java")
    homes = [os.environ.get("ES_JAVA_HOME"), os.environ.get("JAVA_HOME")]
    homes += [str(Path(found).resolve().parent.parent)] if found else []
    homes += sorted(str(path) for path in Path("/usr/lib/jvm").glob("*"))
    for home in filter(None, homes):
        java = Path(home) / "bin" / "java"
        if java.exists():
            told = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False).stderr
            version = re.search(r'version "(\d+)', told)
            if version and int(version[1]) >= OLDEST_JAVA:
                return home
    return None


def cache_folder() -> Path:
    """Where the node is kept between runs; root's own cache is closed to the user who runs it."""
    if os.geteuid() == 0:
        return Path("/var/cache/talent-pipeline")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "talent-pipeline"


def node() -> Path:
    """The unpacked node, fetched by Maven the first time and checked against its hash."""
    target = cache_folder() / f"elasticsearch-{VERSION}"
    if target.exists():
        return target
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError("Maven is not installed to fetch the node (Debian: maven)")
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        options = {"maven.repo.local": f"{folder}/maven", "artifact": ARTIFACT, "transitive": "false"}
        fetched = subprocess.run(
            [
                *(maven, "-q", "-B", "dependency:get"),
                *(f"-D{name}={value}" for name, value in options.items()),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        archive = next(Path(folder).rglob(f"elasticsearch-{VERSION}.zip"), None)
        if fetched.returncode or archive is None:
            raise UnavailableError(f"Maven could not fetch {ARTIFACT}: {fetched.stdout.strip()[-300:]}")
        unpack(archive, Path(folder) / "unpacked")
        # Another run may have been faster: its copy is as good.
        with contextlib.suppress(OSError):
            (Path(folder) / "unpacked" / target.name).rename(target)
    return target


def unpack(archive: Path, folder: Path) -> None:
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise UnavailableError(f"{ARTIFACT} is not the file that is known: its hash differs")
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def start_elasticsearch(folder: Path, register: Callable[[Running], None]) -> None:
    home = java_home()
    if home is None:
        raise UnavailableError(f"no Java of {OLDEST_JAVA} or later is installed (Debian: default-jre-headless)")
    program, (http, transport) = node(), free_ports(2)
    shutil.copytree(program / "config", folder / "config")
    (folder / "tmp").mkdir()
    settings = {
        "discovery.type": "single-node",
        "xpack.security.enabled": "false",
        "action.auto_create_index": "false",
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        "network.host": "127.0.0.1",
        "http.port": http,
        "transport.port": transport,
        "path.data": folder / "data",
        "path.logs": folder / "logs",
    }
    text = "\n".join(f"{name}: {value}" for name, value in settings.items())
    (folder / "config" / "elasticsearch.yml").write_text(text)
    process = launch(
        [str(program / "bin" / "elasticsearch")],
        folder,
        ES_JAVA_HOME=home,
        ES_JAVA_OPTS=f"{HEAP} {os.environ.get('ES_JAVA_OPTS', '')}",
        ES_PATH_CONF=str(folder / "config"),
        ES_TMPDIR=str(folder / "tmp"),
    )
    url = f"http://127.0.0.1:{http}"
    register(Running(url=url, process=process))

    def ready() -> bool:
        with contextlib.suppress(OSError):
            return bool(urllib.request.urlopen(f"{url}/_cluster/health", timeout=2).status == 200)
        return False

    wait_until(ready, process, folder / "log", seconds=120)
