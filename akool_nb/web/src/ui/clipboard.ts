// Copying text, also on pages that browsers give no clipboard to (plain http).
import { focused, h } from "./dom.ts";

/**
 * Whether it worked. The text may still be on its way: Safari lets a page write to the clipboard only if the writing
 * begins with the click.
 */
export async function copy(text: string | Promise<string>, near: HTMLElement): Promise<boolean> {
  const written = Promise.resolve(text).then((words) => new Blob([words], { type: "text/plain" }));
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": written })]);
    return true;
  } catch {
    return copyBySelection(await text, near);
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
