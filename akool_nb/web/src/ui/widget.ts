// A widget's module, as anywidget wants it. What the page keeps is kept per widget, not per view: hosts give each view
// its own proxy of the model, so the widget's key names it.
import type { Model } from "./channel.ts";

interface Closable {
  close(): void;
}

/** `make` makes what all views of a widget share; `show` shows it in `el` until the returned function is called. */
export function widget<K extends Closable>(
  make: (model: Model) => K,
  show: (shared: K, model: Model, el: HTMLElement) => () => void,
) {
  const kept = new Map<string, K>();
  const of = (model: Model): K => {
    const key: string = model.get("_key");
    const shared = kept.get(key) ?? make(model);
    kept.set(key, shared);
    return shared;
  };
  return {
    initialize({ model }: { model: Model }): () => void {
      const shared = of(model);
      return () => {
        shared.close();
        kept.delete(model.get("_key"));
      };
    },
    render({ model, el }: { model: Model; el: HTMLElement }): () => void {
      return show(of(model), model, el);
    },
  };
}
