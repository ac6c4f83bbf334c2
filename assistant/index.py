"""The Chroma index: built when the corpus changed, complete or not used at all, searched.

Embedded: each build is a new generation folder; `CURRENT` names the one in use and is switched by
an atomic rename, so that a killed build is never served. A Chroma server (host:port) is used only
when set; there a collection is served once it is marked complete. Vectors are ours, always.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings as ChromaSettings
from langchain_core.embeddings import Embeddings

from assistant.corpus import Corpus, sentence_ids
from assistant.errors import IndexUnavailable, WorkError

CODE_VERSION = "3"
PASSAGES, QUESTIONS = "passages", "questions"
_BATCH = 128
_ROOM = 200 * 2**20
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Record:
    """One vector of the index: its text, and what it points to (metadata).

    `kind` is passage, sentence, variant (a question answered by `targets`) or unanswered; `targets` are the sentence ids that it stands for.
    """

    id: str
    text: str
    kind: str
    section: str
    region: str
    targets: tuple[str, ...]

    @property
    def metadata(self) -> dict[str, str]:
        return {
            "kind": self.kind, "section": self.section, "region": self.region,
            "targets": " ".join(self.targets),
        }  # fmt: skip


@dataclass(frozen=True)
class Near:
    """A record found, with its cosine similarity to the question (-1 to 1)."""

    id: str
    kind: str
    targets: tuple[str, ...]
    similarity: float


def records(corpus: Corpus) -> list[Record]:
    """What is indexed: every passage, every sentence with its headings, every question variant."""
    regions = {e.passage.id: e.region for e in corpus.exercises}
    found = []
    for passage in corpus.passages.values():
        section = passage.heading[0] if passage.heading else ""
        region = regions.get(passage.id, "")
        ids = sentence_ids(passage)
        text = " > ".join(passage.heading) + "\n" + passage.text
        found.append(Record(passage.id, text, "passage", section, region, tuple(ids)))
        for sid, sentence in zip(ids, passage.sentences, strict=True):
            context = in_context(passage.heading, sentence.shown)
            found.append(Record(sid, context, "sentence", section, region, (sid,)))
    for variant in corpus.variants:
        if variant.earlier:
            continue  # elliptical without the messages before it: misleading on its own
        kind = "variant" if variant.answers else "unanswered"
        key = hashlib.sha256(
            "\0".join((variant.question, *variant.answers)).encode()
        ).hexdigest()[:16]  # fmt: skip
        found.append(Record(f"{kind}/{key}", variant.question, kind, "", "", variant.answers))
    return list({record.id: record for record in found}.values())


def in_context(heading: tuple[str, ...], text: str) -> str:
    """A sentence with the headings above it, as it is embedded and ranked."""
    above = [part for part in heading[-2:] if part != text]
    return f"{': '.join(above)}: {text}" if above else text


def fingerprint(corpus: Corpus, model: str) -> str:
    """What identifies a build: corpus, model and the version of this code."""
    return hashlib.sha256(f"{corpus.fingerprint} {model} {CODE_VERSION}".encode()).hexdigest()[:24]


class Index:
    """A verified index, open for searching: passages with their sentences, and questions."""

    def __init__(self, client: Any, name: str, suffix: str = "") -> None:
        self._client, self.name = client, name
        self._collections = {
            kind: client.get_collection(kind + suffix, embedding_function=None)
            for kind in (PASSAGES, QUESTIONS)
        }

    @property
    def collection(self) -> Any:
        """The Chroma collection of passages and sentences."""
        return self._collections[PASSAGES]

    def search(
        self, vector: list[float], count: int, where: dict[str, Any] | None = None,
        kind: str = PASSAGES,
    ) -> list[Near]:  # fmt: skip
        """The `count` records nearest to `vector`, nearest first; ties by id.

        `where` filters by metadata (kind, section, region) in Chroma's own form; `kind` chooses
        between the passages with their sentences and the question variants.
        """
        result = self._collections[kind].query(
            query_embeddings=[vector], n_results=count, where=where,
            include=["metadatas", "distances"],
        )  # fmt: skip
        near = [
            Near(rid, meta["kind"], tuple(meta["targets"].split()), round(1.0 - distance, 5))
            for rid, meta, distance in zip(
                result["ids"][0], result["metadatas"][0], result["distances"][0], strict=True
            )
        ]
        return sorted(near, key=lambda n: (-n.similarity, n.id))

    def stored(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """(text, metadata) of every record by id."""
        found = {}
        for collection in self._collections.values():
            rows = collection.get(include=["documents", "metadatas"])
            for rid, text, meta in zip(
                rows["ids"], rows["documents"], rows["metadatas"], strict=True
            ):
                found[rid] = (text, dict(meta))
        return found

    def close(self) -> None:
        """Let go of the files."""
        close = getattr(self._client, "close", None)
        if close:
            close()


def open_index(
    corpus: Corpus,
    embeddings: Embeddings,
    folder: Path,
    server: str = "",
    rebuild: bool = False,
    progress: Progress | None = None,
) -> Index:
    """The index of `corpus`, built first if there is none, it is damaged, or the corpus changed.

    Raises IndexUnavailable, in one line, when it can be neither opened nor built.
    """
    name = fingerprint(corpus, getattr(embeddings, "identity", type(embeddings).__name__))
    wanted = records(corpus)
    if server:
        return _open_on_server(server, name, wanted, embeddings, rebuild, progress)
    if not rebuild:
        index = _open_generation(folder, name, wanted)
        if index:
            return index
    try:
        return _build_locked(folder, name, wanted, embeddings, rebuild, progress)
    except (OSError, sqlite3.Error, WorkError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise IndexUnavailable(f"{folder}: the index cannot be built ({reason})") from None


def _build_locked(
    folder: Path, name: str, wanted: list[Record], embeddings: Embeddings, rebuild: bool,
    progress: Progress | None,
) -> Index:  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder):
        index = None if rebuild else _open_generation(folder, name, wanted)
        if index:
            return index
        if shutil.disk_usage(folder).free < _ROOM:
            raise WorkError("less than 200 MB of disk space is free")
        generation = _build(folder, name, wanted, embeddings, progress)
        index = _open_generation(folder, name, wanted)
        if index is None:
            raise WorkError("the index just built does not verify")
        _remove_others(folder, generation)
        return index


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One builder at a time; the lock goes with the process that holds it."""
    with (folder / "LOCK").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _client(path: Path) -> Any:
    settings = ChromaSettings(anonymized_telemetry=False, is_persistent=True)
    return chromadb.PersistentClient(path=str(path), settings=settings)


