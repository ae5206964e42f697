"""Where accept tells the target who connected: a buffer and its length, in the target's memory."""

from __future__ import annotations

import errno

from simulators.linux import kernel
from simulators.linux.calls import AcceptCall
from simulators.linux.kernel import Memory
from simulators.linux.notify import TARGET_GONE

_LENGTH_BYTES = 4


class PeerAddress:
    """Reads the room that there is and writes the address. Belongs to one thread."""

    def __init__(self) -> None:
        """Prepare the memory that is written from."""
        self._memory = Memory()

    def room(self, call: AcceptCall) -> int:
        """Return how many bytes the target has for its peer's address, 0 when it wants none.

        Raises:
            OSError: EFAULT; EINVAL for a negative length.
        """
        if not call.address:
            return 0
        size = call.thread.read(call.length_address, _LENGTH_BYTES)
        room = int.from_bytes(size, "little", signed=True)
        if room < 0:
            raise kernel.fault(errno.EINVAL)
        return room

    def write(self, call: AcceptCall, remote: bytes, room: int) -> None:
        """Give the target its peer's address, cut to its room, and the true length.

        INVARIANT: the call was valid just before, see :class:`simulators.linux.kernel.Memory`.

        Raises:
            OSError: EFAULT. A target that is gone is no error: handing over will find nobody.
        """
        if not call.address:
            return
        length = len(remote).to_bytes(_LENGTH_BYTES, "little")
        where = call.thread.tid, call.address
        try:
            self._memory.write(*where, remote[:room], call.length_address, length)
        except OSError as error:
            if error.errno not in TARGET_GONE:
                raise
