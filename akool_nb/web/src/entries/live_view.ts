// LiveView: the call belongs to the model, views only show it.
import { Call } from "../live/call.ts";
import { Capture } from "../live/capture.ts";
import { show } from "../live/view/view.ts";
import { Channel, type Model } from "../ui/channel.ts";
import { forget, remember } from "../ui/memory.ts";

interface Live {
  call: Call;
  capture: Capture;
}

const liveOf = (model: Model): Live =>
  remember(model, () => {
    const call = new Call(new Channel(model));
    return { call, capture: new Capture(call) };
  });

export default {
  initialize({ model }: { model: Model }): () => void {
    const { call } = liveOf(model);
    // A page that the kernel will not answer for a while (Run All) starts all the same.
    if (call.traits.startsItself) void call.start();
    return () => {
      void call.end();
      forget(model);
    };
  },
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const { call, capture } = liveOf(model);
    return show(call, capture, model, el);
  },
};
