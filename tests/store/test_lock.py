import os
import subprocess
import sys
from pathlib import Path

import pytest

from counterspam.errors import StoreBusy, StoreError
from counterspam.store.lock import Lock

HOLD = """
import sys
from pathlib import Path
from counterspam.store.lock import Lock
lock = Lock.take(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_another_process_is_named_and_lets_go_when_killed(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with subprocess.Popen([sys.executable, "-c", HOLD, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreBusy, match=f"process {other.pid}$"):
            Lock.take(folder)
        other.kill()
    lock = Lock.take(folder)
    assert (folder / "lock").read_text() == f"{os.getpid()}\n"
    with pytest.raises(StoreBusy):
        Lock.take(folder)
    lock.release()
    lock.release()
    Lock.take(folder).release()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be used"):
        Lock.take(tmp_path / "file")
