// Keeps the live page up to date: each event carries one block of the page as HTML, made by the same templates.
"use strict";
(() => {
  const place = document.querySelector("[data-stream]");
  if (!place || !window.EventSource) return;
  const state = place.querySelector(".state");
  const button = place.querySelector("button");
  const waiting = new Map();
  let paused = false;
  let source;

  const block = (name) => document.querySelector(`[data-block="${name}"]`);
  const say = (text) => { if (state.textContent !== text) state.textContent = text; };
  const told = place.dataset;  // what to say, in the language of the page; {} is the time, UTC
  const at = (text) => text.replace("{}", new Date().toISOString().slice(11, 19));

  // A block in use (focus, selected text) waits, so that nothing moves under the reader's hands; open details stay open.
  const inUse = (node) => {
    const chosen = getSelection();
    return node.contains(document.activeElement) || (chosen && !chosen.isCollapsed && node.contains(chosen.anchorNode));
  };
  const apply = () => {
    if (paused) return;
    for (const [name, html] of waiting) {
      const node = block(name);
      if (!node || inUse(node)) continue;
      const open = [...node.querySelectorAll("details[open]")].map((d) => d.id);
      const left = [...node.querySelectorAll(".scroll")].map((s) => s.scrollLeft);
      node.innerHTML = html;
      for (const id of open) { const d = document.getElementById(id); if (d) d.open = true; }
      node.querySelectorAll(".scroll").forEach((s, i) => { s.scrollLeft = left[i] || 0; });
      waiting.delete(name);
    }
  };
  const connect = () => {
    source = new EventSource(told.stream);
    source.onopen = () => say(told.live);
    source.onerror = () => {
      say(at(told.lost));
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 15000);
    };
    for (const node of document.querySelectorAll("[data-block]")) {
      const name = node.dataset.block;
      // A block must not be called open, error or message: these are events of the connection itself.
      source.addEventListener(name, (event) => { waiting.set(name, event.data); apply(); });
    }
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? told.resume : told.pause;
    say(paused ? at(told.paused) : told.live);
    apply();
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  setInterval(apply, 2000);
  connect();
})();
