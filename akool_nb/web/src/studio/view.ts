// The studio's guide: four steps, one button that leads on, and the account's form on the first step.
import { consent } from "../ui/consent.ts";
import { button, enable } from "../ui/controls.ts";
import { focused, h, keepFocus, show } from "../ui/dom.ts";
import * as icons from "../ui/icons.ts";
import { Presses } from "../ui/presses.ts";
import { type Part, shell, type Shell } from "../ui/shell.ts";
import type { Model } from "../ui/channel.ts";
import { text } from "../texts/studio.ts";
import styles from "./studio.css";

const FACE = 2;
/** How long (ms) Python's parts take to hide after the step has changed. */
const SETTLED = 300;
const TRAITS = ["step", "reachable", "busy", "presses", "account", "is_live", "has_credentials", "consent"] as const;

export function showGuide(model: Model, el: HTMLElement): () => void {
  const frame = shell(model, el, text.name, styles);
  const presses = new Presses(frame.channel, () => look());
  const here = () => frame.body.querySelector("[aria-current=step]") as HTMLElement;
  const parts = [stepper(frame, presses), account(frame, presses), leading(frame, presses)];
  frame.body.append(...parts.map((part) => part.element));
  const look = () => {
    presses.hear(model.get("presses"), model.get("busy"));
    // What was pressed belongs to the step before: the keyboard goes on from the step that has come.
    keepFocus(frame.body, () => parts.forEach((part) => part.look()), here);
  };
  for (const trait of TRAITS) frame.channel.on(`change:${trait}`, look);
  frame.channel.on("change:step", () =>
    frame.say(text.step(model.get("step") + 1, text.steps[model.get("step")] ?? "")),
  );
  // The parts of the step before are other widgets: what was pressed in them vanishes a moment after the step has
  // changed.
  let settling = 0;
  const settle = () => focused() ?? here().focus({ preventScroll: true });
  frame.channel.on("change:step", () => {
    clearTimeout(settling);
    settling = setTimeout(settle, SETTLED) as unknown as number;
  });
  frame.bag.add(() => clearTimeout(settling));
  look();
  return () => frame.bag.empty();
}

function stepper({ channel }: Shell, presses: Presses): Part {
  const { model } = channel;
  const buttons = text.steps.map((name, index) =>
    button(`${index + 1} ${name}`, () => channel.set("step", index), { look: "quiet" }),
  );
  const element = h("nav", { class: "ak-row ak-studio-steps", "aria-label": text.stepsName }, ...buttons);
  const look = () =>
    buttons.forEach((one, index) => {
      const here = index === model.get("step");
      // Live is entered by the button that asks for the consent; while a session is open, it can be revisited.
      const beyond = index > model.get("reachable") || (index === FACE + 1 && !model.get("is_live") && !here);
      enable(one, !presses.rests && !beyond);
      one.classList.toggle("ak-studio-here", here);
      if (here) one.setAttribute("aria-current", "step");
      else one.removeAttribute("aria-current");
    });
  return { element, look };
}

function leading({ channel, bag, say }: Shell, presses: Presses): Part {
  const { model } = channel;
  const tick = consent(channel, bag, say, () => next);
  const forward = () => {
    // The next step opens a session, which costs credits, so the consent comes before it.
    if (model.get("step") === FACE) tick.ask(() => presses.send("go_live"));
    else channel.set("step", model.get("step") + 1);
  };
  const next = button("", forward, { look: "main" });
  const hint = h("p", { class: "ak-muted ak-grow" });
  const element = h("div", { class: "ak-row" }, hint, tick.element, next);
  const look = () => {
    const step: number = model.get("step");
    hint.textContent = presses.rests ? text.working : (text.hints[step] as string) || model.get("account");
    (next.firstElementChild as HTMLElement).textContent =
      step === FACE && model.get("is_live") ? text.wear : (text.next[step] as string);
    enable(next, !presses.rests && model.get("reachable") > step);
    show(next, step < FACE + 1 && model.get("reachable") > 0);
    show(tick.element, step === FACE && !model.get("consent"));
    show(element, step > 0 || model.get("reachable") > 0);
  };
  return { element, look };
}

function account({ channel }: Shell, presses: Presses): Part {
  const { model } = channel;
  const sandbox = button(text.sandbox, () => presses.send("account", { which: "sandbox" }), {
    icon: icons.play,
    look: "main",
  });
  const known = button(text.environment, () => presses.send("account", { which: "environment" }));
  const form = credentials(presses);
  const own = h(
    "details",
    { class: "ak-studio-card" },
    h("summary", {}, text.own),
    h("p", { class: "ak-note" }, text.ownNote),
    known,
    form,
  );
  const element = h(
    "div",
    { class: "ak-body" },
    h("p", {}, text.ask),
    h("div", { class: "ak-studio-card" }, sandbox, h("p", { class: "ak-note" }, text.sandboxNote)),
    own,
  );
  const look = () => {
    show(element, model.get("step") === 0);
    show(known, model.get("has_credentials"));
    for (const one of [sandbox, known]) enable(one, !presses.rests);
  };
  return { element, look };
}

/** A form whose fields are emptied as soon as they are sent. */
function credentials(presses: Presses): HTMLFormElement {
  const field = (label: string, type: string) => {
    const input = h("input", { class: "ak-field", type, autocomplete: "off", spellcheck: "false" });
    return [
      input,
      h("label", { class: "ak-studio-form-row" }, h("span", { class: "ak-muted" }, label), input),
    ] as const;
  };
  const [apiKey, apiKeyRow] = field(text.apiKey, "password");
  const [clientId, clientIdRow] = field(text.clientId, "text");
  const [secret, secretRow] = field(text.clientSecret, "password");
  const send = (event: Event) => {
    event.preventDefault();
    if (presses.rests) return;
    presses.send("account", {
      which: "typed",
      api_key: apiKey.value,
      client_id: clientId.value,
      client_secret: secret.value,
    });
    for (const input of [apiKey, clientId, secret]) input.value = "";
  };
  return h(
    "form",
    { class: "ak-studio-form", onsubmit: send },
    apiKeyRow,
    h("span", { class: "ak-note" }, text.or),
    clientIdRow,
    secretRow,
    h("button", { type: "submit", class: "ak-button ak-plain" }, text.signIn),
  );
}
