"""The index on a Chroma server: built once, found again, the same as the embedded one."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import chromadb
import pytest
from index_child import Synthetic, found

from assistant import Corpus, read_corpus
from assistant.errors import IndexUnavailable
from assistant.index import open_index

pytestmark = pytest.mark.check
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(ROOT / "corpus")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chroma server of this machine, as host:port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1",
               "--port", str(port), "--path", str(tmp_path_factory.mktemp("server"))]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the Chroma server did not start")


def test_it_is_built_once_and_finds_the_same(corpus: Corpus, server: str, tmp_path: Path) -> None:
    """Passages found on the server are those of the embedded index; a second opening embeds nothing."""
    encoder = Synthetic()
    embedded = open_index(corpus, encoder, tmp_path / "index")
    wanted, before = found(embedded, encoder), encoder.batches
    assert found(open_index(corpus, encoder, tmp_path, server), encoder) == wanted
    assert encoder.batches > before
    before = encoder.batches
    assert found(open_index(corpus, encoder, tmp_path, server), encoder) == wanted
    assert encoder.batches == before
    embedded.close()


def test_what_somebody_changed_there_is_not_served(corpus: Corpus, server: str, tmp_path: Path) -> None:
    """A lost record is refused in one line, and a rebuild mends it."""
    encoder = Synthetic()
    index = open_index(corpus, encoder, tmp_path, server)
    index.collection.delete(ids=[next(iter(index.stored()))])
    with pytest.raises(IndexUnavailable, match="rebuild") as caught:
        open_index(corpus, encoder, tmp_path, server)
    assert "\n" not in str(caught.value)
    assert open_index(corpus, encoder, tmp_path, server, rebuild=True).stored()
    assert open_index(corpus, encoder, tmp_path, server).stored()


def test_a_part_of_a_build_is_not_served(corpus: Corpus, server: str, tmp_path: Path) -> None:
    """Of two collections one alone, as a killed build leaves it, is built anew."""
    encoder = Synthetic()
    name = open_index(corpus, encoder, tmp_path, server).name
    host, _, port = server.partition(":")
    chromadb.HttpClient(host=host, port=int(port)).delete_collection(f"questions-{name}")
    before = encoder.batches
    assert open_index(corpus, encoder, tmp_path, server).stored()
    assert encoder.batches > before


def test_a_server_that_is_not_there_is_one_line(corpus: Corpus, tmp_path: Path) -> None:
    """No server, or something else at the address: refused in one line that names it."""
    for server in ("127.0.0.1:1", "nonsense", ":80", "127.0.0.1:http"):
        with pytest.raises(IndexUnavailable) as caught:
            open_index(corpus, Synthetic(), tmp_path, server)
        assert server in str(caught.value)
        assert "\n" not in str(caught.value)
