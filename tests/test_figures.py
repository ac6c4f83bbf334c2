"""Line figures: proportions of a person, the movement each exercise asks for, SVG and PDF."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from itertools import product
from math import acos, degrees, dist
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from fpdf import FPDF

from assistant.corpus import Corpus, read_corpus
from assistant.errors import CorpusError
from assistant.figures import Figure, Figures, read_figures
from assistant.marks import Disc
from assistant.poses import POSES, PoseName, Space

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    "scapular-retraction", "pectoral-stretch", "chin-tuck", "glute-bridge", "hip-flexor-stretch",
    "hamstring-curl-with-resistance-band", "plank", "dead-bug",
)  # fmt: skip
SIDES = ("l", "r")
# Lengths in cm of a person of 170 cm: Drillis & Contini (1966), as shares of the height in
# Winter, Biomechanics and Motor Control of Human Movement: thigh .245, shank .246, upper arm .186,
# forearm .146, foot .152; trunk, neck and hand as the sum of what the same table leaves.
PERSON = {
    ("hip", "knee"): 41.7, ("knee", "ankle"): 41.8, ("shoulder", "elbow"): 31.6,
    ("elbow", "wrist"): 24.8, ("wrist", "hand"): 9.0, ("heel", "toe"): 25.8,
    ("ankle", "heel"): 8.6, ("hip", "pelvis"): 9.0, ("shoulder", "neck"): 17.7,
    ("pelvis", "neck"): 54.0, ("neck", "head"): 16.0, ("head", "nose"): 13.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """The repository's own corpus."""
    return read_corpus(ROOT / "corpus")


@pytest.fixture(scope="module")
def figures(corpus: Corpus) -> Figures:
    """Its figures."""
    return read_figures(corpus)


def joints(figures: Figures, name: str, pose: PoseName) -> dict[str, Space]:
    """The joints of an exercise's pose."""
    return dict(figures.by_id[f"muscle-imbalance/exercises/{name}"].poses.pose(pose).joints)


def angle(a: Space, b: Space, c: Space) -> float:
    """The angle at `b` in degrees."""
    u, v = ([p - q for p, q in zip(end, b, strict=True)] for end in (a, c))
    cosine = sum(x * y for x, y in zip(u, v, strict=True)) / (dist(a, b) * dist(c, b))
    return degrees(acos(max(-1.0, min(1.0, cosine))))


def knee(j: dict[str, Space], side: str) -> float:
    """The angle of a knee; 180 is straight."""
    return angle(j[f"hip_{side}"], j[f"knee_{side}"], j[f"ankle_{side}"])


def elbow(j: dict[str, Space], side: str) -> float:
    """The angle of an elbow; 180 is straight."""
    return angle(j[f"shoulder_{side}"], j[f"elbow_{side}"], j[f"wrist_{side}"])


def test_every_exercise_has_two_different_poses(corpus: Corpus, figures: Figures) -> None:
    """All exercises of the corpus are drawn, and the end differs from the start."""
    assert set(figures.by_id) == {exercise.id for exercise in corpus.exercises}
    for figure in figures.by_id.values():
        assert figure.marks("start") != figure.marks("end")


@pytest.mark.parametrize(("name", "pose"), list(product(NAMES, POSES)))
def test_proportions_are_a_persons_in_every_pose(
    figures: Figures, name: str, pose: PoseName
) -> None:
    """Every segment has the length of the table within 5 %, on both sides of the body."""
    j = joints(figures, name, pose)
    seen = 0
    for (a, b), length in PERSON.items():
        for side in SIDES:
            ends = [part if part in j else f"{part}_{side}" for part in (a, b)]
            if all(end in j for end in ends):
                assert dist(j[ends[0]], j[ends[1]]) == pytest.approx(length, rel=0.05), ends
                seen += 1
    assert seen == (2 if name == "chin-tuck" else 24)


