// Studio: widgets/studio.py in the page. Its parts are the other widgets.
import { Parts } from "../studio/parts.ts";
import { showGuide } from "../studio/view.ts";
import type { Model } from "../ui/channel.ts";
import { widget } from "../ui/widget.ts";
import picker from "./face_picker.ts";
import uploader from "./image_uploader.ts";
import view from "./live_view.ts";
import panel from "./session_panel.ts";

const guide = { render: ({ model, el }: { model: Model; el: HTMLElement }) => showGuide(model, el) };

/** In the order in which they are shown. */
const WIDGETS = { guide, uploader, picker, view, panel };

export default widget(
  (model) => new Parts(model, WIDGETS),
  (parts, _model, el) => parts.render(el),
);
