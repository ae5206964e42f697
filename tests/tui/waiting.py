"""Waiting for the adapter in tests."""

from __future__ import annotations

import asyncio

import pytest


async def settle(workbench, pilot=None, seconds=5.0):
    """Wait until the widget has handled what was posted before: a last one through both queues."""
    handled = asyncio.Event()
    workbench.call_later(lambda: workbench.terminal.call_later(handled.set))
    until = asyncio.get_running_loop().time() + seconds
    while not (handled.is_set() or workbench._session.ended):
        if asyncio.get_running_loop().time() > until:
            pytest.fail("the widget is still busy")
        await asyncio.sleep(0.002)
    if pilot is not None and not workbench._session.ended:
        await pilot.pause()
