"""The instruments of policy as those whom they are for use them, each signed in with a password, in a real browser."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab
from test_accessibility import EVERY, told, violations

from bench.server import Server

NUMBERS = count(1)
Enter = Callable[..., Tab]


@pytest.fixture
def enter(chromium: Browser, server: Server) -> Iterator[Enter]:
    """`enter(role, ...)` makes an account with these roles and signs in; without roles nobody is signed in."""
    contexts = []

    def entered(*roles: str) -> Tab:
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=server.url))
        tab = contexts[-1].new_page()
        if roles:
            name = f"{roles[0]}-{next(NUMBERS)}"
            made = httpx.post(f"{server.url}/api/v1/accounts", json={"name": name, "roles": roles}).json()
            tab.goto("/sign-in?next=/account")
            tab.fill("#name", name)
            tab.fill("#password", made["password"])
            tab.get_by_role("button", name="Sign in", exact=True).click()
            assert f"signed in as {name}" in tab.inner_text("main")
        return tab

    yield entered
    for context in contexts:
        context.close()


def clean(tab: Tab) -> None:
    """axe finds nothing on the page as this reader sees it."""
    tab.evaluate(AXE_SCRIPT)
    assert [told(violation, tab.url) for violation in violations(tab, EVERY)] == []


def status(tab: Tab, path: str) -> int:
    answer = tab.goto(path)
    assert answer is not None
    return answer.status


def test_an_analyst_reads_evidence_and_decides_but_writes_no_law(enter: Enter, paths: dict[str, str]) -> None:
    tab = enter("analyst")
    assert status(tab, paths["evidence-sms"]) == 200
    tab.get_by_role("button", name="It is spam").click()
    assert "spam" in tab.inner_text("main").lower()
    clean(tab)
    assert [status(tab, path) for path in ("/moderation", "/operator/accounts", "/questionnaires/new")] == [403] * 3
    assert tab.locator("main a").count(), "the page of the refusal leads on"


def test_a_law_goes_from_the_editor_to_the_moderator_to_the_public(enter: Enter) -> None:
    editor, moderator, public = enter("policy-editor"), enter("moderator"), enter()
    law = "GH-ETA"
    editor.goto(f"/contribute/laws?id={law}")
    editor.locator('[name="f.definition_note"]').fill("")
    editor.locator('[name="f.title"]').fill("")
    editor.get_by_role("button", name="Send to the moderator").click()
    assert "What is wrong stands beside the fields." in editor.inner_text("main")
    clean(editor)
    editor.locator('[name="f.title"]').fill("A title that an editor corrected")
    editor.locator('[name="comment"]').fill("The title was misspelt.")
    editor.get_by_role("button", name="Send to the moderator").click()
    assert status(editor, "/moderation") == 403
    moderator.goto("/moderation")
    moderator.get_by_role("row").filter(has_text=law).get_by_role("link").first.click()
    assert "A title that an editor corrected" in moderator.inner_text("main")
    clean(moderator)
    moderator.locator("#i-reason").fill("Compared with the official text.")
    moderator.get_by_role("button", name="Publish and sign off").click()
    assert status(public, f"/laws/{law}") == 200
    assert "A title that an editor corrected" in public.inner_text("h1")
    public.goto(f"/laws/{law}/history")
    assert "moderator-" in public.inner_text("main"), "who approved it is public"
    clean(public)


def test_a_respondent_answers_with_a_code_saves_slips_and_comes_back(enter: Enter) -> None:
    editor, respondent = enter("policy-editor"), enter()
    today, wave = datetime.now(UTC), f"2026-walk{next(NUMBERS)}"
    editor.goto("/questionnaires/new")
    for name, text in {"id": wave, "title": "A walk", "period": "2025"}.items():
        editor.fill(f"#{name}", text)
    editor.fill("#opens", f"{today - timedelta(1):%Y-%m-%d}")
    editor.fill("#closes", f"{today + timedelta(30):%Y-%m-%d}")
    editor.get_by_role("button", name="Open the wave").click()
    editor.goto(f"/questionnaires/{wave}/manage")
    editor.locator('form.filter [name="member"]').fill("An administration")
    editor.locator('form.filter [name="country"]').fill("GH")
    editor.locator("form.filter").get_by_role("button", name="Invite").click()
    code = editor.locator('[role="status"] code').inner_text()
    clean(editor)
    respondent.goto("/questionnaires/answer")
    respondent.fill("#code", "WRONG-CODE")
    respondent.get_by_role("button", name="Open the answers").click()
    assert respondent.locator('[role="alert"]').inner_text()
    respondent.fill("#code", code)
    respondent.get_by_role("button", name="Open the answers").click()
    if "/questionnaires/answer/" not in respondent.url:
        respondent.locator("main ul a").first.click()
    overview = respondent.url
    assert code not in overview
    respondent.locator("table a").nth(2).click()
    field = respondent.locator('form.ask input[type="text"], form.ask input[inputmode]').first
    name = field.get_attribute("name")
    field.fill("many")
    respondent.get_by_role("button", name="Save", exact=True).click()
    assert "To be mended or confirmed" in respondent.inner_text("main")
    clean(respondent)
    section = respondent.url
    respondent.goto(overview)
    respondent.goto(section)
    assert respondent.locator(f'[name="{name}"]').input_value() == "many", "what was wrong is kept"


def test_a_questionnaire_goes_from_the_editors_file_to_the_moderator_to_a_wave(enter: Enter) -> None:
    editor, moderator, public = enter("policy-editor"), enter("moderator"), enter()
    name = f"walk-{next(NUMBERS)}"
    editor.goto("/questionnaires/forms")
    with editor.expect_download() as saved:
        editor.get_by_role("link", name="2026 (YAML)", exact=True).click()
    text = saved.value.path().read_text(encoding="utf-8").replace("version: '2026'", f"version: {name}", 1)

    def upload(given: str) -> None:
        editor.set_input_files("#file", {"name": "own.yaml", "mimeType": "text/yaml", "buffer": given.encode()})
        editor.get_by_role("button", name="Upload as a draft").click()

    upload(text.replace("kind: country", "kind: planet", 1))
    assert re.search(r"sections\[1\]\.questions\[\d\]\.kind\s+Choose one of: ", editor.inner_text('[role="alert"]'))
    clean(editor)
    editor.goto("/questionnaires/forms")
    upload(text.replace("Countries of origin", "Countries and areas of origin", 1))
    assert "Countries and areas of origin" in editor.inner_text("main")
    editor.get_by_role("button", name="Propose it for publication").click()
    assert editor.get_by_role("button", name="Publish it").count() == 0
    moderator.goto(f"/questionnaires/forms/{name}")
    moderator.get_by_role("button", name="Publish it").click()
    assert "Published" in moderator.inner_text("main")
    clean(moderator)
    assert status(public, f"/questionnaires/forms/{name}") == 200
    editor.goto(f"/questionnaires/forms/{name}")
    editor.get_by_role("link", name="Open a new wave").click()
    assert name in editor.inner_text("main")
    clean(editor)


def test_a_learner_passes_a_quiz_and_gets_a_certificate_that_anybody_can_check(enter: Enter) -> None:
    tab = enter("learner")
    tab.goto("/training/what-is-spam?audience=user")
    clean(tab)
    tab.goto("/training/what-is-spam/quiz?audience=user")
    for number in range(tab.locator("form.quiz fieldset").count()):
        tab.locator("form.quiz fieldset").nth(number).locator("input").first.check()
    tab.get_by_role("button", name="Check my answers").click()
    assert re.search(r"\d+ of \d+ answers? (is|are) right", tab.inner_text("main"))
    clean(tab)
    assert status(tab, "/training/verify") == 200
    tab.locator("main textarea, main input[name=code]").first.fill("CSC1.nothing.real")
    tab.locator("main form button").first.click()
    assert "not" in tab.inner_text("main").lower()
    assert status(tab, "/evidence/01890a5d-ac96-774b-bcce-b302099a8057") == 403


def test_an_administrator_sees_who_did_what(enter: Enter) -> None:
    tab = enter("administrator")
    tab.goto("/operator/audit")
    assert "session.open" in tab.inner_text("table")
    tab.get_by_role("link", name="Check the log").click()
    assert "rows fit" in tab.inner_text("main")
    clean(tab)
    tab.goto("/account")
    tab.get_by_role("button", name="Sign out").click()
    assert status(tab, "/account") == 200  # open access on this machine: the session is over, not the visit


def test_the_public_finds_compares_and_calculates_without_an_account(enter: Enter) -> None:
    tab = enter()
    tab.goto("/laws")
    tab.locator('main input[name="q"]').fill("consentement préalable")
    tab.locator("main form button").first.click()
    clean(tab)
    tab.goto("/costs?country=FR")
    assert re.search(r"Spam costs about .* between .* and", tab.inner_text("main"))
    tab.goto("/training/statistics")
    clean(tab)
