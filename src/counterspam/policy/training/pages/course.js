// The quiz of a module outside a node, and the reports to a learning platform (SCORM 1.2 run-time: the object `API` of a frame
// or window around this one). Without a platform everything works; the result then stays on the page.
"use strict";
(function () {
  function read(id) {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : null;
  }

  // The platform

  function near(window_) {
    for (let i = 0; i < 20 && window_; i += 1) {
      try {
        if (window_.API) return window_.API;
        if (window_.parent === window_) return null;
        window_ = window_.parent;
      } catch (error) {
        return null; // a frame of another origin
      }
    }
    return null;
  }

  const found = near(window) || (window.opener ? near(window.opener) : null);
  const started = Date.now();
  let api = null;
  let over = false;

  function get(name) {
    return api ? String(api.LMSGetValue(name)) : "";
  }

  function set(name, value) {
    if (api) api.LMSSetValue(name, String(value));
  }

  function commit() {
    if (api) api.LMSCommit("");
  }

  function time() {
    const seconds = Math.floor((Date.now() - started) / 1000);
    const two = (value) => String(value).padStart(2, "0");
    return String(Math.floor(seconds / 3600)).padStart(4, "0") + ":" + two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60);
  }

  function begin() {
    if (!found || String(found.LMSInitialize("")) !== "true") return;
    api = found;
    const status = get("cmi.core.lesson_status");
    if (status === "" || status === "not attempted") set("cmi.core.lesson_status", "incomplete");
    commit();
  }

  function end() {
    if (!api || over) return;
    over = true;
    const status = get("cmi.core.lesson_status");
    set("cmi.core.exit", status === "passed" || status === "completed" ? "" : "suspend");
    set("cmi.core.session_time", time());
    commit();
    api.LMSFinish("");
  }

  // The best try counts: platforms compare the score with the mastery score of the manifest, and may undo a pass otherwise.
  function report(share, passed) {
    const best = Math.max(Math.floor(share * 100 + 1e-9), Number(get("cmi.core.score.raw")) || 0);
    set("cmi.core.score.min", 0);
    set("cmi.core.score.max", 100);
    set("cmi.core.score.raw", best);
    if (get("cmi.core.lesson_status") !== "passed") set("cmi.core.lesson_status", passed ? "passed" : "failed");
    commit();
  }

  // The quiz

  const place = document.getElementById("quiz");
  const bank = read("questions");
  const words = read("words");
  const settings = read("settings");
  let tries = 0;
  let order = [];

  function shuffled(values) {
    const mixed = values.slice();
    for (let i = mixed.length - 1; i > 0; i -= 1) {
      const other = Math.floor(Math.random() * (i + 1));
      [mixed[i], mixed[other]] = [mixed[other], mixed[i]];
    }
    return mixed;
  }

  function element(tag, text, attributes) {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  }

  function draw() {
    if (!order.length) order = shuffled(bank);
    const count = Math.min(bank.length, settings.most, Math.max(settings.fewest, Math.floor(bank.length / 2)));
    const first = tries * count;
    tries += 1;
    return Array.from({ length: count }, (_, i) => order[(first + i) % order.length]);
  }

  function question(item, number) {
    const group = element("fieldset", "", { id: "q-" + number });
    const many = item.answer.length > 1;
    group.append(element("legend", number + ". " + item.question));
    if (many) group.append(element("p", words.several, { class: "quiet" }));
    shuffled(item.options.map((text, i) => [text, i])).forEach(([text, i]) => {
      const label = element("label");
      label.append(element("input", "", { type: many ? "checkbox" : "radio", name: "q-" + number, value: i }), " " + text);
      const line = element("p", "", { class: "option" });
      line.append(label);
      group.append(line);
    });
    return group;
  }

  function mark(item, group) {
    const chosen = Array.from(group.querySelectorAll("input:checked"), (input) => Number(input.value)).sort();
    const right = JSON.stringify(chosen) === JSON.stringify(item.answer.slice().sort());
    group.querySelectorAll("input").forEach((input) => { input.disabled = true; });
    const said = element("p", "", { class: "notice" });
    said.append(element("strong", right ? words.right : words.wrong), " ");
    if (!right) said.append(words.answer + " " + item.answer.map((i) => item.options[i]).join("; ") + ". ");
    said.append(item.explanation);
    if (item.source) said.append(" ", element("a", "[" + item.source + "]", { href: "#source-" + item.source }));
    group.append(said);
    return right;
  }

  function start() {
    const drawn = draw();
    const form = element("form", "", { class: "quiz" });
    const groups = drawn.map((item, i) => question(item, i + 1));
    const button = element("button", words.check, { type: "submit" });
    form.append(...groups, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const right = drawn.filter((item, i) => mark(item, groups[i])).length;
      const passed = right >= settings.passMark * drawn.length - 1e-9;
      const result = element("p", "", { class: "lead", role: "status", id: "result", tabindex: "-1" });
      result.textContent = words.result.replace("{right}", right).replace("{all}", drawn.length) + " " + (passed ? words.passed : words.failed);
      const again = element("button", words.again, { type: "button" });
      again.addEventListener("click", start);
      button.replaceWith(result, again);
      report(right / drawn.length, passed);
      result.focus();
    });
    place.replaceChildren(form);
  }

  begin();
  window.addEventListener("pagehide", end);
  window.addEventListener("beforeunload", end);
  if (place && bank && bank.length) start();
})();
