// Studio: widgets/studio.py in the page. Its parts are the other widgets.
import { Parts } from "../studio/parts.ts";
import { showGuide } from "../studio/view.ts";
import type { Model } from "../ui/channel.ts";
import { forget, remember } from "../ui/memory.ts";
import picker from "./face_picker.ts";
import uploader from "./image_uploader.ts";
import view from "./live_view.ts";
import panel from "./session_panel.ts";

const guide = { render: ({ model, el }: { model: Model; el: HTMLElement }) => showGuide(model, el) };

/** In the order in which they are shown. */
const WIDGETS = { guide, uploader, picker, view, panel };

const partsOf = (model: Model): Parts => remember(model, () => new Parts(model, WIDGETS));

export default {
  initialize({ model }: { model: Model }): () => void {
    const parts = partsOf(model);
    return () => {
      parts.close();
      forget(model);
    };
  },
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    return partsOf(model).render(el);
  },
};
