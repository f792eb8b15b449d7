// SessionPanel: Python looks after the session, the page shows it.
import { showPanel } from "../panel/view.ts";
import type { CallShown } from "../panel/calls.ts";
import { Channel, type Model } from "../ui/channel.ts";
import { forget, remember } from "../ui/memory.ts";

/** The last calls: a message, so the model keeps what came before a view was there. */
class Calls {
  shown: CallShown[] = [];
  private readonly watchers = new Set<() => void>();

  constructor(readonly channel: Channel) {
    channel.hear("calls", ({ calls }: { calls: CallShown[] }) => {
      this.shown = calls;
      for (const look of this.watchers) look();
    });
  }

  watch(look: () => void): () => void {
    this.watchers.add(look);
    return () => this.watchers.delete(look);
  }
}

const callsOf = (model: Model): Calls => remember(model, () => new Calls(new Channel(model)));

export default {
  initialize({ model }: { model: Model }): () => void {
    const calls = callsOf(model);
    return () => {
      calls.channel.close();
      forget(model);
    };
  },
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const calls = callsOf(model);
    return showPanel(
      model,
      el,
      () => calls.shown,
      (look) => calls.watch(look),
    );
  },
};
