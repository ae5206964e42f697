"""Keys typed ahead, through the real adapter: they land as when each is typed after the answer."""

from __future__ import annotations

import asyncio
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from textual import events

from epm.model import Server
from tests.tui.desk import MemoryRules, play, sample, session
from tests.tui.waiting import settle
from tui.app import Workbench
from tui.kit.confirm import Confirm
from tui.panels.rules import WorkWithRules

KEYS = (
    "5", "2", "8", "4", "3", "9", "x", "*", "y", "enter", "enter", "enter", "tab", "f12", "f5",
    "pagedown", "f11", "f6", "f1", "f4", "home", "backspace", "ctrl+k", "f17", "f18", "insert",
)  # fmt: skip
SECONDS = 0.8


@dataclass
class GatedRules(MemoryRules):
    """Rules that answer only while the gate is open: later than any key can be typed."""

    gate: threading.Event = field(default_factory=threading.Event)

    def _reach(self):
        assert self.gate.wait(20)
        super()._reach()


def bursts(seed, count, longest=9):
    chooser = random.Random(seed)
    for _ in range(count):
        yield [chooser.choice(KEYS) for _ in range(chooser.randint(2, longest))]


def post(workbench, keys):
    """Post keys without waiting for anything in between, as a macro or a paste types them."""
    for key in keys:
        workbench.post_message(events.Key(key, key if len(key) == 1 else None))


def typed(key):
    return f"'{key}" if len(key) == 1 else key


def seen(dialogue, store):
    """All that there is to compare: panel, screen, cursor, and what was done to the rules."""
    display = dialogue.display
    return (
        dialogue.ended, type(dialogue.panel).__name__, display.lines(), display.cursor,
        display.insert, store.ruleset,
    )  # fmt: skip


def fresh(store):
    return session(store, WorkWithRules(Server.ACCEPT))[0]


async def _forwarded(workbench):
    """Wait until the application has handed every key on to the terminal's own queue."""
    passed = asyncio.Event()
    workbench.call_later(passed.set)
    await asyncio.wait_for(passed.wait(), 20)


async def _run_while_alive(remaining):
    """Play bursts on one workbench until they are through or it has ended."""
    store, slow_store = GatedRules(sample()), MemoryRules(sample())
    store.gate.set()
    fast, slow = fresh(store), fresh(slow_store)
    workbench = Workbench(fast)
    async with workbench.run_test(size=(80, 24)):
        while remaining and not fast.ended:
            keys = remaining.pop()
            play(slow, *map(typed, keys))
            store.gate.clear()
            post(workbench, keys)
            await _forwarded(workbench)
            store.gate.set()
            await settle(workbench)
            assert seen(fast, store) == seen(slow, slow_store), keys


def test_200_random_bursts_land_as_typed_slowly_though_the_store_answers_after_them():
    remaining = list(bursts(5250, 200))

    async def run():
        while remaining:
            await _run_while_alive(remaining)

    asyncio.run(run())


def test_display_and_delete_typed_in_one_go_with_a_store_that_answers_after_0_8_s():
    """``5`` Enter, Enter, ``4`` Enter: displays the first rule, goes back, asks to delete it."""

    async def run():
        store = MemoryRules(sample())
        dialogue = fresh(store)
        workbench = Workbench(dialogue)
        async with workbench.run_test(size=(80, 24)) as pilot:
            store.delay = SECONDS
            post(workbench, ["5", "enter", "enter", "4", "enter"])
            await settle(workbench, pilot, seconds=30)
        assert isinstance(dialogue.panel, Confirm)
        assert "  4      10  Admin subnet to SSH" in dialogue.display.lines()[8]
        assert store.seqs() == [10, 20, 30, 99999]

    asyncio.run(run())


@pytest.mark.heavy
def test_200_random_bursts_with_a_store_that_answers_after_0_8_s():
    """Each on a workbench of its own, many at a time: nearly all of the time they wait."""
    gate = asyncio.Semaphore(50)

    async def one(keys):
        slow_store = MemoryRules(sample())
        slow = play(fresh(slow_store), *map(typed, keys))
        store = MemoryRules(sample())
        fast = fresh(store)
        workbench = Workbench(fast)
        async with gate, workbench.run_test(size=(80, 24)) as pilot:
            store.delay = SECONDS
            post(workbench, keys)
            await settle(workbench, pilot, seconds=120)
        assert seen(fast, store) == seen(slow, slow_store), keys

    async def run():
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))
        async with asyncio.TaskGroup() as group:
            for keys in bursts(8, 200):
                group.create_task(one(keys))

    asyncio.run(run())
