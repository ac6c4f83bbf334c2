"""The policy folder: complete, plain, and refused when anything in it is broken."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from assistant.errors import PolicyError
from assistant.policy import LANGUAGES, POLICY, Policy, read_policy, seal
from assistant.red_flags import RuleReader
from eval.reading import grade

PHONES = "915-412-6677 / 915-850-0900"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return read_policy(POLICY)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the policy without its training messages but one file."""
    folder = tmp_path / "policy"
    shutil.copytree(POLICY, folder)
    return folder


def test_every_notice_reads_at_grade_seven_or_below(policy: Policy) -> None:
    """Every sentence of our own, in both languages, asks for seven years of school at most."""
    for name in policy.notices:
        for language in LANGUAGES:
            # Slots take words that are not ours: they are left out of the reading grade.
            text = re.sub(r"\{\w+\}", "", policy.notices[name][language])
            if len(text.split()) < 6:
                continue  # labels and field names: the measure is made for sentences
            level = grade(text, language)
            assert level is None or level <= 7, f"{name} {language}: {level:.1f}"


def test_rules_name_sources_and_levels(policy: Policy) -> None:
    """Every red flag of the list has a rule with a source and a level."""
    ids = {rule.id for rule in policy.red_flags.rules}
    listed = (
        "CES1 CES2 CES3 CES4 CRD STR CAD MYE MEN TRA INF CAN AAA ABR DVT PE LIM CMP SEP NEC "
        "FRA GCA EXS PRG ANA UNC SUI POI VIO"
    )
    assert set(listed.split()) <= ids
    assert all(rule.sources for rule in policy.red_flags.rules)


def test_rules_match_their_examples_and_spare_their_near_misses(policy: Policy) -> None:
    """Each rule's own sentences decide as the policy says they do."""
    for rules in (policy.red_flags, policy.advice):
        reader = RuleReader(rules)
        for rule in rules.rules:
            for text in rule.examples:
                assert rule.id in {a.rule.id for a in reader.alarms(text)}, text
            for text in rule.near_misses:
                assert not reader.alarms(text), text


def test_notice_follows_the_language_and_fills_its_slots(policy: Policy) -> None:
    """A notice is worded in the question's language and never shows an open slot."""
    english = policy.notice("declined_contact", "en", phones=PHONES)
    assert PHONES in english.text
    assert policy.notice("crisis", "es").text != policy.notice("crisis", "en").text
    assert policy.notice("crisis", "fr").text == policy.notice("crisis", "en").text
    with pytest.raises(PolicyError, match="needs 'phones'"):
        policy.notice("declined_contact", "en")


def test_sign_off_counts_only_for_the_files_that_were_signed(copy: Path) -> None:
    """A signature ends with the next change of the files."""
    signed = read_policy(copy).fingerprint
    entry = {"who": "A", "role": "DC", "what": "all", "when": "2026-01-01", "fingerprint": signed}
    (copy / "signoff.json").write_text(json.dumps([entry]), encoding="utf-8")
    assert read_policy(copy).reviewed
    notices = json.loads((copy / "notices" / "safety.json").read_text(encoding="utf-8"))
    notices["crisis"]["en"] += " You matter."
    (copy / "notices" / "safety.json").write_text(json.dumps(notices), encoding="utf-8")
    seal(copy)
    assert not read_policy(copy).reviewed


def test_an_edited_rule_file_is_refused_until_it_is_sealed(copy: Path) -> None:
    """One changed byte in a rule file stops the start, with file and remedy in one line."""
    path = copy / "red_flags.json"
    text = path.read_text(encoding="utf-8").replace("numb*", "numbb*", 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"red_flags\.json: was changed") as error:
        read_policy(copy)
    assert "\n" not in str(error.value)
    seal(copy)
    assert read_policy(copy)


@pytest.mark.parametrize("name", ["red_flags.json", "advice.json", "courtesy.json", "language.json",
                                  "privacy.json", "names.json", "exam.json", "asides.json", "manifest.json", "signoff.json",
                                  "notices/safety.json"])
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    """Without any one of its files the policy is not used."""
    (copy / name).unlink()
    with pytest.raises(PolicyError):
        read_policy(copy)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda d: d["rules"][0].update(level="soon"), "level 'soon'"),
        (lambda d: d["rules"][0].update(when=["saddle + nonsense"]), "unknown concept"),
        (lambda d: d["rules"][0].update(outcome="fine"), "outcome 'fine'"),
        (lambda d: d["rules"][0].pop("sources"), "sources"),
        (lambda d: d["rules"].append(d["rules"][0]), "stands twice"),
        (lambda d: d["concepts"].update(numb={"en": [], "es": []}), "no phrase"),
        (lambda d: d.pop("context"), "context"),
        (lambda d: d["rules"].clear(), "rules"),
    ],
)  # fmt: skip
def test_sealing_does_not_hide_a_broken_rule(copy: Path, edit, says: str) -> None:  # type: ignore[no-untyped-def]
    """Rules without meaning are refused even when the manifest fits."""
    path = copy / "red_flags.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    seal(copy)
    with pytest.raises(PolicyError, match=says):
        read_policy(copy)


def test_examples_are_many_and_labelled(policy: Policy) -> None:
    """Thousands of training messages in both languages by several authors, all readable."""
    assert len(policy.examples) >= 5000
    assert len({e.author for e in policy.examples}) >= 4
    assert sum(e.language == "es" for e in policy.examples) >= 1000
