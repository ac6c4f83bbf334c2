"""Line figures of an exercise's start and end pose, drawn from joint coordinates (corpus data).

A pose in space is projected to flat marks in painting order, which `marks` paints as SVG or into a
PDF. What this module leaves out: muscles, clothes, hidden lines (a near limb gets a white rim).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import cos, hypot, radians, sin

from fpdf import FPDF

from assistant.corpus import Corpus
from assistant.marks import Box, Disc, Line, Mark, Point, to_pdf, to_svg
from assistant.poses import POSES, Pose, PoseName, PosePair, Space, read_poses

HEAD_RADIUS = 10.0
_LIMB = 0.021  # width of a limb, as a share of the picture's larger side
_DOT, _DOT_RIM = 0.014, 0.009
_ARROW_HEAD = 0.045


@dataclass(frozen=True)
class _Limb:
    """Joints that a line connects; `root` and `middle` tell on which side of the body it is."""

    joints: tuple[str, ...]
    root: str
    middle: str
    dots: bool = True


def _sided(joints: str, root: str, middle: str, dots: bool = True) -> list[_Limb]:
    return [
        _Limb(tuple(f"{joint}_{side}" for joint in joints.split()), f"{root}_{side}", middle, dots)
        for side in "lr"
    ]


_LIMBS = [
    *_sided("shoulder elbow wrist hand", "shoulder", "neck"),
    *_sided("hip knee ankle", "hip", "pelvis"),
    *_sided("ankle heel toe ankle", "hip", "pelvis", dots=False),
]
_TRUNK = ("neck", "shoulder_l", "hip_l", "hip_r", "shoulder_r", "neck")


@dataclass(frozen=True)
class _Kind:
    """How a line beside the body is drawn; `order` places it behind (+) or before (-) the body."""

    width: float
    shade: str = "ink"
    dashed: bool = False
    filled: bool = False
    order: float | None = None


_KINDS = {
    "floor": _Kind(0.008, "thin", order=1e6),
    "object": _Kind(0.011, "thin", order=1e5),
    "guide": _Kind(0.006, "thin", dashed=True, order=1e5),
    "band": _Kind(0.013, dashed=True),
    "outline": _Kind(0.012, filled=True),
    "head": _Kind(0.016, filled=True),
    "arrow": _Kind(0.011, order=-1e5),
}


@dataclass(frozen=True)
class Figure:
    """The two poses of an exercise as they are seen from one side."""

    poses: PosePair

    def seen(self, point: Space) -> Space:
        """(right, down, away) of a point by an orthographic projection, in centimetres."""
        turn, tilt = radians(self.poses.turn), radians(self.poses.tilt)
        right = point[0] * cos(turn) - point[1] * sin(turn)
        back = self._back(point)
        return (
            right,
            -(point[2] * cos(tilt) + back * sin(tilt)),
            back * cos(tilt) - point[2] * sin(tilt),
        )

    def _back(self, point: Space) -> float:
        turn = radians(self.poses.turn)
        return point[0] * sin(turn) + point[1] * cos(turn)

    @cached_property
    def box(self) -> Box:
        """(left, top, width, height) that holds both poses, so that they compare."""
        points = [self.seen(p) for name in POSES for p in _extent(self.poses.pose(name))]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        pad = 0.02 * max(max(xs) - min(xs), max(ys) - min(ys))
        left, top = min(xs) - pad, min(ys) - pad
        return left, top, max(xs) + pad - left, max(ys) + pad - top

    def marks(self, name: PoseName) -> tuple[Mark, ...]:
        """The pose as flat marks in painting order, from what is behind to what is in front."""
        pose = self.poses.pose(name)
        size = max(self.box[2:])
        layers = [*self._limbs(pose, size), *self._trunk(pose, size), *self._props(pose, size)]
        if not any(prop.kind == "head" for prop in pose.props):
            layers += self._head(pose, size)
        return tuple(mark for _, mark in sorted(layers, key=lambda layer: -layer[0]))

    def _limbs(self, pose: Pose, size: float) -> Iterator[tuple[float, Mark]]:
        for limb in _LIMBS:
            if not all(name in pose.joints for name in (*limb.joints, limb.root, limb.middle)):
                continue
            points = [self.seen(pose.joints[name]) for name in limb.joints]
            away = sum(p[2] for p in points) / len(points)
            beyond = self._back(pose.joints[limb.root]) - self._back(pose.joints[limb.middle])
            shade = "far" if beyond > HEAD_RADIUS / 3 else "ink"
            yield away, Line(_flat(points), size * _LIMB, shade, rim=limb.dots)
            for x, y, _ in points[:3] if limb.dots else []:
                yield away - 0.1, Disc((x, y), size * _DOT, size * _DOT_RIM, shade)

    def _trunk(self, pose: Pose, size: float) -> Iterator[tuple[float, Mark]]:
        if all(name in pose.joints for name in _TRUNK):
            points = [self.seen(pose.joints[name]) for name in _TRUNK]
            away = sum(p[2] for p in points) / len(points)
            yield away, Line(_flat(points), size * _LIMB, fill="paper")

    def _head(self, pose: Pose, size: float) -> Iterator[tuple[float, Mark]]:
        if not all(name in pose.joints for name in ("neck", "head", "nose")):
            return
        neck, head, nose = (pose.joints[name] for name in ("neck", "head", "nose"))
        x, y, away = self.seen(head)
        yield away + 0.2, Line(_flat([self.seen(neck), (x, y, away)]), size * _LIMB)
        yield away, Disc((x, y), HEAD_RADIUS, size * _KINDS["head"].width)
        # A nose in profile stands out behind the disc, one turned to the viewer lies on it.
        turned = self.seen(nose)[2] < away - 4
        points = [self.seen(p) for p in _nose(neck, head, nose)]
        width = size * _KINDS["head"].width
        yield away + (-0.1 if turned else 0.1), Line(_flat(points), width, fill="paper")

    def _props(self, pose: Pose, size: float) -> Iterator[tuple[float, Mark]]:
        for prop in pose.props:
            kind = _KINDS[prop.kind]
            points = [self.seen(p) for p in prop.points]
            order = sum(p[2] for p in points) / len(points) if kind.order is None else kind.order
            line = list(_flat(points))
            line = _curve(line, prop.closed) if prop.smooth else line
            line += line[:1] if prop.closed else []
            fill = "paper" if prop.closed and kind.filled else None
            width = size * kind.width
            yield order, Line(tuple(line), width, kind.shade, fill, kind.dashed)
            if prop.kind == "arrow":
                yield order - 1, Line(_tip(line, size * _ARROW_HEAD), width, fill="ink")


@dataclass(frozen=True)
class Figures:
    """The figures of a corpus by exercise id; an exercise may have none."""

    by_id: Mapping[str, Figure]

    def __contains__(self, exercise_id: str) -> bool:
        return exercise_id in self.by_id

    def note(self, exercise_id: str, language: str = "en") -> str:
        """What explains something special in the picture, or ""."""
        figure = self.by_id.get(exercise_id)
        return figure.poses.note.get(language, "") if figure else ""

    def svg(self, exercise_id: str, pose: PoseName, language: str = "en") -> str:
        """The pose as an SVG element with its description, or "" where there is no figure.

        A style sheet may set --figure-ink, --figure-thin, --figure-far and --figure-paper.
        """
        figure = self.by_id.get(exercise_id)
        if figure is None:
            return ""
        return to_svg(figure.marks(pose), figure.box, figure.poses.pose(pose).says[language])

    def draw(self, pdf: FPDF, exercise_id: str, pose: PoseName, place: Box) -> None:
        """Paint the pose into `place` (left, top, width, height in the page's unit), centred."""
        figure = self.by_id[exercise_id]
        to_pdf(figure.marks(pose), figure.box, pdf, place)


def _flat(points: list[Space]) -> tuple[Point, ...]:
    return tuple((x, y) for x, y, _ in points)


def _extent(pose: Pose) -> Iterator[Space]:
    yield from pose.joints.values()
    for prop in pose.props:
        yield from prop.points
    if "head" in pose.joints:
        x, y, z = pose.joints["head"]
        for r in (-HEAD_RADIUS, HEAD_RADIUS):
            yield from ((x + r, y, z), (x, y + r, z), (x, y, z + r))


def _nose(neck: Space, head: Space, nose: Space) -> list[Space]:
    """Bridge, tip and base of the nose, on the circle of the head."""
    face, up = _unit(head, nose), _unit(neck, head)

    def on_circle(angle: float) -> Space:
        c, s = HEAD_RADIUS * cos(radians(angle)), HEAD_RADIUS * sin(radians(angle))
        x, y, z = (h + c * f + s * u for h, f, u in zip(head, face, up, strict=True))
        return x, y, z

    return [on_circle(4), nose, on_circle(-18)]


def _unit(a: Space, b: Space) -> Space:
    length = hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]) or 1.0
    return (b[0] - a[0]) / length, (b[1] - a[1]) / length, (b[2] - a[2]) / length


