// The parts of a studio: each has a model of its own on the studio's channel, and is shown in a place of its own.
import { Channel, type Model } from "../ui/channel.ts";
import { Bag, h, show } from "../ui/dom.ts";
import { Listeners } from "../ui/listeners.ts";
import { shared } from "../texts/shared.ts";
import { PartModel } from "./part_model.ts";

/** How long (ms) a view is empty until it says that it waits for Python. */
const PATIENCE = 1000;

/** What an entry of a widget exports. */
export interface Widget {
  initialize?(options: { model: Model }): () => void;
  render(options: { model: Model; el: HTMLElement }): () => void;
}

/** A line of the trait `_places`. */
interface Place {
  name: string;
  key: string;
  shown: boolean;
}

interface Part {
  model: PartModel;
  widget: Widget;
  end(): void;
}

export class Parts {
  readonly channel: Channel;
  /** By key; a part is here when its first state has arrived. */
  private readonly parts = new Map<string, Part>();
  private readonly channels = new Map<string, Channel>();
  private readonly changed = new Listeners();

  constructor(
    private readonly model: Model,
    private readonly widgets: Readonly<Record<string, Widget>>,
  ) {
    this.channel = new Channel(model);
    this.channel.follow("_places", () => this.arrange());
  }

  /** Show the parts in `el`, until the returned function is called. */
  render(el: HTMLElement): () => void {
    const slots = Object.keys(this.widgets).map((name) => new Slot(name));
    const note = h("p", { hidden: true }, shared.notRunning);
    const root = h(
      "div",
      { style: "display: flex; flex-direction: column" },
      note,
      ...slots.map((slot) => slot.element),
    );
    el.append(root);
    const waiting = setTimeout(() => show(note, this.parts.size === 0), PATIENCE);
    const look = () => {
      if (this.parts.size) show(note, false);
      for (const slot of slots) {
        const place = this.places.find(({ name }) => name === slot.name);
        slot.show(this.parts.get(place?.key ?? ""), place?.shown === true);
      }
    };
    const unwatch = this.changed.add(look);
    look();
    return () => {
      clearTimeout(waiting);
      unwatch();
      for (const slot of slots) slot.show(undefined, false);
      root.remove();
    };
  }

  close(): void {
    this.channel.close();
    for (const key of [...this.channels.keys()]) this.remove(key);
  }

  private get places(): Place[] {
    return this.model.get("_places");
  }

  private arrange(): void {
    const keys = new Set(this.places.map(({ key }) => key));
    for (const key of [...this.channels.keys()]) if (!keys.has(key)) this.remove(key);
    for (const { key, name } of this.places) if (!this.channels.has(key)) void this.add(key, name);
    this.changed.call();
  }

  private async add(key: string, name: string): Promise<void> {
    const channel = new Channel(this.model);
    this.channels.set(key, channel);
    const model = await new PartModel(channel, key).ready;
    const widget = this.widgets[name];
    // It may have been removed meanwhile.
    if (!widget || !this.channels.has(key)) return;
    const end = widget.initialize?.({ model }) ?? (() => undefined);
    this.parts.set(key, { model, widget, end });
    this.changed.call();
  }

  private remove(key: string): void {
    const part = this.parts.get(key);
    this.parts.delete(key);
    // Its views end before it ends.
    this.changed.call();
    part?.end();
    this.channels.get(key)?.close();
    this.channels.delete(key);
  }
}

/** The place of a part in a view. */
class Slot {
  readonly element = h("div", { hidden: true });
  private part: Part | undefined;
  private bag = new Bag();

  constructor(readonly name: string) {}

  show(part: Part | undefined, shown: boolean): void {
    if (part !== this.part) {
      this.bag.empty();
      this.part = part;
      if (part) this.bag.add(part.widget.render({ model: part.model, el: this.element }));
    }
    show(this.element, shown);
  }
}
