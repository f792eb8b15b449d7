// Dark or light: measured on the page behind the widget, so it holds in every host, also inside marimo's shadow roots.
import { Bag } from "./dom.ts";

export type Theme = "dark" | "light";

/** Keep `data-theme` of the root equal to what the page behind it looks like. */
export function followTheme(root: HTMLElement, bag: Bag): void {
  let frame = 0;
  const look = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => (root.dataset["theme"] = themeBehind(root)));
  };
  const watch = new MutationObserver(look);
  for (const element of [document.documentElement, document.body]) watch.observe(element, { attributes: true });
  // A theme's style sheet may arrive after the attribute that announces it.
  watch.observe(document.head, { childList: true });
  const system = matchMedia("(prefers-color-scheme: dark)");
  bag.listen(system, "change", look);
  // The view is built before it is shown; its first size is the sign that it is in the page.
  const placed = new ResizeObserver(look);
  placed.observe(root);
  bag.add(() => {
    watch.disconnect();
    placed.disconnect();
    cancelAnimationFrame(frame);
  });
}

function themeBehind(root: HTMLElement): Theme {
  for (let element = parent(root); element; element = parent(element)) {
    const colour = channels(getComputedStyle(element).backgroundColor);
    if (colour && colour[3]! > 0.5) return luminance(colour) < 0.4 ? "dark" : "light";
  }
  return getComputedStyle(document.documentElement).colorScheme.startsWith("dark") ? "dark" : "light";
}

function parent(element: Element): Element | null {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** Red, green, blue (0…255) and alpha of a computed colour; null when the browser answers in another notation. */
export function channels(colour: string): number[] | null {
  const numbers = /^rgba?\(([^)]+)\)$/
    .exec(colour)?.[1]
    ?.split(/[\s,/]+/)
    .map(Number);
  return numbers ? [numbers[0]!, numbers[1]!, numbers[2]!, numbers[3] ?? 1] : null;
}

/** 0 (black) … 1 (white), weighted as the eye does. */
export function luminance([red = 0, green = 0, blue = 0]: number[]): number {
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}
