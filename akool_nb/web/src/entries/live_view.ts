// LiveView: the call belongs to the model, views only show it.
import { Call } from "../live/call.ts";
import { Capture } from "../live/capture.ts";
import { show } from "../live/view/view.ts";
import { Channel } from "../ui/channel.ts";
import { widget } from "../ui/widget.ts";

export default widget(
  (model) => {
    const call = new Call(new Channel(model));
    const capture = new Capture(call);
    // A page that the kernel will not answer for a while (Run All) starts all the same.
    if (call.traits.startsItself) void call.start();
    return { call, capture, close: () => void call.end() };
  },
  ({ call, capture }, model, el) => show(call, capture, model, el),
);
