// SessionPanel: Python looks after the session, the page shows it.
import { Calls } from "../panel/calls.ts";
import { showPanel } from "../panel/view.ts";
import { Channel } from "../ui/channel.ts";
import { widget } from "../ui/widget.ts";

export default widget((model) => new Calls(new Channel(model)), showPanel);
