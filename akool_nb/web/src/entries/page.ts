// The live view on a page of its own: the same widget, with a WebSocket to Python in place of Jupyter's channel.
import { PageModel } from "../ui/page_model.ts";
import widget from "./live_view.ts";

const model = await PageModel.open(`ws://${location.host}/socket`);
widget.initialize({ model });
widget.render({ model, el: document.getElementById("view") as HTMLElement });
