"""Live decisions on Linux: any unmodified program, supervised through seccomp notifications.

A small filter stops the target at each connect, listen and accept until this process answers.
For an INET socket the exit program decides, and an allowed call is made from here, with our own
copy of its arguments: the target cannot exchange them afterwards. :mod:`simulators.linux.run` is
the entry; ``docs/linux.md`` states mechanism and limits.
"""

import sys

from epm.errors import UnsupportedError

if sys.platform != "linux":
    raise UnsupportedError(f"live supervision needs Linux; this is {sys.platform}")
