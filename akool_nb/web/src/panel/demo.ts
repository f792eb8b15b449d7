// "Try with Agora's demo page": what to enter there, each value with a button that copies it.
import type { Channel } from "../ui/channel.ts";
import { copy } from "../ui/clipboard.ts";
import { iconButton } from "../ui/controls.ts";
import { h, keepFocus, show } from "../ui/dom.ts";
import * as icons from "../ui/icons.ts";
import { rows } from "../ui/rows.ts";
import type { Part, Shell } from "../ui/shell.ts";
import { text } from "../texts/session_panel.ts";

/** The texts of `AgoraDemo`; without fields and links on the sandbox. */
export interface Demo {
  fields: [name: string, value: string][];
  links: string[];
  notes: string[];
}

type Copy = (value: string | Promise<string>, done: string, failed: string) => void;

export function demoPage({ channel, say }: Shell): Part<[{ demo: Demo | null }]> {
  const said = h("p", { class: "ak-note" });
  const offer: Copy = async (value, done, failed) => {
    said.textContent = (await copy(value, said)) ? done : failed;
    say(said.textContent);
  };
  const name = h("summary", {}, text.demo);
  const list = h("ul", { class: "ak-panel-list" });
  const token = tokenRow(channel, offer);
  const links = h("p", { class: "ak-row" });
  const notes = h("ul", { class: "ak-note" });
  const element = h("details", {}, name, notes, list, token, links, said);
  const fill = rows(list, (field: [string, string]) => fieldRow(field, offer), h("li", { hidden: true }));
  let drawn = "";
  const draw = (demo: Demo) => {
    fill(demo.fields);
    show(token, demo.fields.length > 0);
    links.replaceChildren(...demo.links.map((href, index) => link(href, text.demoLinks[index] ?? href)));
    const sentences = demo.fields.length > 0 ? [...demo.notes, text.demoIdle] : demo.notes;
    notes.replaceChildren(...sentences.map((note) => h("li", {}, note)));
    said.textContent = "";
  };
  const look = ({ demo }: { demo: Demo | null }) => {
    show(element, demo !== null);
    if (!demo || JSON.stringify(demo) === drawn) return;
    drawn = JSON.stringify(demo);
    keepFocus(
      element,
      () => draw(demo),
      () => name,
    );
  };
  return { element, look };
}

function fieldRow([name, value]: [string, string], offer: Copy): HTMLElement {
  const act = () => offer(value, text.copied(name), text.notCopied);
  return h("li", { class: "ak-panel-entry" }, entry(name, h("code", {}, value)), copyButton(name, act));
}

function tokenRow(channel: Channel, offer: Copy): HTMLElement {
  const ask = tokens(channel);
  const act = () => offer(ask(), text.tokenCopied, text.tokenNotCopied);
  const note = h("span", { class: "ak-note" }, text.tokenNote);
  return h("div", { class: "ak-panel-entry" }, entry(text.token, note), copyButton(text.token, act));
}

function entry(name: string, value: HTMLElement): HTMLElement {
  return h("div", { class: "ak-row" }, h("span", { class: "ak-muted" }, name), value);
}

function copyButton(name: string, act: () => void): HTMLButtonElement {
  return iconButton(text.copyField(name), act, icons.copy);
}

function link(href: string, words: string): HTMLElement {
  return h("a", { href, target: "_blank", rel: "noreferrer noopener" }, words);
}

/** Asks Python for the token. The answer goes to the one who asked and is kept nowhere. */
function tokens(channel: Channel): () => Promise<string> {
  let press = "";
  let take: (token: string) => void = () => undefined;
  channel.hear("demo_token", (answer: { press: string; token: string }) => {
    if (answer.press !== press) return;
    take(answer.token);
    press = "";
  });
  return () => {
    press = Math.random().toString(36).slice(2);
    channel.post("demo_token", { press });
    return new Promise((resolve) => (take = resolve));
  };
}
