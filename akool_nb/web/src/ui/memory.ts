// What the page keeps per widget, not per view: hosts give each view its own proxy of the model, so the widget's key
// names it.
import type { Model } from "./channel.ts";

const kept = new Map<string, any>();

/** The widget's object, made at first use. */
export function remember<T>(model: Model, make: () => T): T {
  const key: string = model.get("_key");
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key);
}

/** Drop it when the widget ends. */
export function forget(model: Model): void {
  kept.delete(model.get("_key"));
}
