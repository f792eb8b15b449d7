// The studio's guide; the other parts are the widgets themselves.
import { showGuide } from "../studio/view.ts";
import type { Model } from "../ui/channel.ts";

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    return showGuide(model, el);
  },
};