@pytest.mark.parametrize(("name", "pose"), list(product(NAMES, POSES)))
def test_no_joint_does_the_impossible(figures: Figures, name: str, pose: PoseName) -> None:
    """No joint is below the floor, and no knee bends to the front of the lower leg."""
    j = joints(figures, name, pose)
    assert min(point[2] for point in j.values()) >= -0.6
    for side in SIDES if "knee_l" in j else ():
        hip, bend, ankle, heel, toe = (
            np.array(j[f"{part}_{side}"]) for part in ("hip", "knee", "ankle", "heel", "toe")
        )
        shank = (ankle - bend) / np.linalg.norm(ankle - bend)
        front = (toe - heel) - shank * np.dot(toe - heel, shank)
        out = np.dot(bend - (hip + ankle) / 2, front / np.linalg.norm(front))
        assert out > -1.5


def test_scapular_retraction_pulls_straight_arms_apart(figures: Figures) -> None:
    """Arms stay straight; hands part from shoulder width to wide; the shoulders go back."""
    start, end = (joints(figures, "scapular-retraction", pose) for pose in POSES)
    for j, side in product((start, end), SIDES):
        assert elbow(j, side) > 175
        assert j[f"hand_{side}"][2] == pytest.approx(j[f"shoulder_{side}"][2], abs=8)
    assert dist(start["hand_l"], start["hand_r"]) < 45
    assert dist(end["hand_l"], end["hand_r"]) > 120
    assert end["shoulder_l"][0] < start["shoulder_l"][0] - 5
    assert dist(start["ankle_l"], start["ankle_r"]) == pytest.approx(34, abs=4)


def test_pectoral_stretch_leans_past_fixed_forearms(figures: Figures) -> None:
    """Elbows at 90 degrees and shoulder height, forearms fixed, the chest moves forward."""
    start, end = (joints(figures, "pectoral-stretch", pose) for pose in POSES)
    for side in SIDES:
        assert elbow(start, side) == pytest.approx(90, abs=5)
        assert elbow(end, side) == pytest.approx(90, abs=8)
        assert start[f"elbow_{side}"] == end[f"elbow_{side}"]
        assert dist(start[f"wrist_{side}"], end[f"wrist_{side}"]) < 1
        assert start[f"ankle_{side}"] == end[f"ankle_{side}"]
        assert end[f"shoulder_{side}"][0] > end[f"elbow_{side}"][0] + 10
    assert 20 < end["neck"][0] - start["neck"][0] < 40


def test_chin_tuck_draws_the_head_back_without_tilting(figures: Figures) -> None:
    """The neck's base stays; the head moves back, not down; its outline only shifts."""
    start, end = (joints(figures, "chin-tuck", pose) for pose in POSES)
    assert start["neck"] == end["neck"]
    assert start["head"][0] - end["head"][0] > 3
    assert 0 <= end["head"][2] - start["head"][2] < 4
    figure = figures.by_id["muscle-imbalance/exercises/chin-tuck"]
    faces = []
    for pose in (figure.poses.start, figure.poses.end):
        outline = next(prop for prop in pose.props if prop.kind == "head")
        x, _, z = pose.joints["head"]
        faces.append({(round(p[0] - x, 1), round(p[2] - z, 1)) for p in outline.points})
    assert len(faces[0] & faces[1]) >= 20


def test_glute_bridge_ends_in_a_straight_line(figures: Figures) -> None:
    """Knees bent, feet and shoulders stay, the hips rise to the line from shoulder to knee."""
    start, end = (joints(figures, "glute-bridge", pose) for pose in POSES)
    assert start["nose"][2] > start["head"][2]
    for side in SIDES:
        assert knee(start, side) < 95
        assert start[f"ankle_{side}"] == end[f"ankle_{side}"]
        assert angle(end["neck"], end["pelvis"], end[f"knee_{side}"]) > 165
    assert start["neck"] == end["neck"]
    assert end["pelvis"][2] - start["pelvis"][2] > 18


