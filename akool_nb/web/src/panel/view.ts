// The session panel's view.
import { button, enable, iconButton } from "../ui/controls.ts";
import { h, keepFocus, show } from "../ui/dom.ts";
import * as icons from "../ui/icons.ts";
import { Presses } from "../ui/presses.ts";
import { rows } from "../ui/rows.ts";
import { type Part, shell, type Shell } from "../ui/shell.ts";
import type { Model } from "../ui/channel.ts";
import { minutes } from "../ui/time.ts";
import { STEPS, text } from "../texts/session_panel.ts";
import { type Calls, callsList } from "./calls.ts";
import { type Demo, demoPage } from "./demo.ts";
import { type Described, progress } from "./progress.ts";
import styles from "./session_panel.css";

interface OpenSession {
  id: string;
  from: keyof typeof text.from;
}

/** What Python shows of the session; see `SessionPanel._gather`. */
interface Shown {
  face: boolean;
  busy: string;
  presses: number;
  session: Described | null;
  credits: { before: number | null; now: number | null; used: number | null };
  sessions: OpenSession[];
  demo: Demo | null;
}

export function showPanel(calls: Calls, model: Model, el: HTMLElement): () => void {
  const frame = shell(model, el, text.name, styles);
  let shown: Shown = model.get("_shown");
  const look = () => parts.forEach((part) => part.look(shown));
  const presses = new Presses(frame.channel, () => look());
  const controls = buttons(frame, presses);
  const parts = [controls, track(), gauges(frame), demoPage(frame), openSessions(presses)];
  const log = callsList(frame);
  frame.body.append(...parts.map((part) => part.element), log.element);
  controls.element.after(frame.error);
  frame.channel.follow("_shown", (told: Shown) => {
    shown = told;
    presses.hear(shown.presses, shown.busy !== "");
    look();
  });
  log.look(calls.shown);
  frame.bag.add(calls.changed.add(() => log.look(calls.shown)));
  frame.channel.post("hello");
  return () => frame.bag.empty();
}

/** Until it is closed a session may cost something, whatever its state: so it can be closed. */
const isOpen = (shown: Shown): boolean => shown.session !== null && !shown.session.closed;

function buttons({ say }: Shell, presses: Presses): Part<[Shown]> {
  const create = button(text.create, () => presses.send("create"), { icon: icons.plus, look: "main" });
  const update = button(text.update, () => presses.send("update"));
  const end = button(text.end, () => presses.send("end", {}, true), { icon: icons.stop });
  const note = h("span", { class: "ak-muted" });
  const element = h("div", { class: "ak-row", tabindex: "-1" }, create, update, end, note);
  let spoken = "";
  const look = (shown: Shown) => {
    const focused = [create, update, end].find((one) => one === (element.getRootNode() as Document).activeElement);
    show(create, !isOpen(shown));
    (create.lastElementChild as HTMLElement).textContent = shown.session ? text.again : text.create;
    for (const one of [update, end]) show(one, isOpen(shown));
    for (const one of [create, update]) enable(one, shown.face && !presses.rests);
    // The button that was pressed may be hidden now. The keyboard stays at this place, but not on the button that came
    // instead: a key held a moment too long would press that one, too.
    if (focused?.hidden) element.focus();
    note.textContent = text.working[shown.busy] ?? (shown.face ? "" : text.noFace);
    if (spoken !== shown.busy && shown.busy) say(note.textContent);
    spoken = shown.busy;
  };
  return { element, look };
}

function track(): Part<[Shown]> {
  const steps = h("ol", { class: "ak-panel-track", "aria-label": text.progress });
  const none = h("p", { class: "ak-muted" }, text.none);
  let drawn = "";
  const look = ({ session }: Shown) => {
    show(none, session === null);
    show(steps, session !== null);
    const marks = session ? progress(session) : [];
    if (JSON.stringify(marks) === drawn) return;
    drawn = JSON.stringify(marks);
    steps.replaceChildren(
      ...marks.map(([name, mark]) =>
        h(
          "li",
          { class: `ak-panel-step ak-panel-${mark}`, "aria-current": mark === "now" ? "step" : null },
          STEPS[name],
        ),
      ),
    );
  };
  return { element: h("div", { class: "ak-panel-way" }, none, steps), look };
}

function gauges({ channel, bag }: Shell): Part<[Shown]> {
  const value = () => h("dd", {}, "–");
  const values = { left: value(), before: value(), now: value(), used: value() };
  const names = { left: text.left, before: text.before, now: text.now, used: text.used };
  const labels = Object.entries(names).map(
    ([name, label]) => [name as keyof typeof names, h("dt", {}, label)] as const,
  );
  const table = h("dl", { class: "ak-figures" }, ...labels.map(([name, label]) => h("div", {}, label, values[name])));
  const idle = h("input", {
    class: "ak-field ak-panel-number",
    type: "number",
    min: "0",
    step: "1",
    onchange: () => channel.set("idle_minutes", Math.max(0, Number(idle.value) || 0)),
  });
  const settings = h("label", { class: "ak-row ak-note" }, h("span", {}, text.idle), idle, h("span", {}, text.minutes));
  channel.follow("idle_minutes", (value: number) => (idle.value = String(value)));
  let expires = 0;
  const tick = () => {
    const seconds = Math.max(0, expires - Date.now() / 1000);
    values.left.textContent = expires ? minutes(seconds) : "–";
  };
  const timer = setInterval(tick, 1000);
  bag.add(() => clearInterval(timer));
  const look = (shown: Shown) => {
    expires = isOpen(shown) ? (shown.session as Described).expires_at : 0;
    tick();
    // While a session is open, a part of the credits may only be held back for it.
    for (const [name, label] of labels) if (name === "used") label.textContent = isOpen(shown) ? text.held : text.used;
    for (const name of ["before", "now", "used"] as const)
      values[name].textContent = shown.credits[name]?.toFixed(1) ?? "–";
  };
  return { element: h("div", { class: "ak-body" }, table, settings), look };
}

function openSessions(presses: Presses): Part<[Shown]> {
  const list = h("ul", { class: "ak-panel-list" });
  const count = h("span", {});
  const name = h("summary", {}, text.open, " ", count);
  const element = h("details", {}, name, list);
  const row = ({ id, from }: OpenSession) => {
    const end = iconButton(text.closeThis(id), () => presses.send("end", { id }, true), icons.close);
    return h(
      "li",
      { class: "ak-panel-entry" },
      h("div", { class: "ak-row" }, h("code", {}, id), h("span", { class: "ak-muted" }, text.from[from])),
      end,
    );
  };
  const fill = rows(list, row, h("li", { class: "ak-muted" }, text.noneOpen));
  const look = ({ sessions }: Shown) => {
    count.textContent = `(${sessions.length})`;
    keepFocus(
      list,
      () => fill(sessions),
      () => name,
    );
  };
  return { element, look };
}
