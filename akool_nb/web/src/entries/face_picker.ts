// FacePicker: widgets/face_picker.py in the page.
import { Faces } from "../picker/faces.ts";
import styles from "../picker/picker.css";
import { pickerView } from "../picker/view.ts";
import { texts } from "../texts/face_picker.ts";
import { Channel } from "../ui/channel.ts";
import { shell } from "../ui/shell.ts";
import { widget } from "../ui/widget.ts";

export default widget(
  (model) => new Faces(new Channel(model)),
  (faces, model, el) => {
    const view = shell(model, el, texts.name, styles);
    pickerView(view, faces);
    return () => view.bag.empty();
  },
);
