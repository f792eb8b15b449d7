// Copying text, also on pages that browsers give no clipboard to (plain http).
import { focused, h } from "./dom.ts";

/** Whether it worked. */
export async function copy(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, near);
  }
}

function copyBySelection(text: string, near: HTMLElement): boolean {
  const area = h("textarea", { class: "ak-voice", "aria-hidden": "true" });
  area.value = text;
  const before = focused() as HTMLElement | null;
  near.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  return done;
}
