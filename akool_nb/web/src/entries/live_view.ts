// LiveView: the call belongs to the model, views only show it.
import { Call } from "../live/call.ts";
import { show } from "../live/view/view.ts";
import { Channel, type Model } from "../ui/channel.ts";
import { forget, remember } from "../ui/memory.ts";

const callOf = (model: Model): Call => remember(model, () => new Call(new Channel(model)));

export default {
  initialize({ model }: { model: Model }): () => void {
    const call = callOf(model);
    // A page that the kernel will not answer for a while (Run All) starts all the same.
    if (call.traits.startsItself) void call.start();
    return () => {
      void call.end();
      forget(model);
    };
  },
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    return show(callOf(model), model, el);
  },
};
