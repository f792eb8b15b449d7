// ImageUploader: widgets/image_uploader.py in the page.
import { texts } from "../texts/image_uploader.ts";
import { Channel } from "../ui/channel.ts";
import { shell } from "../ui/shell.ts";
import { widget } from "../ui/widget.ts";
import { Album } from "../uploader/album.ts";
import { Sender } from "../uploader/sender.ts";
import styles from "../uploader/uploader.css";
import { uploaderView } from "../uploader/view.ts";

export default widget(
  (model) => {
    const channel = new Channel(model);
    const album = new Album(channel);
    return { album, sender: new Sender(channel), close: () => album.close() };
  },
  ({ album, sender }, model, el) => {
    const view = shell(model, el, texts.name, styles);
    uploaderView(view, album, sender);
    return () => view.bag.empty();
  },
);
