"""`figures.json` of an article -> joints, props and descriptions of each exercise's two poses.

Joints are in centimetres: x forward, y to the person's left, z up. A prop is a line beside the
body (floor, doorframe, band, arrow), given by points, by joints or by places beside a joint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal, cast, get_args

from assistant.errors import CorpusError

PoseName = Literal["start", "end"]
POSES: tuple[PoseName, ...] = get_args(PoseName)
Space = tuple[float, float, float]

_SIDED = ("shoulder", "elbow", "wrist", "hand", "hip", "knee", "ankle", "heel", "toe")
JOINTS = frozenset(
    {"head", "nose", "neck", "pelvis", *(f"{joint}_{side}" for joint in _SIDED for side in "lr")}
)
KINDS = frozenset({"floor", "object", "guide", "band", "outline", "head", "arrow"})


@dataclass(frozen=True)
class Prop:
    """A line beside the body; `head` is a drawn head in place of the plain circle."""

    kind: str
    points: tuple[Space, ...]
    closed: bool = False
    smooth: bool = False


@dataclass(frozen=True)
class Pose:
    """Joints by name, lines beside the body, and a description by language."""

    joints: Mapping[str, Space]
    props: tuple[Prop, ...]
    says: Mapping[str, str]


@dataclass(frozen=True)
class PosePair:
    """Start and end of an exercise, seen from `turn` degrees around the person and `tilt` above.

    `note` explains something special in the picture, by language; most pictures need none.
    """

    turn: float
    tilt: float
    start: Pose
    end: Pose
    note: Mapping[str, str]

    def pose(self, name: PoseName) -> Pose:
        """The start or the end pose."""
        return self.start if name == "start" else self.end


def read_poses(path: Path, exercises: set[str]) -> dict[str, PosePair]:
    """The poses in the file `path` by exercise id, each of which must be one of `exercises`.

    Raises CorpusError, one line with exercise and pose, for what breaks the conventions.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise CorpusError(path, f"is not JSON ({error.msg})", "correct it", error.lineno) from None
    except (OSError, UnicodeDecodeError):
        raise CorpusError(path, "cannot be read", "save it as UTF-8") from None
    if not isinstance(data, dict):
        raise CorpusError(path, "is not an object of exercises", "write {id: poses}")
    return _Reader(path, exercises).pairs(data)


class _Reader:
    """Reads one file; remembers where it is, so that an error can say so."""

    def __init__(self, path: Path, exercises: set[str]) -> None:
        self.path, self.exercises, self.place = path, exercises, ""

    def pairs(self, data: dict[str, Any]) -> dict[str, PosePair]:
        return {name: self._pair(name, entry) for name, entry in data.items()}

    def _pair(self, name: str, entry: Any) -> PosePair:
        self.place = name
        if name not in self.exercises:
            raise self._error("no exercise has this id", "correct the id")
        self._check_keys(entry, "turn tilt start end", "note")
        turn, tilt, _ = self._space([entry["turn"], entry["tilt"], 0])
        note = self._says(entry["note"]) if "note" in entry else {}
        poses = []
        for pose in POSES:
            self.place = f"{name}, {pose}"
            poses.append(self._pose(entry[pose]))
        return PosePair(turn, tilt, poses[0], poses[1], note)

    def _pose(self, entry: Any) -> Pose:
        self._check_keys(entry, "says joints props")
        if not isinstance(entry["joints"], dict) or not isinstance(entry["props"], list):
            raise self._error("joints or props are of the wrong kind", "write {...} and [...]")
        joints = {}
        for joint, point in entry["joints"].items():
            if joint not in JOINTS:
                raise self._error(f"unknown joint {joint!r}", f"use {', '.join(sorted(JOINTS))}")
            joints[joint] = self._space(point)
        props = tuple(self._prop(prop, joints) for prop in entry["props"])
        return Pose(joints, props, self._says(entry["says"]))

    def _prop(self, entry: Any, joints: dict[str, Space]) -> Prop:
        self._check_keys(entry, "kind points", "closed smooth")
        kind, points = entry["kind"], entry["points"]
        if kind not in KINDS:
            raise self._error(f"unknown kind {kind!r}", f"use {', '.join(sorted(KINDS))}")
        if not isinstance(points, list) or len(points) < 2:
            raise self._error(f"a {kind} has fewer than two points", "give [[x, y, z], ...]")
        places = tuple(self._point(point, joints) for point in points)
        return Prop(kind, places, bool(entry.get("closed")), bool(entry.get("smooth")))

    def _point(self, value: Any, joints: dict[str, Space]) -> Space:
        """[x, y, z], or a joint's name, or [joint, dx, dy, dz]."""
        name, beside = value, [0, 0, 0]
        if isinstance(value, list) and value and isinstance(value[0], str):
            name, beside = value[0], value[1:]
        if not isinstance(name, str):
            return self._space(value)
        if name not in joints:
            raise self._error(f"a point refers to the missing joint {name!r}", "add the joint")
        x, y, z = joints[name]
        dx, dy, dz = self._space(beside)
        return x + dx, y + dy, z + dz

    def _space(self, value: Any) -> Space:
        numbers = value if isinstance(value, list) else []
        if len(numbers) != 3 or not all(type(n) in (int, float) and isfinite(n) for n in numbers):
            raise self._error(f"{value!r} is not three numbers", "give [x, y, z] in centimetres")
        return cast(Space, tuple(float(n) for n in numbers))

    def _says(self, value: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not all(value.get(code) for code in ("en", "es")):
            raise self._error("a description lacks en or es", "write both")
        return {code: str(text) for code, text in value.items()}

    def _check_keys(self, entry: Any, needed: str, optional: str = "") -> None:
        must, may = set(needed.split()), set(optional.split())
        if not isinstance(entry, dict) or not must <= set(entry) <= must | may:
            raise self._error("has missing or unknown keys", f"give {', '.join(sorted(must))}")

    def _error(self, what: str, remedy: str) -> CorpusError:
        return CorpusError(self.path, f"{self.place}: {what}", remedy)
