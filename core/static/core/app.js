// What the pages can do with JavaScript that they do more slowly without: the drawer, the keyboard, selecting rows.
// Markup says what there is: data-dialog, data-close, data-key, tr[data-row], [data-open], [data-selection].
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const shown = (element) => element.getClientRects().length > 0 && !element.disabled;

  // The viewer's zone: dates are written on the server.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !/(^|; )time_zone=/.test(document.cookie)) {
    document.cookie = `time_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  }

  if ("serviceWorker" in navigator && window.isSecureContext) {
    navigator.serviceWorker.register("/service-worker.js").catch(() => {});
  }

  // Dialogs. showModal keeps the focus inside and gives it back at the end.
  const open = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) open(document.getElementById(opener.dataset.dialog));
    const closer = event.target.closest("[data-close]");
    if (closer) { event.preventDefault(); closer.closest("dialog")?.close(); }
    if (event.target instanceof HTMLDialogElement) event.target.close(); // beside it
    all("details.dropdown-menu[open]").filter((menu) => !menu.contains(event.target)).forEach((menu) => { menu.open = false; });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details.dropdown-menu[open]").forEach((menu) => { menu.open = false; one("summary", menu).focus(); });
  });

  // htmx: what comes for the drawer opens it, what goes wrong is said.
  const say = (text, kind = "error") => {
    const line = document.createElement("p");
    line.className = `message ${kind}`;
    line.setAttribute("role", "alert");
    line.textContent = text;
    (one("dialog[open] #drawer-messages") || one("#messages"))?.replaceChildren(line);
  };
  let opened = null; // the row that the drawer shows: it may have moved on since it was opened
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "drawer-body") return;
    open(document.getElementById("drawer"));
    opened = current();
    document.getElementById("drawer").scrollTop = 0;
    event.detail.target.focus();
  });
  document.addEventListener("htmx:sendError", () => say("The server does not answer. Check the network, then try again."));
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status === 403) say("You may not do this, or your session has ended. Reload the page.");
    else if (status === 404) say("It is not there any more: somebody may have deleted it. Reload the page.");
    else if (status === 503) say("The server is not ready at the moment. Try again in a few seconds; nothing was changed.");
    else say("The server could not do this. Try again; if it fails again, look into its log.");
  });

  // Selecting rows: a box in each, one above them all, and the bar that says how many.
  const bar = () => one("[data-selection]");
  const boxes = () => all("tr[data-row] input[type=checkbox]");
  let last = null;
  const count = () => {
    const strip = bar();
    if (!strip) return;
    const chosen = boxes().filter((box) => box.checked);
    boxes().forEach((box) => box.closest("tr").classList.toggle("selected", box.checked));
    const everything = one("[data-select-all]");
    if (everything) {
      everything.checked = chosen.length > 0 && chosen.length === boxes().length;
      everything.indeterminate = chosen.length > 0 && chosen.length < boxes().length;
    }
    strip.classList.toggle("some", chosen.length > 0);
    all("[data-count]", strip).forEach((place) => { place.textContent = String(chosen.length); });
    const matching = one("[data-all-matching]", strip);
    if (matching) {
      matching.hidden = !(everything?.checked);
      if (matching.hidden) all("input", matching).forEach((box) => { box.checked = false; });
    }
  };
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-select-all]")) boxes().forEach((other) => { other.checked = box.checked; });
    if (box.closest("tr[data-row]") || box.matches("[data-select-all]")) count();
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest("tr[data-row] input[type=checkbox]");
    if (!box) return;
    const list = boxes();
    if (event.shiftKey && last && list.includes(last)) {
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      list.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
      count();
    }
    last = box;
  });
  document.addEventListener("htmx:afterSettle", count);
  window.addEventListener("pageshow", count);

  // The keyboard.
  const rows = () => all("tr[data-row]").filter(shown);
  const current = () => one("tr[data-row].current");
  const go = (row) => {
    current()?.classList.remove("current");
    row.classList.add("current");
    (one("[data-open]", row) || row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const move = (by) => {
    const list = rows();
    if (!list.length) return false;
    const at = list.indexOf(current());
    const next = list[Math.min(list.length - 1, Math.max(0, at + by))];
    if (at === -1) go(by > 0 ? list[0] : list[list.length - 1]);
    else go(next);
    const drawer = document.getElementById("drawer");
    if (drawer?.open) one("[data-open]", current())?.click();
    return true;
  };
  document.getElementById("drawer")?.addEventListener("close", () => { if (opened?.isConnected) go(opened); });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (row && row !== current()) { current()?.classList.remove("current"); row.classList.add("current"); }
  });

  // Decisions are about what is selected; without a selection about the row that is current.
  const choose = () => {
    const row = current();
    if (boxes().some((box) => box.checked) || !row) return;
    const box = one("input[type=checkbox]", row);
    if (box) { box.checked = true; count(); }
  };
  // After a decision made by key one goes on where one was: with the row after those decided about.
  const PLACE = "place in the list";
  const rememberPlace = (key) => {
    if (!boxes().length) return;
    const list = rows();
    const decided = one("dialog[open]") ? [] : list.filter((row) => one("input[type=checkbox]:checked", row));
    if (!decided.length && current()) decided.push(current());
    const after = list.indexOf(decided[decided.length - 1]) + 1;
    const rest = [...list.slice(after), ...list.slice(0, after).reverse()].filter((row) => !decided.includes(row));
    const row = key === "u" ? current() : rest[0];
    sessionStorage.setItem(PLACE, JSON.stringify({ url: location.pathname + location.search, row: row?.id || "" }));
  };
  const returnToPlace = () => {
    const place = JSON.parse(sessionStorage.getItem(PLACE) || "null");
    if (!place) return;
    const back = one("a[data-list]");
    if (back) back.href = place.url;
    if (!one("#results")) return;
    sessionStorage.removeItem(PLACE);
    const row = place.row && document.getElementById(place.row);
    if (row) go(row);
  };
  returnToPlace();

  const act = (key) => {
    const dialog = all("dialog[open]").pop();
    const target = all(`[data-key="${CSS.escape(key)}"]`, dialog || document).find(shown);
    if (!target) return false;
    if (["a", "r", "u"].includes(key)) rememberPlace(key);
    if (target.matches("input, textarea, select")) { target.focus(); target.select?.(); } else target.click();
    return true;
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => { const box = current() && one("input[type=checkbox]", current()); box?.click(); return Boolean(box); },
    o: () => { const link = current() && one("[data-open]", current()); link?.click(); return Boolean(link); },
    a: () => { if (!one("dialog[open]")) choose(); return act("a"); },
    r: () => { if (!one("dialog[open]")) choose(); return act("r"); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    const key = event.key;
    if ((keys[key] ? keys[key]() : key.length === 1 && act(key))) event.preventDefault();
  });
})();
