"""The entry of the command ``epm``, and of ``python -P -m epm``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly even while it is still being loaded."""
    try:
        from epm.cli.main import main as run
    except KeyboardInterrupt:
        sys.stderr.write("epm: interrupted\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