def _curve(points: list[Point], closed: bool) -> list[Point]:
    """A Catmull-Rom curve through the points, eight steps from one to the next."""
    n = len(points)

    def at(i: int) -> Point:
        return points[i % n] if closed else points[min(max(i, 0), n - 1)]

    curve = []
    for i in range(n if closed else n - 1):
        for step in range(8):
            a, b, c, d = at(i - 1), at(i), at(i + 1), at(i + 2)
            x = _blend(step / 8, a[0], b[0], c[0], d[0])
            curve.append((x, _blend(step / 8, a[1], b[1], c[1], d[1])))
    return curve if closed else [*curve, points[-1]]


def _blend(t: float, a: float, b: float, c: float, d: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def _tip(line: list[Point], length: float) -> tuple[Point, ...]:
    """The triangle at the end of an arrow."""
    (x0, y0), (x, y) = line[-2:]
    far = hypot(x - x0, y - y0) or 1.0
    dx, dy = (x - x0) / far * length, (y - y0) / far * length
    tip = (x + dx / 2, y + dy / 2)
    left = (tip[0] - dx - dy * 0.45, tip[1] - dy + dx * 0.45)
    right = (tip[0] - dx + dy * 0.45, tip[1] - dy - dx * 0.45)
    return tip, left, right, tip


def read_figures(corpus: Corpus) -> Figures:
    """The figures of all articles of `corpus`; an article without `figures.json` has none.

    Raises CorpusError, one line, for a file that breaks the conventions.
    """
    exercises = {exercise.id for exercise in corpus.exercises}
    found: dict[str, Figure] = {}
    for article in corpus.articles:
        path = article.path.parent / "figures.json"
        if path.exists():
            found |= {name: Figure(pair) for name, pair in read_poses(path, exercises).items()}
    return Figures(found)
