"""The index under faults: killed builds, damaged files, full and read-only disks, two at once.

All on the real article with a part of its question variants. What an index finds is compared with
what a sound one finds, for fixed questions. Killed builds and the second start use the real encoder;
damage to files does not depend on it, so there vectors are synthetic and a build takes no time.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from index_child import Real, Synthetic, found

from assistant import Corpus, read_corpus
from assistant.errors import IndexUnavailable
from assistant.index import open_index

pytestmark = pytest.mark.check
ROOT = Path(__file__).resolve().parent.parent.parent
PATH = {**os.environ, "PYTHONPATH": str(ROOT)}
CHILD = str(Path(__file__).with_name("index_child.py"))


@dataclass(frozen=True)
class Sound:
    """A corpus, the folder of its sound index, and what that finds."""

    path: Path
    corpus: Corpus
    encoder: Synthetic
    index: Path
    finds: list[Any]

    @property
    def generation(self) -> Path:
        return self.index / (self.index / "CURRENT").read_text(encoding="utf-8")


def _corpus(folder: Path, part: int) -> Path:
    """The real corpus with every 60th question variant, beginning with the `part`-th."""
    shutil.copytree(ROOT / "corpus", folder, ignore=shutil.ignore_patterns("policy"))
    variants = folder / "muscle-imbalance" / "questions.jsonl"
    lines = variants.read_text(encoding="utf-8").splitlines(keepends=True)
    variants.write_text("".join(lines[part::60]), encoding="utf-8")
    return folder


def _sound(folder: Path, part: int, encoder: Synthetic) -> Sound:
    path = _corpus(folder / "corpus", part)
    corpus = read_corpus(path)
    index = open_index(corpus, encoder, folder / "index")
    finds = found(index, encoder)
    index.close()
    return Sound(path, corpus, encoder, folder / "index", finds)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    return _sound(tmp_path_factory.mktemp("sound"), 0, Synthetic())


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """Another corpus: the same article with other question variants."""
    return _sound(tmp_path_factory.mktemp("other"), 30, Synthetic())


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """A sound index with the vectors of the real encoder."""
    return _sound(tmp_path_factory.mktemp("real"), 0, Real())


@pytest.fixture(scope="module")
def real_other(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """The same of another corpus."""
    return _sound(tmp_path_factory.mktemp("real_other"), 30, Real())


def _opened(sound: Sound, folder: Path) -> tuple[int, list[Any]]:
    """How many batches were embedded to open the index in `folder`, and what it finds."""
    encoder = sound.encoder
    before = encoder.batches
    index = open_index(sound.corpus, sound.encoder, folder)
    finds = found(index, encoder)
    index.close()
    return encoder.batches - before, finds


def _child(sound: Sound, folder: Path, step: int = 0, limit: int = -1) -> subprocess.Popen[str]:
    """A process that is ready to open the index; it begins when `_begin` is called."""
    process = subprocess.Popen(
        [sys.executable, CHILD, str(sound.path), str(folder), str(step), str(limit),
         "real" if isinstance(sound.encoder, Real) else "synthetic"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=PATH,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _end(process: subprocess.Popen[str]) -> str:
    """What the process said last, once it has ended."""
    out, _ = process.communicate()
    return out.strip()


def _snapshot(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*")}


def test_the_second_start_rebuilds_nothing(real: Sound) -> None:
    """No text is embedded again, no file comes or goes, here and in another process."""
    before = _snapshot(real.index)
    assert _opened(real, real.index) == (0, real.finds)
    process = _child(real, real.index)
    _begin(process)
    assert json.loads(_end(process)) == [0, real.finds]
    assert _snapshot(real.index) == before


def test_a_changed_corpus_gets_an_index_of_its_own(
    sound: Sound, other: Sound, tmp_path: Path
) -> None:
    """The new one is built, and the one before it is kept whole for who still reads it."""
    shutil.copytree(sound.index, tmp_path / "index")
    first = open_index(sound.corpus, sound.encoder, tmp_path / "index")
    batches, finds = _opened(other, tmp_path / "index")
    assert batches > 0
    assert finds == other.finds != sound.finds
    assert found(first, sound.encoder) == sound.finds
    first.close()


@pytest.mark.parametrize("replacing", [False, True])
def test_a_build_killed_at_10_random_moments_recovers(
    real: Sound, real_other: Sound, tmp_path: Path, replacing: bool
) -> None:
    """SIGKILL at any moment: what is there is whole or not served, and the next start is sound.

    Run for a first build and for one that replaces the index of another corpus: 20 moments.
    """
    pick, seconds, states = random.Random(f"kill {replacing}"), 0.0, []
    for number in range(11):
        folder = tmp_path / str(number)
        if replacing:
            shutil.copytree(real_other.index, folder)
        process = _child(real, folder)
        begun = time.monotonic()
        _begin(process)
        if number == 0:  # how long a build takes, to spread the kills over it
            assert json.loads(_end(process))[1] == real.finds
            seconds = time.monotonic() - begun
            continue
        time.sleep(pick.random() * seconds)
        process.send_signal(signal.SIGKILL)
        _end(process)
        states.append(_state(folder))
        if replacing and states[-1] == real_other.generation.name:
            assert _opened(real_other, folder) == (0, real_other.finds)
        batches, finds = _opened(real, folder)
        assert finds == real.finds
        assert (batches == 0) == (states[-1] not in ("nothing", real_other.generation.name))
        assert [p.name for p in folder.iterdir() if p.name.startswith(".")] == [] or not batches
    print("after the kills:", states)


def _state(folder: Path) -> str:
    """The generation that the pointer names, or "nothing"."""
    pointer = folder / "CURRENT"
    return pointer.read_text(encoding="utf-8") if pointer.exists() else "nothing"


def test_a_build_killed_at_each_step_recovers(
    sound: Sound, other: Sound, tmp_path: Path
) -> None:
    """Killed before the 1st, 2nd, ... call that makes, renames or removes a file of the index."""
    states = []
    for step in range(1, 60):
        folder = tmp_path / str(step)
        shutil.copytree(other.index, folder)
        process = _child(sound, folder, step)
        _begin(process)
        said = _end(process)
        states.append(_state(folder) != other.generation.name)
        assert _opened(sound, folder)[1] == sound.finds
        shutil.rmtree(folder)
        if said:
            assert json.loads(said)[1] == sound.finds
            break
    print(f"{len(states)} steps, switched before step {states.index(True) + 1}")
    assert len(states) > 5
    assert states == sorted(states)


Damage = Callable[[bytes], bytes | None]
DAMAGES: dict[str, Damage] = {
    "missing": lambda data: None,
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "garbage": lambda data: random.Random(1).randbytes(len(data) or 100),
    "zeros": lambda data: b"\0" * (len(data) or 100),
    "longer": lambda data: data + b"more",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_never_gives_a_wrong_answer(
    sound: Sound, tmp_path: Path, damage: str
) -> None:
    """Each file of the index damaged in turn: harmless, or the index is built anew."""
    files = [p for p in sorted(sound.index.rglob("*")) if p.is_file()]
    assert {"CURRENT", "manifest.json", "chroma.sqlite3"} <= {p.name for p in files}
    rebuilt = []
    for number, file in enumerate(files):
        folder = tmp_path / str(number)
        shutil.copytree(sound.index, folder)
        place = folder / file.relative_to(sound.index)
        data = DAMAGES[damage](place.read_bytes())
        place.unlink()
        if data is not None:
            place.write_bytes(data)
        batches, finds = _opened(sound, folder)
        assert finds == sound.finds, file.name
        rebuilt += [file.name] if batches else []
        shutil.rmtree(folder)
    print(damage, "rebuilt for:", rebuilt)
    if damage != "longer":
        assert {"CURRENT", "manifest.json", "chroma.sqlite3"} <= set(rebuilt)


def test_100_flipped_bits_in_the_database_never_give_a_wrong_answer(
    sound: Sound, tmp_path: Path
) -> None:
    """A bit anywhere in the database, vectors included: harmless, or the index is built anew."""
    pick, rebuilt = random.Random(6), 0
    database = sound.generation / "chroma.sqlite3"
    data = database.read_bytes()
    for number in range(100):
        folder = tmp_path / str(number)
        shutil.copytree(sound.index, folder)
        at = pick.randrange(len(data))
        changed = data[:at] + bytes([data[at] ^ (1 << pick.randrange(8))]) + data[at + 1 :]
        (folder / database.relative_to(sound.index)).write_bytes(changed)
        batches, finds = _opened(sound, folder)
        assert finds == sound.finds, at
        rebuilt += bool(batches)
        shutil.rmtree(folder)
    print(f"{rebuilt} of 100 built anew, the others harmless")


@pytest.mark.parametrize(
    "change",
    ["UPDATE embeddings_queue SET vector = (SELECT vector FROM embeddings_queue ORDER BY seq_id LIMIT 1)"
     " WHERE seq_id = (SELECT max(seq_id) FROM embeddings_queue)",
     "DELETE FROM embeddings_queue WHERE seq_id = (SELECT max(seq_id) FROM embeddings_queue)",
     "UPDATE embedding_metadata SET string_value = 'x#1' WHERE key = 'targets'"
     " AND id = (SELECT max(id) FROM embedding_metadata)",
     "DELETE FROM embedding_metadata WHERE id = (SELECT max(id) FROM embedding_metadata)",
     "DELETE FROM collections WHERE name = 'questions'"],
)  # fmt: skip
def test_a_database_with_other_content_is_not_served(
    sound: Sound, tmp_path: Path, change: str
) -> None:
    """A swapped or lost vector, other metadata, a lost collection: sound SQLite, yet built anew."""
    shutil.copytree(sound.index, tmp_path / "index")
    path = tmp_path / "index" / sound.generation.name / "chroma.sqlite3"
    connection = sqlite3.connect(path)
    assert connection.execute(change).rowcount > 0
    connection.commit()
    connection.close()
    batches, finds = _opened(sound, tmp_path / "index")
    assert batches > 0
    assert finds == sound.finds


def test_the_index_of_another_corpus_is_not_served(
    sound: Sound, other: Sound, tmp_path: Path
) -> None:
    """Its files under the name of ours, its pointer, or a pointer out of the folder: built anew."""
    for number, plant in enumerate((_renamed, _pointed, _outside)):
        folder = tmp_path / str(number) / "index"
        shutil.copytree(sound.index, folder)
        plant(sound, other, folder)
        batches, finds = _opened(sound, folder)
        assert batches > 0
        assert finds == sound.finds
        assert found_whole(other.generation)


def _renamed(sound: Sound, other: Sound, folder: Path) -> None:
    ours = folder / sound.generation.name
    shutil.copy(ours / "manifest.json", folder.parent / "manifest.json")
    shutil.rmtree(ours)
    shutil.copytree(other.generation, ours)
    shutil.copy(folder.parent / "manifest.json", ours / "manifest.json")


def _pointed(sound: Sound, other: Sound, folder: Path) -> None:
    shutil.copytree(other.generation, folder / other.generation.name)
    (folder / "CURRENT").write_text(other.generation.name, encoding="utf-8")


def _outside(sound: Sound, other: Sound, folder: Path) -> None:
    (folder / "CURRENT").write_text(f"../../{other.generation}", encoding="utf-8")


def found_whole(generation: Path) -> bool:
    """Whether nobody touched this generation."""
    return {"manifest.json", "chroma.sqlite3"} <= {p.name for p in generation.iterdir()}


def test_writes_that_fail_are_one_line_and_leave_nothing(
    sound: Sound, other: Sound, tmp_path: Path
) -> None:
    """No file may grow beyond a limit: the build is refused, the old index still serves."""
    size = (sound.generation / "chroma.sqlite3").stat().st_size
    refused = 0
    for number, limit in enumerate([0, 1, 4096, 65536, *(size * k // 8 for k in range(1, 9)), 8 * size]):
        folder = tmp_path / str(number)
        shutil.copytree(other.index, folder)
        process = _child(sound, folder, limit=limit)
        _begin(process)
        said = _end(process)
        assert len(said.splitlines()) == 1, (limit, said)
        if said.startswith("refused: "):
            refused += 1
            assert str(folder) in said
            assert [p.name for p in folder.iterdir() if p.name.startswith(".")] == []
            assert _opened(other, folder) == (0, other.finds)
        else:
            assert json.loads(said)[1] == sound.finds
        assert _opened(sound, folder)[1] == sound.finds
    print(f"refused at {refused} of 13 limits")
    assert 8 <= refused < 13


@pytest.mark.parametrize("place", ["/proc/index", "/dev/null/index", "/sys/index"])
def test_a_folder_that_cannot_be_is_one_line(sound: Sound, place: str) -> None:
    """Nowhere to write: refused in one line that names the folder and the setting."""
    with pytest.raises(IndexUnavailable, match="ASSISTANT_INDEX") as caught:
        open_index(sound.corpus, sound.encoder, Path(place))
    assert place in str(caught.value)
    assert "\n" not in str(caught.value)


# A read-only and a full file system need a mount of one's own, which some kernels do not allow;
# there these tests do not exist, and the two above stand for them.
MOUNTS = subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0
if MOUNTS:

    @pytest.mark.parametrize(
        ("mount", "serves"),
        [('mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"', False),
         ('mkdir "$1.t" && mount -t tmpfs -o size=24m tmpfs "$1.t" && cp -a "$1/." "$1.t/" && '
          'mount --move "$1.t" "$1"', True),
         ('mkdir "$1.t" && mount -t tmpfs -o size=24m tmpfs "$1.t" && cp -a "$1/." "$1.t/" && '
          '(cat /dev/zero > "$1.t/ballast" || true) 2>/dev/null && mount --move "$1.t" "$1"', False)],
        ids=["read-only", "small", "full"],
    )  # fmt: skip
    def test_a_read_only_or_full_disk_serves_rightly_or_refuses(
        sound: Sound, other: Sound, tmp_path: Path, mount: str, serves: bool
    ) -> None:
        """What is there is served as it is or refused in one line; a build is refused in one line."""
        for corpus, whole in ((sound, True), (other, False)):
            folder = tmp_path / corpus.path.parent.name
            shutil.copytree(sound.index, folder)
            script = f'{mount} && exec "$2" "$3" "$4" "$1" 0 -1 synthetic'
            done = subprocess.run(
                ["unshare", "-rm", "sh", "-c", script, "sh", str(folder), sys.executable, CHILD,
                 str(corpus.path)],
                input="\n", capture_output=True, text=True, cwd=ROOT, env=PATH, check=False,
            )  # fmt: skip
            said = done.stdout.removeprefix("ready\n").strip()
            assert done.returncode == 0, done.stderr
            assert "Traceback" not in done.stderr
            assert len(said.splitlines()) == 1, said
            if whole and serves:
                assert json.loads(said) == [0, sound.finds]
            elif not said.startswith("refused: "):
                assert whole
                assert json.loads(said) == [0, sound.finds]


def test_two_processes_build_once(sound: Sound, tmp_path: Path) -> None:
    """Of two that start together one builds, the other waits and uses the same index."""
    processes = [_child(sound, tmp_path / "index") for _ in range(2)]
    for process in processes:
        _begin(process)
    said = [json.loads(_end(process)) for process in processes]
    assert sorted(batches > 0 for batches, _ in said) == [False, True]
    assert [finds for _, finds in said] == [sound.finds, sound.finds]
    assert len([p for p in (tmp_path / "index").iterdir() if p.is_dir()]) == 1
