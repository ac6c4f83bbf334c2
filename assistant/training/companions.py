"""Other articles with questions, to learn from and to calibrate on, so that the models suit any article.

`articles/learnt` is trained on; `articles/held_out` is for calibrating retrieval where a corpus has
no question variants. Each folder holds an article, its references and questions with the sentences
that answer, as a corpus does. They are invented and never served.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assistant.corpus import Corpus, read_corpus

ARTICLES = Path(__file__).resolve().parent / "articles"


def companions(corpus: Path, kind: str) -> Iterator[Corpus]:
    """A corpus for each article of `kind` (learnt, held_out), its words those of the folder `corpus`.

    The folder of each lasts until the next is asked for. Raises CorpusError for what is wrong.
    """
    for article in sorted(p.parent for p in (ARTICLES / kind).glob("*/article.md")):
        with tempfile.TemporaryDirectory() as folder:
            yield read_corpus(beside(corpus, article, Path(folder) / "corpus"))


def beside(corpus: Path, article: Path, folder: Path) -> Path:
    """A new `folder` with all that the articles of `corpus` share, and with `article` alone."""
    folder.mkdir(parents=True)
    for path in corpus.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
        elif not (path / "article.md").exists():
            shutil.copytree(path, folder / path.name)
    shutil.copytree(article, folder / article.name)
    return folder
