// Whose keys they are while the focus is in a widget: the widget's, or the notebook program's shortcuts.
import type { Bag } from "./dom.ts";

/** JupyterLab ignores a key if the focused element has this attribute. */
const OWN_KEYS = "data-lm-suppress-shortcuts";
/** With Ctrl or Cmd: text is selected, copied and pasted in a widget, and a picker's steps are undone. */
const EDITING = "acvxyz";

/** Keys stay in the widget, but shortcuts with Ctrl or Cmd, such as Ctrl+S, reach the notebook program. */
export function keepOwnKeys(root: HTMLElement, bag: Bag): void {
  // JupyterLab reads the attribute in a capture listener on the document: the window's comes before that.
  const capture = { capture: true };
  const claim = (event: KeyboardEvent) => {
    if (!event.composedPath().includes(root)) return;
    for (const element of [root, event.target as Element]) {
      if (isOwn(event)) element.setAttribute(OWN_KEYS, "true");
      else element.removeAttribute(OWN_KEYS);
    }
  };
  // A key that reaches JupyterLab's notebook makes it take the focus back, and the next key would edit cells.
  const stop = (event: KeyboardEvent) => {
    if (isOwn(event)) event.stopPropagation();
  };
  bag.listen(window, "keydown", claim, capture);
  for (const type of ["keydown", "keypress", "keyup"]) bag.listen(root, type, stop);
}

export function isOwn({ key, ctrlKey, metaKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey">): boolean {
  const isShortcut = (ctrlKey || metaKey) && key.length === 1;
  return !isShortcut || EDITING.includes(key.toLowerCase());
}