def _create(client: Any, name: str, count: int) -> Any:
    return client.create_collection(
        name,
        embedding_function=None,
        # Chroma builds its graph anew in each process; looking through all of it keeps answers
        # the same from one process to the next.
        configuration={
            "hnsw": {
                "space": "cosine", "sync_threshold": max(1000, 2 * count),
                "ef_construction": 400, "ef_search": count + 100, "max_neighbors": 48,
            }
        },
    )


def _fill(
    client: Any, wanted: list[Record], embeddings: Embeddings, progress: Progress | None,
    suffix: str = "",
) -> list[Any]:  # fmt: skip
    """Both collections, made and filled."""
    made, done = [], 0
    for kind in (PASSAGES, QUESTIONS):
        part = [r for r in wanted if (r.kind in ("passage", "sentence")) == (kind == PASSAGES)]
        collection = _create(client, kind + suffix, len(part))
        for start in range(0, len(part), _BATCH):
            batch = part[start : start + _BATCH]
            collection.add(
                ids=[r.id for r in batch],
                documents=[r.text for r in batch],
                metadatas=[r.metadata for r in batch],
                embeddings=embeddings.embed_documents([r.text for r in batch]),
            )
            done += len(batch)
            if progress:
                progress(done, len(wanted))
        made.append(collection)
    return made


