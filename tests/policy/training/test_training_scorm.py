"""A SCORM package run by a host of such packages, in a real browser: score and status arrive. Without Chromium it skips."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Frame, Page
from scormhost.app import create_scorm_app
from scormhost.config import HostSettings
from scormhost.packages import extract_scorm_zip
from scormhost.storage import PackageStore
from test_training_files import FOLDER
from test_training_packages import given_in

from bench import browser as harness
from counterspam.policy.training import library, scorm
from counterspam.policy.training.quiz import Item
from counterspam.web.language import LANGUAGES

BOOKS = library.load([FOLDER], LANGUAGES)
ITEMS = {item.question: item for item in BOOKS.quizzes["try-it", "en"]}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser."""
    if not harness.CHROMIUM.is_file():
        pytest.skip(f"there is no {harness.CHROMIUM}: install Debian's package chromium")
    with harness.chromium() as browser:
        yield browser


class Host:
    """The host with one package, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = PackageStore(HostSettings(data_dir=folder))
        data = scorm.package(BOOKS, "try-it", "en", "user", given_in("en"))
        self.package = extract_scorm_zip(self.store, data, "try-it.zip")
        app = create_scorm_app(data_dir=folder, secret_key="x" * 40)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})

    @property
    def url(self) -> str:
        """Where the package is launched."""
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}/launch/{self.package}"

    def told(self) -> dict[str, Any]:
        """What the package has told the host."""
        for path in (self.folder / "sessions").rglob("*.json"):
            with suppress(ValueError):  # the host is just writing it
                found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["elements"]
                return found
        return {}

    def wait_for(self, **wanted: str) -> dict[str, Any]:
        """What was told, once it has these values (dots as two underscores)."""
        asked = {name.replace("__", "."): value for name, value in wanted.items()}
        for _ in range(200):
            told = self.told()
            if all(told.get(name) == value for name, value in asked.items()):
                return told
            time.sleep(0.05)
        pytest.fail(f"wanted {asked}, was told {self.told()}")


@pytest.fixture
def host(chromium: Browser, tmp_path: Path) -> Iterator[Host]:
    running = Host(tmp_path / "host")
    running.thread.start()
    while not running.server.started:
        time.sleep(0.02)
    yield running
    running.server.should_exit = True
    running.thread.join()
    running.socket.close()


def course(page: Page, url: str) -> Frame:
    """The frame that the package runs in."""
    page.goto(url)
    page.wait_for_selector("iframe")
    for _ in range(200):
        for frame in page.frames:
            if frame.url.endswith(scorm.PAGE) and frame.query_selector("#quiz form"):
                return frame
        time.sleep(0.05)
    pytest.fail("the package did not start")


def answer(frame: Frame, *, right: bool) -> None:
    """Answer every question of this try."""
    for field in frame.query_selector_all("#quiz fieldset"):
        legend = field.query_selector("legend")
        assert legend is not None
        item: Item = ITEMS[legend.inner_text().partition(". ")[2]]
        wrong = next(i for i in range(len(item.options)) if i not in item.answer)
        for place in item.answer if right else (wrong,):
            chosen = field.query_selector(f'input[value="{place}"]')
            assert chosen is not None
            chosen.check()
    frame.click("#quiz button[type=submit]")


def test_score_and_status_arrive_at_the_host(chromium: Browser, host: Host) -> None:
    page = chromium.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    frame = course(page, host.url)
    host.wait_for(cmi__core__lesson_status="incomplete")

    answer(frame, right=False)
    assert "0 of 5" in frame.inner_text("#result")
    assert "Not right." in frame.inner_text("#quiz")
    host.wait_for(cmi__core__lesson_status="failed", cmi__core__score__raw="0")

    frame.click("#quiz button[type=button]")
    answer(frame, right=True)
    assert "5 of 5" in frame.inner_text("#result")
    told = host.wait_for(cmi__core__lesson_status="passed", cmi__core__score__raw="100")
    assert (told["cmi.core.score.min"], told["cmi.core.score.max"]) == ("0", "100")

    frame.click("#quiz button[type=button]")
    answer(frame, right=False)
    assert "0 of 5" in frame.inner_text("#result")
    frame.evaluate("window.dispatchEvent(new Event('pagehide'))")
    told = host.wait_for(cmi__core__exit="suspend")  # what this host writes at LMSFinish
    assert (told["cmi.core.lesson_status"], told["cmi.core.score.raw"]) == ("passed", "100"), "the best try counts"
    assert len(told["cmi.core.session_time"]) == len("0000:00:00")
    assert faults == []
    page.close()


def test_the_page_works_from_a_folder_without_a_platform(chromium: Browser, host: Host) -> None:
    page = chromium.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((host.store.package_root(host.package) / scorm.PAGE).as_uri())
    answer(page.main_frame, right=True)
    assert "5 of 5" in page.inner_text("#result")
    assert "Passed." in page.inner_text("#result")
    assert page.evaluate("document.activeElement.id") == "result"
    assert faults == []
    assert host.told() == {}
    page.close()
