"""A workbench whose terminal is a browser: the process of one session, and who serves it."""

from __future__ import annotations

import os
import signal
import threading
import time

#: Number of the process that serves this one; set for its sessions only.
SERVED_BY = "EPM_WEB_SERVER"
_SECONDS = 1.0


def is_served() -> bool:
    """Whether this process is a session of ``epm tui --web``, without a terminal of its own."""
    return os.environ.get(SERVED_BY, "").isdigit()


def end_with_server() -> None:
    """End this session when the process that serves it is gone, however that ended.

    Input that ends says nothing to the session: it would stay, and hold on to the store.
    """
    server = int(os.environ[SERVED_BY])

    def watch() -> None:
        while os.getppid() == server:
            time.sleep(_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="epm-web-server", daemon=True).start()