def _build(
    folder: Path, name: str, wanted: list[Record], embeddings: Embeddings, progress: Progress | None
) -> str:
    """Build in a hidden folder, then rename it and switch `CURRENT`; returns its name."""
    generation = f"{name}-{uuid.uuid4().hex[:8]}"
    hidden = folder / f".{generation}"
    client = _client(hidden)
    try:
        _fill(client, wanted, embeddings, progress)
    finally:
        client.close()
    manifest = {"fingerprint": name, "records": _digests(wanted)}
    _write(hidden / "manifest.json", json.dumps(manifest))
    os.rename(hidden, folder / generation)
    _write(folder / "CURRENT", generation)
    return generation


def _digests(wanted: list[Record]) -> dict[str, str]:
    return {r.id: hashlib.sha256(r.text.encode()).hexdigest()[:16] for r in wanted}


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(part, path)


def _remove_others(folder: Path, keep: str) -> None:
    """Remove all but `keep` and the generation before it, which another process may still read."""
    others = [p for p in folder.iterdir() if p.is_dir() and p.name != keep]
    whole = sorted((p for p in others if p.name[0] != "."), key=lambda p: p.stat().st_mtime)
    for path in [p for p in others if p not in whole[-1:]]:
        shutil.rmtree(path, ignore_errors=True)


def _open_generation(folder: Path, name: str, wanted: list[Record]) -> Index | None:
    """The current generation if it is whole and belongs to this corpus, else None."""
    try:
        current = (folder / "CURRENT").read_text(encoding="utf-8").strip()
        path = folder / current
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        if "/" in current or manifest != {"fingerprint": name, "records": _digests(wanted)}:
            return None
        if not _intact(path / "chroma.sqlite3"):
            return None
        client = _client(path)
        index = Index(client, current)
        if _holds(index, wanted):
            return index
        index.close()
    except Exception:  # any damage whatever means: build anew (the caller does)
        return None
    return None


def _intact(database: Path) -> bool:
    if not database.exists() or database.stat().st_size == 0:
        return False
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


def _holds(index: Index, wanted: list[Record]) -> bool:
    """Whether the index holds exactly the wanted texts and finds a sample by its own vector."""
    if index.stored() != {r.id: (r.text, r.metadata) for r in wanted}:
        return False
    sample = [r.id for r in wanted if r.kind == "passage"]
    vectors = index.collection.get(ids=sample, include=["embeddings"])
    for vector in vectors["embeddings"]:
        if index.search([float(x) for x in vector], 1)[0].similarity < 0.999:
            return False
    return len(vectors["ids"]) == len(sample)


def _open_on_server(
    server: str, name: str, wanted: list[Record], embeddings: Embeddings, rebuild: bool,
    progress: Progress | None,
) -> Index:  # fmt: skip
    host, _, port = server.rpartition(":")
    if not host or not port.isdigit():
        raise IndexUnavailable(f"ASSISTANT_CHROMA={server!r} is not host:port; correct it")
    try:
        client: Any = chromadb.HttpClient(
            host=host, port=int(port), settings=ChromaSettings(anonymized_telemetry=False)
        )
        names = {c.name for c in client.list_collections()}
        whole = f"-{name}"
        done = [kind + whole for kind in (PASSAGES, QUESTIONS)]
        if rebuild or not set(done) <= names:
            for old in names & set(done):
                client.delete_collection(old)
            # The last of the two takes its name last: both names mean a whole build.
            made = _fill(client, wanted, embeddings, progress, f"-part-{uuid.uuid4().hex[:12]}")
            for collection, final in zip(made, done, strict=True):
                collection.modify(name=final)
        return Index(client, name, whole)
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise IndexUnavailable(f"Chroma server {server}: {reason[:120]}") from None
