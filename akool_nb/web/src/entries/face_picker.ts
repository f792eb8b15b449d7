// FacePicker: widgets/face_picker.py in the page.
import { Faces } from "../picker/faces.ts";
import styles from "../picker/picker.css";
import { pickerView } from "../picker/view.ts";
import { texts } from "../texts/face_picker.ts";
import { Channel, type Model } from "../ui/channel.ts";
import { forget, remember } from "../ui/memory.ts";
import { shell } from "../ui/shell.ts";

/** The faces of a widget, alive from the first message to the widget's end. */
function kept(model: Model) {
  return remember(model, () => {
    const channel = new Channel(model);
    return { channel, faces: new Faces(channel) };
  });
}

export default {
  initialize({ model }: { model: Model }) {
    const { channel, faces } = kept(model);
    return () => {
      channel.close();
      faces.close();
      forget(model);
    };
  },
  render({ model, el }: { model: Model; el: HTMLElement }) {
    const view = shell(model, el, texts.name, styles);
    pickerView(view, kept(model).faces);
    return () => view.bag.empty();
  },
};
