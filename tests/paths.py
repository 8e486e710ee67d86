"""Where things lie that tests read."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
#: Real reports kept beside the repository; tests that use them skip where they are not.
SHARED = REPOSITORY.parent / "shared"
