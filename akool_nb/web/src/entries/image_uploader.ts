// ImageUploader: widgets/image_uploader.py in the page.
import { texts } from "../texts/image_uploader.ts";
import { Channel, type Model } from "../ui/channel.ts";
import { forget, remember } from "../ui/memory.ts";
import { shell } from "../ui/shell.ts";
import { Album } from "../uploader/album.ts";
import { Sender } from "../uploader/sender.ts";
import styles from "../uploader/uploader.css";
import { uploaderView } from "../uploader/view.ts";

/** Album and sender of a widget, alive from the first message to the widget's end. */
function kept(model: Model) {
  return remember(model, () => {
    const channel = new Channel(model);
    const listeners = new Set<() => void>();
    const album = new Album();
    const sender = new Sender(channel, () => listeners.forEach((listener) => listener()));
    album.open(channel);
    return { channel, album, sender, listeners };
  });
}

export default {
  initialize({ model }: { model: Model }) {
    const { channel, album } = kept(model);
    return () => {
      channel.close();
      album.close();
      forget(model);
    };
  },
  render({ model, el }: { model: Model; el: HTMLElement }) {
    const { album, sender, listeners } = kept(model);
    const view = shell(model, el, texts.name, styles);
    uploaderView(view, album, sender, (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    });
    return () => view.bag.empty();
  },
};