def test_hip_flexor_stretch_moves_the_hips_forward(figures: Figures) -> None:
    """Front knee at 90 degrees, rear knee on the floor; the upright trunk moves forward."""
    start, end = (joints(figures, "hip-flexor-stretch", pose) for pose in POSES)
    assert knee(start, "l") == pytest.approx(90, abs=5)
    assert start["knee_r"] == end["knee_r"]
    assert start["knee_r"][2] < 8
    assert start["ankle_l"] == end["ankle_l"]
    assert end["pelvis"][0] - start["pelvis"][0] > 10
    assert end["neck"][0] == pytest.approx(end["pelvis"][0], abs=3)


def test_hamstring_curl_bends_the_banded_knee(figures: Figures) -> None:
    """Face down; one knee bends from straight to about a right angle, against the band."""
    start, end = (joints(figures, "hamstring-curl-with-resistance-band", pose) for pose in POSES)
    assert start["nose"][2] < start["head"][2]
    figure = figures.by_id["muscle-imbalance/exercises/hamstring-curl-with-resistance-band"]
    band = next(prop for prop in figure.poses.end.props if prop.kind == "band")
    side = next(s for s in SIDES if band.points[0] == end[f"ankle_{s}"])
    other = "l" if side == "r" else "r"
    assert knee(start, side) > 165
    assert 75 < knee(end, side) < 100
    assert knee(end, other) > 165
    assert band.points[1][0] > start[f"toe_{side}"][0]
    assert end[f"heel_{side}"][0] < start[f"heel_{side}"][0]


def test_plank_is_one_straight_line_on_forearms_and_toes(figures: Figures) -> None:
    """Elbows under the shoulders; neck, hips and ankles in line; forearms and toes on the floor."""
    start, end = (joints(figures, "plank", pose) for pose in POSES)
    assert start["pelvis"][2] < 12
    for side in SIDES:
        ankle = (end[f"ankle_{side}"][0], 0.0, end[f"ankle_{side}"][2])
        assert angle(end["neck"], end["pelvis"], ankle) > 175
        assert end[f"elbow_{side}"][0] == pytest.approx(end[f"shoulder_{side}"][0], abs=2)
        assert max(end[f"elbow_{side}"][2], end[f"wrist_{side}"][2], end[f"toe_{side}"][2]) < 5
    assert end["nose"][2] < end["head"][2]


def test_dead_bug_moves_opposite_arm_and_leg(figures: Figures) -> None:
    """Start: arms up, hips and knees at 90; end: one arm overhead, the other side's leg long."""
    start, end = (joints(figures, "dead-bug", pose) for pose in POSES)
    for side in SIDES:
        assert knee(start, side) == pytest.approx(90, abs=5)
        assert angle(start["neck"], start["pelvis"], start[f"knee_{side}"]) < 110
        assert start[f"hand_{side}"][0] == pytest.approx(start[f"shoulder_{side}"][0], abs=3)
    overhead = [s for s in SIDES if end[f"hand_{s}"][0] < end["head"][0]]
    stretched = [s for s in SIDES if knee(end, s) > 170]
    assert len(overhead) == len(stretched) == 1
    assert overhead != stretched
    assert start["pelvis"] == end["pelvis"]


@pytest.mark.parametrize(("name", "pose", "language"), list(product(NAMES, POSES, ("en", "es"))))
def test_svg_is_well_formed_and_described(
    figures: Figures, name: str, pose: PoseName, language: str
) -> None:
    """Each picture is XML with a description in its language, all marks inside its box."""
    figure = figures.by_id[f"muscle-imbalance/exercises/{name}"]
    root = ElementTree.fromstring(figures.svg(f"muscle-imbalance/exercises/{name}", pose, language))
    assert root.get("aria-label") == figure.poses.pose(pose).says[language]
    left, top, width, height = figure.box
    for x, y in corners(figure, pose):
        assert left <= x <= left + width
        assert top <= y <= top + height


def corners(figure: Figure, pose: PoseName) -> list[tuple[float, float]]:
    """All points of a pose's lines and the outermost ones of its discs."""
    points = []
    for mark in figure.marks(pose):
        if isinstance(mark, Disc):
            (x, y), r = mark.centre, mark.radius
            points += [(x - r, y), (x + r, y), (x, y - r), (x, y + r)]
        else:
            points += mark.points
    return points


