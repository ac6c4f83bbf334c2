"""The Chroma index: built when the corpus changed, complete or not used at all, searched.

Embedded: each build is a new generation folder; `CURRENT` names the one in use and is switched by
an atomic rename, so that a killed build is never served. A Chroma server (host:port) is used only
when set; there a collection is served once it is marked complete. Vectors are ours, always.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings
from langchain_core.embeddings import Embeddings

from assistant.corpus import Corpus
from assistant.errors import IndexUnavailable, ModelUnavailable, WorkError
from assistant.generations import digests, intact, locked, remove_others, write_whole
from assistant.records import Record, in_context, records

__all__ = ["PASSAGES", "QUESTIONS", "Index", "Near", "Progress", "in_context", "open_index"]

CODE_VERSION = "5"
PASSAGES, QUESTIONS = "passages", "questions"
_BATCH = 128
_ROOM = 200 * 2**20
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Near:
    """A record found, with its cosine similarity to the question (-1 to 1)."""

    id: str
    kind: str
    targets: tuple[str, ...]
    similarity: float


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

    def vectors(self) -> str:
        """sha256 over the vectors of all records, in the order of their ids."""
        digest = hashlib.sha256()
        for collection in self._collections.values():
            rows = collection.get(include=["embeddings"])
            for rid, vector in sorted(zip(rows["ids"], rows["embeddings"], strict=True), key=_first):
                digest.update(rid.encode() + np.asarray(vector, dtype="<f4").tobytes())
        return digest.hexdigest()

    def close(self) -> None:
        """Let go of the files."""
        close = getattr(self._client, "close", None)
        if close:
            close()


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


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
    except (ModelUnavailable, IndexUnavailable):
        raise
    except Exception as error:  # Chroma raises many kinds, by version, when a write fails
        reason = getattr(error, "strerror", None) or _line(error)
        raise IndexUnavailable(
            f"{folder}: the index cannot be built ({reason}); free some space, or make the folder "
            "writable, or choose another with ASSISTANT_INDEX"
        ) from None


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _build_locked(
    folder: Path, name: str, wanted: list[Record], embeddings: Embeddings, rebuild: bool,
    progress: Progress | None,
) -> Index:  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        index = None if rebuild else _open_generation(folder, name, wanted)
        if index:
            return index
        if shutil.disk_usage(folder).free < _ROOM:
            raise WorkError("less than 200 MB of disk space is free")
        generation = _build(folder, name, wanted, embeddings, progress)
        index = _open_generation(folder, name, wanted)
        if index is None:
            raise WorkError("the index just built does not verify")
        remove_others(folder, generation)
        return index


def _build(
    folder: Path, name: str, wanted: list[Record], embeddings: Embeddings, progress: Progress | None
) -> str:
    """Build in a hidden folder, then rename it and switch `CURRENT`; returns its name."""
    generation = f"{name}-{uuid.uuid4().hex[:8]}"
    hidden = folder / f".{generation}"
    try:
        vectors = _filled(hidden, wanted, embeddings, progress)
        manifest = {"fingerprint": name, "records": digests(wanted), "vectors": vectors}
        write_whole(hidden / "manifest.json", json.dumps(manifest))
        os.rename(hidden, folder / generation)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise
    write_whole(folder / "CURRENT", generation)
    return generation


def _filled(
    path: Path, wanted: list[Record], embeddings: Embeddings, progress: Progress | None
) -> str:
    """A new database with all records in the folder `path`; returns the digest of its vectors."""
    client = _client(path)
    try:
        _fill(client, wanted, embeddings, progress)
        return Index(client, path.name).vectors()
    finally:
        client.close()


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
                "ef_construction": 200, "ef_search": count + 100, "max_neighbors": 32,
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
        part.sort(key=lambda r: len(r.text))  # texts of like length need less padding together
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


def _open_generation(folder: Path, name: str, wanted: list[Record]) -> Index | None:
    """The current generation if it is whole and belongs to this corpus, else None."""
    try:
        current = (folder / "CURRENT").read_text(encoding="utf-8").strip()
        path = folder / current
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        vectors = manifest.pop("vectors")
        if "/" in current or manifest != {"fingerprint": name, "records": digests(wanted)}:
            return None
        if not intact(path / "chroma.sqlite3"):
            return None
        client = _client(path)
        index = Index(client, current)
        if _holds(index, wanted) and index.vectors() == vectors:
            return index
        index.close()
    except Exception:  # any damage whatever means: build anew (the caller does)
        return None
    return None


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
        index = Index(client, name, whole)
        if not _holds(index, wanted):
            raise WorkError(f"collections {' and '.join(done)} are not what was stored; rebuild them")
        return index
    except Exception as error:
        raise IndexUnavailable(f"Chroma server {server}: {_line(error)}") from None
