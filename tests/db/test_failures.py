"""A store that cannot be used gives one clear line, and nothing is half done."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from db.engine import Timeouts
from db.store import Store
from epm.errors import StoreError, StoreUnavailableError
from tests.db.sample import LOCAL, full, save, with_rule


def path_of(url):
    return Path(url.removeprefix("sqlite:///"))


def test_a_missing_store_is_not_made_by_opening_it(sqlite_url):
    with pytest.raises(StoreUnavailableError, match="does not exist; `epm init` makes it"):
        Store.open(sqlite_url)
    assert not path_of(sqlite_url).exists()


def test_an_empty_file_is_no_store_until_init(sqlite_url):
    path_of(sqlite_url).touch()
    with pytest.raises(StoreError, match="is empty; `epm init` makes it"):
        Store.open(sqlite_url)
    Store.open(sqlite_url, create=True).close()
    Store.open(sqlite_url).close()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    for opened in (Store.init, Store.open):
        with pytest.raises(StoreUnavailableError, match=r"epm\.db"):
            opened(f"sqlite:///{tmp_path}/file/epm.db")
    with pytest.raises(StoreUnavailableError):
        Store.open(f"sqlite:///{tmp_path}/file/epm.db", create=True)


def test_a_file_that_is_no_database(sqlite_url):
    path_of(sqlite_url).write_bytes(b"\x1b[2Jnot a database, but long enough to look at" * 100)
    before = path_of(sqlite_url).read_bytes()
    for opened in (Store.init, Store.open):
        with pytest.raises(StoreError, match="not an SQLite database") as caught:
            opened(sqlite_url)
        assert not isinstance(caught.value, StoreUnavailableError)
    assert path_of(sqlite_url).read_bytes() == before


def test_a_damaged_store_says_so(sqlite_url):
    with Store.init(sqlite_url) as store:
        save(store, full())
    path = path_of(sqlite_url)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError, match=r"damaged|not one"), Store.open(sqlite_url) as store:
        store.load(LOCAL)


def test_a_folder_in_the_place_of_the_file(tmp_path):
    with pytest.raises(StoreUnavailableError, match="cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}")


def test_a_store_that_another_program_holds_is_given_up_in_time(sqlite_url):
    with Store.init(sqlite_url, timeouts=Timeouts(lock=0.1)) as store:
        save(store, full())
        other = sqlite3.connect(path_of(sqlite_url), isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        for use in (lambda: store.revision(LOCAL), lambda: save(store, full(), "x", seen=2)):
            with pytest.raises(StoreUnavailableError, match="locked by another program"):
                use()
        other.execute("ROLLBACK")
        other.close()
        assert store.revision(LOCAL) == 2


def test_a_store_that_vanishes_is_not_made_anew(sqlite_url):
    with Store.init(sqlite_url) as store:
        path_of(sqlite_url).unlink()
        store.reconnect()
        with pytest.raises(StoreUnavailableError, match="cannot be opened"):
            store.revision(LOCAL)
    assert not path_of(sqlite_url).exists()


def run_code(code, url, largest_file=None):
    """Run code in a process of its own, perhaps with a limit on file size.

    Such a limit is what a full disk is to one process.
    """
    root = Path(__file__).parents[2]

    def limit():
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.run(
        [sys.executable, "-B", "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{code}", url],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


SAVE_AS_NOBODY = """
import os
from db.store import Store
from epm.errors import EpmError
from tests.db.sample import LOCAL, full, save
Store.open(sys.argv[1]).close()  # all that is imported late is imported now
if os.geteuid() == 0:
    # File modes say nothing to root.
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    with Store.open(sys.argv[1]) as store:
        print("read", store.revision(LOCAL))
        save(store, full())
        print("saved")
except EpmError as error:
    print(type(error).__name__, error)
"""


def test_a_read_only_store_can_be_read_and_refuses_changes():
    folder = Path("/tmp") / f"epm-ro-{os.getpid()}"
    folder.mkdir(mode=0o755)
    try:
        url = f"sqlite:///{folder}/epm.db"
        Store.init(url).close()
        path_of(url).chmod(0o444)
        folder.chmod(0o555)
        done = run_code(SAVE_AS_NOBODY, url)
        assert "read 1\nStoreUnavailableError" in done.stdout, done
        assert "read-only" in done.stdout
        assert "saved" not in done.stdout
        with Store.open(url) as store:
            assert store.revision(LOCAL) == 1
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


FILL = """
from dataclasses import replace
from db.store import Store
from epm.errors import EpmError, StoreUnavailableError
from tests.db.sample import LOCAL, full, save, with_rule
with Store.open(sys.argv[1]) as store:
    revision = 1
    try:
        while True:
            rules = with_rule(full(), 40, name=f"n{revision}", )
            revision = save(store, rules, "x" * 20000 * revision)
    except StoreUnavailableError as error:
        print(error)
    assert store.revision(LOCAL) == revision, "what was answered is there"
    assert len(store.load_revision(LOCAL, revision).tests) == 20000 * (revision - 1)
    print("last", revision)
"""


def test_a_full_disk_refuses_a_change_whole_and_keeps_the_last_one(sqlite_url):
    Store.init(sqlite_url).close()
    done = run_code(FILL, sqlite_url, largest_file=900_000)
    assert done.returncode == 0, done.stderr
    first, last = done.stdout.splitlines()
    assert "full" in first or "no space" in first
    revision = int(last.removeprefix("last "))
    assert revision > 2
    with Store.open(sqlite_url) as store:
        assert store.revision(LOCAL) == revision
        assert store.damaged_change(LOCAL) is None
        save(store, with_rule(full(), 50))


INIT = """
from db.store import Store
from epm.errors import StoreUnavailableError
try:
    Store.init(sys.argv[1])
except StoreUnavailableError as error:
    print(error)
"""


def test_init_on_a_full_disk_leaves_nothing_that_counts_as_a_store(sqlite_url):
    done = run_code(INIT, sqlite_url, largest_file=20_000)
    assert "no space" in done.stdout or "full" in done.stdout, done
    with pytest.raises(StoreError):
        Store.open(sqlite_url)
    with Store.open(sqlite_url, create=True) as store:
        assert store.revision(LOCAL) == 1
