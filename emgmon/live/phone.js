// Shows what emgmon sends, and connects again by itself. Texts are set as text, never as markup.
"use strict";
const SILENT_MS = 4000, RETRY_MS = 1000;
const ICONS = { check: "M4 13l5 5L20 6", up: "M12 21V4M4 12l8-8 8 8", down: "M12 3v17M4 12l8 8 8-8", pause: "M8 4v16M16 4v16", "": "" };
const LIGHTS = { good: "M12 2a10 10 0 1 0 .01 0", weak: "M12 2L23 22H1Z", lost: "M12 3a9 9 0 1 0 .01 0M5.6 18.4L18.4 5.6" };
const START_DEG = -30, SPAN_DEG = 240, ZONE = 0.3, GAP = 0.5;
const at = (id) => document.getElementById(id);
const put = (id, text) => { if (at(id).textContent !== text) at(id).textContent = text; };
const turn = (id, share) => {
  at(id).style.display = share === null ? "none" : "";
  if (share !== null) at(id).setAttribute("transform", `rotate(${START_DEG + SPAN_DEG * share})`);
};
const lay = (id, start, length) => {
  at(id).style.display = length > 0 ? "" : "none";
  at(id).setAttribute("stroke-dasharray", `${100 * Math.max(0, length)} 200`);
  at(id).setAttribute("stroke-dashoffset", `${-100 * start}`);
};
const made = (name, marks, text) => {
  const part = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [mark, value] of Object.entries(marks)) part.setAttribute(mark, value);
  if (text !== undefined) part.textContent = text;
  return part;
};

function showRing(ring) {
  const parts = { G: [0, 0], H: [0, 0], E: [0, 0] };
  if (ring.needle !== null) {
    const reach = ring.needle / 2, band = ring.band / 2;
    const start = ring.needle ? 0.5 + Math.min(0, reach) : 0.5 - band;
    parts[ring.group in parts ? ring.group : "G"] = [start, ring.needle ? Math.abs(reach) : 2 * band];
    lay("zone", 0.5 - band, 2 * band);
  } else {
    let start = 0;
    ["G", "H", "E"].forEach((group, place) => {
      const share = ring.share[place] || 0;
      parts[group] = [start, share - (start + share < 1 ? GAP / 100 : 0)];
      start += share;
    });
    lay("zone", ring.mark || 0, ring.mark === null ? 0 : Math.min(ZONE, 1 - ring.mark));
  }
  for (const group of Object.keys(parts)) lay(`part-${group}`, ...parts[group]);
  turn("mark", ring.needle !== null ? 0.5 : ring.mark);
  turn("pointer", ring.last);
  at("ring").classList.toggle("dim", ring.dim);
  put("ring-label", ring.label);
  put("ring-note", ring.note);
  const number = at("ring-number");
  number.style.fontSize = ring.number.length + ring.unit.length > 3 ? "44px" : "";
  if (number.textContent !== ring.number + ring.unit) number.replaceChildren(ring.number, made("tspan", {}, ring.unit));
}

function showReps(reps) {
  put("reps-label", reps.label);
  put("reps-number", reps.number);
  put("reps-target", reps.target);
  put("caption", reps.caption);
  const wide = 100 / Math.max(reps.columns.length, 8), box = [];
  reps.columns.forEach((column, place) => {
    const high = 40 * column.height;
    box.push(made("rect", { class: column.kind, x: place * wide + 0.7, y: 42 - high, width: wide - 1.6, height: high, rx: 1 }));
  });
  if (reps.mark !== null) box.push(made("line", { x1: 0, x2: 100, y1: 42 - 40 * reps.mark, y2: 42 - 40 * reps.mark }));
  at("columns").replaceChildren(...box);
}

function showHold(hold) {
  for (const [id, text] of [["label", hold.label], ["number", hold.number], ["unit", hold.unit]]) put(`hold-${id}`, text);
  put("tick-text", hold.tick_text);
  put("end-text", hold.end_text);
  at("hold").classList.toggle("running", hold.running);
  at("fill").style.width = `${100 * hold.fraction}%`;
  at("fill").dataset.group = hold.group;
  at("tick").style.display = hold.tick === null ? "none" : "";
  at("tick-text").style.left = `${100 * (hold.tick || 0)}%`;
  at("tick").style.left = `${100 * (hold.tick || 0)}%`;
  for (const item of at("phases").children) item.classList.toggle("now", item.dataset.phase === hold.phase);
}

function showTop(seen) {
  put("exercise", seen.exercise);
  put("set", seen.set);
  put("clock", seen.clock);
  put("pill", seen.pill);
  at("pill").hidden = !seen.pill;
  at("lights").replaceChildren(...seen.lights.map(([label, light]) => {
    const item = document.createElement("li"), sign = made("svg", { viewBox: "0 0 24 24" });
    sign.append(made("path", { d: LIGHTS[light] }));
    item.className = light;
    item.append(sign, label);
    return item;
  }));
}

const before = {};
function fresh(name, value) {
  const text = JSON.stringify(value);
  const changed = before[name] !== text;
  before[name] = text;
  return changed;
}

function show(seen) {
  document.body.dataset.group = seen.leader;
  if (fresh("top", [seen.exercise, seen.set, seen.clock, seen.pill, seen.lights])) showTop(seen);
  if (fresh("ring", seen.ring)) showRing(seen.ring);
  if (fresh("reps", seen.reps)) showReps(seen.reps);
  if (fresh("hold", seen.hold)) showHold(seen.hold);
  put("spoken", [seen.cue.text, `${seen.reps.label} ${seen.reps.number}${seen.reps.target}`, seen.pill].filter(Boolean).join(", ").toLowerCase());
  if (fresh("cue", seen.cue)) {
    put("word", seen.cue.text);
    at("cue").dataset.group = seen.cue.group;
    at("icon").style.display = seen.cue.icon ? "" : "none";
    at("icon").firstElementChild.setAttribute("d", ICONS[seen.cue.icon] || "");
    const extra = seen.cue.icon ? 2 : 0, root = document.documentElement.style;
    root.setProperty("--length", seen.cue.text.length + extra);
    root.setProperty("--longest", Math.max(4, ...seen.cue.text.split(" ").map((word) => word.length)) + extra);
  }
}

let stream = null, heard = 0;
function gone(lost) {
  document.body.classList.toggle("gone", lost);
  at("lost").hidden = !lost;
  if (lost) put("lost", document.body.dataset.lost);
}
function connect() {
  if (stream !== null) stream.close();
  heard = performance.now();
  stream = new EventSource("events");
  stream.onmessage = (event) => { heard = performance.now(); gone(false); show(JSON.parse(event.data)); };
  stream.addEventListener("beat", () => { heard = performance.now(); gone(false); });
  stream.onerror = () => gone(true);
}
setInterval(() => {
  const silent = performance.now() - heard > SILENT_MS;
  if (silent || stream.readyState === EventSource.CLOSED) { gone(true); connect(); }
}, RETRY_MS);

async function stayAwake() {
  try { await navigator.wakeLock.request("screen"); } catch { /* only where the address is trusted: then the phone's own setting rules */ }
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) { connect(); stayAwake(); } });
const light = window.matchMedia("(prefers-color-scheme: light)").matches;
document.documentElement.dataset.theme = light ? "light" : "dark";
at("theme").onclick = () => {
  const root = document.documentElement.dataset;
  root.theme = root.theme === "dark" ? "light" : "dark";
};
at("full").onclick = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
connect();
stayAwake();
