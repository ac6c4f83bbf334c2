"""Accept edited policy files: `python -m assistant.training.seal [FOLDER]`.

Writes the manifest (the sha256 of each file) that the assistant compares at the start, then reads
the policy as the assistant would, so that a broken file is refused here and now.
"""

from __future__ import annotations

import sys
from pathlib import Path

from assistant.errors import PolicyError
from assistant.policy import POLICY, read_policy, seal


def main(arguments: list[str]) -> int:
    """Seal the policy; returns the exit status."""
    folder = Path(arguments[0]) if arguments else POLICY
    try:
        seal(folder)
        policy = read_policy(folder)
        print(f"{len(policy.examples)} examples, fingerprint {policy.fingerprint}")
    except PolicyError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
