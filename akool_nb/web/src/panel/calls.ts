// The last calls, each with its curl command to copy.
import type { Channel } from "../ui/channel.ts";
import { copy } from "../ui/clipboard.ts";
import { iconButton } from "../ui/controls.ts";
import { h, keepFocus } from "../ui/dom.ts";
import * as icons from "../ui/icons.ts";
import { Listeners } from "../ui/listeners.ts";
import { rows } from "../ui/rows.ts";
import type { Part, Shell } from "../ui/shell.ts";
import { text } from "../texts/session_panel.ts";

/** One call as Python describes it; everything in it is text, never markup. */
interface CallShown {
  at: string;
  what: string;
  code: number | null;
  http: number | null;
  ms: number;
  said: string;
  ok: boolean;
  curl: string;
}

/** They come in a message, so they are kept for a view that comes later. */
export class Calls {
  shown: CallShown[] = [];
  readonly changed = new Listeners();

  constructor(private readonly channel: Channel) {
    channel.hear("calls", ({ calls }: { calls: CallShown[] }) => {
      this.shown = calls;
      this.changed.call();
    });
  }

  close(): void {
    this.channel.close();
  }
}

export function callsList({ say }: Shell): Part<[CallShown[]]> {
  const list = h("ul", { class: "ak-panel-list" });
  const name = h("summary", {}, text.calls);
  const element = h("details", {}, name, list);
  const offer = async (call: CallShown, place: HTMLElement) => {
    if (await copy(call.curl, place)) return say(text.curlCopied);
    place.replaceChildren(text.notCopied, h("pre", { tabindex: "0" }, call.curl));
  };
  const row = (call: CallShown) => {
    const place = h("div", { class: "ak-note ak-panel-copy" });
    const made = iconButton(text.copy, () => void offer(call, place), icons.copy);
    const answer = `${call.http ?? "–"} · ${call.code ?? "–"} · ${call.ms} ms`;
    const said = call.ok ? null : h("span", { class: "ak-panel-bad" }, call.said);
    const what = h(
      "div",
      { class: "ak-row" },
      h("span", { class: "ak-muted" }, call.at),
      h("code", { class: "ak-grow" }, ...breakable(call.what)),
      h("span", { class: "ak-muted" }, answer),
    );
    return h("li", {}, h("div", { class: "ak-panel-entry" }, what, made), said, place);
  };
  const fill = rows(list, row, h("li", { class: "ak-muted" }, text.noCalls));
  return {
    element,
    look: (calls) =>
      keepFocus(
        list,
        () => fill(calls),
        () => name,
      ),
  };
}

/** A path that is too long for its line goes on behind a slash. */
const breakable = (path: string): Node[] => path.split(/(?<=\/)/).flatMap((part) => [new Text(part), h("wbr")]);
