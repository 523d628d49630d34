// Additions to pages that work without them: copy buttons, keys, filters as one types, and live updates.
"use strict";

const main = document.getElementById("main");
const search = document.querySelector("input[type=search]");

// Copy buttons

function textToCopy(button) {
  if (button.dataset.copies === "log") {
    return [...document.querySelectorAll("#log .message")].map((line) => line.textContent + "\n").join("");
  }
  const around = button.closest("[data-copyable]");
  return (around.querySelector("[data-source]") || around.querySelector("code, pre")).textContent;
}

async function copy(button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(textToCopy(button));
    button.textContent = "copied";
  } catch {
    button.textContent = "can't copy";
  }
  setTimeout(() => { button.textContent = label; }, 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy");
  if (button) copy(button);
});

function showCopyButtons() {
  for (const button of document.querySelectorAll("button.copy[hidden]")) button.hidden = false;
}

// `/` goes to the filter

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing || !search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// Parts of a page are replaced by those of a fresh copy of it

const served = new WeakMap();

function remember() {
  for (const part of document.querySelectorAll("[data-live]")) {
    if (!served.has(part)) served.set(part, part.innerHTML);
  }
}

function partIds(page) {
  return [...page.querySelectorAll("[data-live]")].map((part) => part.id).join();
}

function selectorOfLink(element) {
  return element.matches("a[href]") ? `a[href="${CSS.escape(element.getAttribute("href"))}"]` : "";
}

function replaceParts(fresh) {
  const focus = document.activeElement;
  const again = focus && (focus.id ? `#${CSS.escape(focus.id)}` : selectorOfLink(focus));
  const open = [...document.querySelectorAll("details[id][open]")].map((details) => details.id);
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (other && other.innerHTML !== served.get(part)) {
      served.set(other, other.innerHTML);
      part.replaceWith(other);
    }
  }
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
  if (again && !document.contains(focus)) document.querySelector(again)?.focus({ preventScroll: true });
  showCopyButtons();
}

function replaceAll(fresh) {
  // A page that has become another one, such as the list with its first image, is loaded whole.
  if (partIds(fresh) !== partIds(document)) {
    location.reload();
    return;
  }
  replaceParts(fresh);
  document.title = fresh.title;
  document.querySelector("link[rel=icon]").href = fresh.querySelector("link[rel=icon]").href;
}

let fetching = null;

async function refresh(address = location.href) {
  fetching?.abort();
  fetching = new AbortController();
  try {
    const response = await fetch(address, { signal: fetching.signal });
    const text = await response.text();
    if (!response.ok) {
      location.reload();
      return;
    }
    replaceAll(new DOMParser().parseFromString(text, "text/html"));
  } catch {
    // Aborted by a later one, or the service has stopped: the next event tries again.
  }
}

// The filter applies as one types

let typing = 0;

search?.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const address = `${search.form.action.split("?")[0]}?${new URLSearchParams(new FormData(search.form))}`;
    history.replaceState(null, "", address);
    refresh(address);
  }, 150);
});

// The log

const log = document.getElementById("log");
const MAX_LINES = 5000;
const follow = document.querySelector("#follow input");

function isAtEnd() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 30;
}

function goToEnd() {
  log.scrollTop = log.scrollHeight;
}

for (const box of document.querySelectorAll("input[data-keep]")) {
  const kept = localStorage.getItem(box.id);
  if (kept !== null) box.checked = kept === "true";
  box.addEventListener("change", () => localStorage.setItem(box.id, box.checked));
}

function append(html) {
  log.insertAdjacentHTML("beforeend", html);
  while (log.children.length > MAX_LINES) log.firstElementChild.remove();
  if (follow.checked) goToEnd();
}

if (log) {
  // Scrolling up lets go of the end; scrolling back takes hold of it again.
  log.addEventListener("scroll", () => { follow.checked = isAtEnd(); });
  follow.addEventListener("change", () => { if (follow.checked) goToEnd(); });
}

// Live updates, while the page can be seen: a browser has few connections for each service

let source = null;

function listen() {
  if (!main.dataset.events || source || document.hidden) return;
  const last = log && log.lastElementChild ? log.lastElementChild.querySelector("a").textContent : "0";
  source = new EventSource(log ? `${main.dataset.events}?after=${last}` : main.dataset.events);
  source.addEventListener("changed", () => refresh());
  source.addEventListener("log", (event) => {
    const update = JSON.parse(event.data);
    append(update.lines);
    replaceParts(new DOMParser().parseFromString(update.parts, "text/html"));
    document.getElementById("lines").textContent = log.lastElementChild.querySelector("a").textContent;
  });
  source.addEventListener("end", async () => {
    stop();
    delete main.dataset.events;
    document.getElementById("follow").hidden = true;
    await refresh();
  });
}

function stop() {
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    stop();
  } else if (main.dataset.events) {
    listen();
  }
});

remember();
showCopyButtons();
if (log && main.dataset.events) {
  document.getElementById("follow").hidden = false;
  if (!location.hash) goToEnd();
}
listen();
