// The few controls that all widgets share.
import { h, s } from "./dom.ts";

interface ButtonOptions {
  icon?: string;
  /** "main" for the one thing to do next, "quiet" inside toolbars. */
  look?: "main" | "plain" | "quiet";
  /** Show the icon alone; the text is its name and its tooltip. */
  iconOnly?: boolean;
}

/** A real button, at least 24 px in each direction. */
export function button(
  text: string,
  onclick: () => void,
  { icon: path, look = "plain", iconOnly = false }: ButtonOptions = {},
): HTMLButtonElement {
  const names = iconOnly ? { "aria-label": text, title: text } : {};
  const element = h(
    "button",
    { type: "button", class: `ak-button ak-${look}`, ...names },
    path && icon(path),
    !iconOnly && h("span", {}, text),
  );
  element.addEventListener("click", () => element.getAttribute("aria-disabled") !== "true" && onclick());
  return element;
}

/** A quiet button that shows its icon alone; the text is its name and its tooltip. */
export function iconButton(text: string, onclick: () => void, icon: string): HTMLButtonElement {
  return button(text, onclick, { icon, look: "quiet", iconOnly: true });
}

/**
 * An icon without a name of its own, in the colour of the text: the control it sits in is named by text or aria-label.
 */
export function icon(path: string, size = 18): SVGSVGElement {
  return s(
    "svg",
    { class: "ak-icon", viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true", focusable: "false" },
    s("path", { d: path }),
  );
}

export function rename(control: HTMLButtonElement, words: string, path: string): void {
  const label = control.querySelector("span");
  if (label) label.textContent = words;
  else {
    control.title = words;
    control.setAttribute("aria-label", words);
  }
  control.querySelector("path")?.setAttribute("d", path);
}

/** Switch a button of ours on or off. Off, it keeps the focus that it has; `disabled` would drop it. */
export function enable(control: HTMLButtonElement, on: boolean): void {
  control.setAttribute("aria-disabled", String(!on));
}

export function press(toggle: HTMLButtonElement, on: boolean): void {
  toggle.setAttribute("aria-pressed", String(on));
}

/** Give one element of a row the only tab stop, and move it with the arrow keys, Home and End. */
export function rove(row: HTMLElement, items: () => HTMLElement[]): void {
  row.addEventListener("keydown", (event) => {
    const list = items();
    const at = list.indexOf(event.target as HTMLElement);
    const to = at < 0 ? -1 : step(event.key, at, list.length);
    if (to < 0) return;
    event.preventDefault();
    focusOnly(list, to);
    list[to]!.focus();
  });
}

export function focusOnly(items: HTMLElement[], at: number): void {
  items.forEach((item, index) => {
    const tab = index === at ? 0 : -1;
    if (item.tabIndex !== tab || !item.hasAttribute("tabindex")) item.tabIndex = tab;
  });
}

/** Where a key leads in a row of that length; -1 when it leads nowhere. */
export function step(key: string, at: number, length: number): number {
  const to =
    { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: length - 1 }[key] ?? -1;
  return to >= 0 && to < length ? to : -1;
}