def test_an_exercise_without_a_figure_has_none(figures: Figures) -> None:
    """An unknown exercise gives no picture and no note instead of an error."""
    assert "other/exercises/jump" not in figures
    assert figures.svg("other/exercises/jump", "start") == ""
    assert figures.note("other/exercises/jump") == ""


def test_descriptions_are_escaped(tmp_path: Path) -> None:
    """Markup in a description of the corpus is shown as text."""
    def change(data: dict[str, Any]) -> None:
        data["muscle-imbalance/exercises/plank"]["start"]["says"]["en"] = '"><script>x</script>'

    svg = read_figures(changed(tmp_path, change)).svg("muscle-imbalance/exercises/plank", "start")
    assert "<script" not in svg
    assert ElementTree.fromstring(svg).get("aria-label") == '"><script>x</script>'


def test_pdf_drawing_uses_grey_only(figures: Figures) -> None:
    """A painted pose sets no colour but shades of grey."""
    pdf = FPDF()
    pdf.set_compression(False)
    pdf.add_page()
    figures.draw(pdf, "muscle-imbalance/exercises/plank", "end", (10, 10, 60, 20))
    words = bytes(pdf.output()).split()
    assert b"G" in words
    assert not {b"RG", b"rg", b"K", b"k"} & set(words)


def changed(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> Corpus:
    """A copy of the corpus whose figures are changed."""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    path = tmp_path / "corpus" / "muscle-imbalance" / "figures.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return read_corpus(tmp_path / "corpus")


def test_a_corpus_without_figures_has_none(tmp_path: Path) -> None:
    """An article without figures.json is fine."""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    (tmp_path / "corpus" / "muscle-imbalance" / "figures.json").unlink()
    assert read_figures(read_corpus(tmp_path / "corpus")).by_id == {}


PLANK = "muscle-imbalance/exercises/plank"
BROKEN: list[tuple[str, Any, str]] = [
    ("turn", "left", "plank: 'left' is not three numbers|is not three numbers"),
    ("start.joints.neck", [1, 2], "plank, start: [1, 2] is not three numbers"),
    ("start.joints.neck", [1, 2, float("nan")], "is not three numbers"),
    ("start.joints.tail", [1, 2, 3], "unknown joint 'tail'"),
    ("end.props", [{"kind": "rope", "points": [[0, 0, 0], [1, 1, 1]]}], "unknown kind 'rope'"),
    ("end.props", [{"kind": "band", "points": [[0, 0, 0]]}], "fewer than two points"),
    ("end.props", [{"kind": "band", "points": ["hand_x", [0, 0, 0]]}], "missing joint 'hand_x'"),
    ("end.props", {}, "of the wrong kind"),
    ("end.says", {"en": "Only English."}, "lacks en or es"),
    ("start", [], "missing or unknown keys"),
    ("colour", "red", "missing or unknown keys"),
]


@pytest.mark.parametrize(("key", "value", "message"), BROKEN)
def test_a_broken_figure_is_one_clear_line(
    tmp_path: Path, key: str, value: Any, message: str
) -> None:
    """The error names the file, the exercise and what is wrong."""
    def change(data: dict[str, Any]) -> None:
        entry = data[PLANK]
        *parents, last = key.split(".")
        for parent in parents:
            entry = entry[parent]
        entry[last] = copy.deepcopy(value)

    with pytest.raises(CorpusError) as caught:
        read_figures(changed(tmp_path, change))
    text = str(caught.value)
    assert any(part in text for part in message.split("|"))
    assert "figures.json" in text
    assert "plank" in text
    assert "\n" not in text


@pytest.mark.parametrize("text", ["[]", "{", '{"muscle-imbalance/exercises/jump": {}}'])
def test_a_broken_file_is_one_clear_line(tmp_path: Path, text: str) -> None:
    """Wrong JSON, a list and an unknown exercise are reported with the file's name."""
    corpus = changed(tmp_path, lambda data: None)
    (tmp_path / "corpus" / "muscle-imbalance" / "figures.json").write_text(text)
    with pytest.raises(CorpusError, match=r"figures\.json"):
        read_figures(corpus)
