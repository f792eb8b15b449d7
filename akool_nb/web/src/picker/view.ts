// The view of the picker: toolbar, photo, strip of faces, and the chosen face's opts.
import { texts } from "../texts/face_picker.ts";
import { copy } from "../ui/clipboard.ts";
import { button, enable, iconButton, press } from "../ui/controls.ts";
import { h, hasFocus, show } from "../ui/dom.ts";
import * as icons from "../ui/icons.ts";
import type { Shell } from "../ui/shell.ts";
import type { Faces } from "./faces.ts";
import { Points } from "./points.ts";
import { Stage, ZOOM } from "./stage.ts";
import { Strip } from "./strip.ts";

const PATIENCE = 2000;

export function pickerView(shell: Shell, faces: Faces): void {
  const { root, body, channel, bag, say, fail } = shell;
  let adding = false;
  let editing = false;

  const onChoose = (face: number, several: boolean) => {
    faces.choose(face, several || adding);
    const place = faces.chosen.indexOf(face);
    say(
      place >= 0 ? texts.chosen(face + 1, faces.list.length, place + 1) : texts.released(face + 1, faces.list.length),
    );
  };
  const onHover = (face: number) => {
    stage.hover(face);
    strip.hover(face);
  };
  const stage = new Stage(faces, bag, onChoose, onHover);
  const strip = new Strip(faces, stage.element, onChoose, onHover);
  const points = new Points(faces, stage, say);

  // Toolbar
  const toggleSeveral = () => {
    adding = !adding;
    press(several, adding);
  };
  const detectAgain = () => {
    fail("");
    channel.post("detect");
  };
  const several = button(texts.several, toggleSeveral, { icon: icons.several, look: "quiet" });
  const edit = button(texts.edit, () => setEditing(!editing), { icon: icons.points, look: "quiet" });
  const undo = iconButton(texts.undo, undoLast, icons.undo);
  const reset = iconButton(texts.reset, () => faces.reset(faces.active), icons.reset);
  const again = button(texts.again, detectAgain, { icon: icons.search, look: "quiet" });
  const zooms = [
    iconButton(texts.zoomOut, () => stage.zoomBy(1 / ZOOM), icons.minus),
    iconButton(texts.fit, () => stage.whole(), icons.fit),
    iconButton(texts.zoomIn, () => stage.zoomBy(ZOOM), icons.plus),
  ];
  const count = h("p", { class: "ak-grow ak-count" });
  const toolbar = h(
    "div",
    { class: "ak-row ak-tools", role: "toolbar", "aria-label": texts.name },
    several,
    edit,
    undo,
    reset,
    h("span", { class: "ak-grow" }),
    again,
    ...zooms,
  );

  const result = resultLine(shell, faces);
  const note = noteLine(shell, faces, again);
  const shown = [count, toolbar, stage.element, strip.element, result.element];
  body.append(...shown, note.element);
  bag.listen(root, "keydown", (event: KeyboardEvent) => {
    if (event.key === "Escape" && editing) return (setEditing(false), edit.focus());
    const z = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    if (!z || !faces.edits.canUndo) return;
    event.preventDefault();
    undoLast();
  });

  function undoLast(): void {
    faces.undo();
    say(texts.undone);
  }

  function setEditing(on: boolean): void {
    editing = on && faces.active >= 0;
    if (!editing && hasFocus(stage.layer)) edit.focus();
    press(edit, editing);
    root.classList.toggle("ak-editing", editing);
    points.edit(editing ? faces.active : -1);
    if (editing) stage.zoomToFace(faces.active);
    else if (faces.list.length) stage.whole();
    paintResult();
  }

  function paintAll(): void {
    const empty = faces.list.length === 0;
    for (const element of shown)
      show(element, faces.src !== "" && (!empty || element === stage.element || element === toolbar));
    count.textContent = texts.pick(faces.list.length);
    stage.load();
    strip.load();
    setEditing(false);
    paintChosen();
    note.paint();
  }

  function paintChosen(): void {
    const { chosen } = faces;
    stage.paintChosen(chosen, faces.active);
    strip.paintChosen(chosen, faces.active);
    strip.reveal(faces.active);
    // Only for another face: made anew, the points would lose the focus, and hosts may report a choice twice.
    if (editing && points.face !== faces.active) setEditing(faces.active >= 0);
    paintResult();
  }

  function paintWarnings(): void {
    strip.paintWarnings();
    paintResult();
  }

  function paintPoints(): void {
    faces.list.forEach((_, face) => stage.paintPoints(face));
    points.paint();
    paintResult();
  }

  function paintResult(): void {
    const edited = faces.active >= 0 && faces.edits.edited(faces.active);
    result.paint(edited);
    enable(edit, faces.active >= 0);
    enable(undo, faces.edits.canUndo);
    enable(reset, edited);
    for (const control of [undo, reset]) show(control, editing || edited || faces.edits.canUndo, edit);
  }

  bag.add(
    faces.changed.add((change) =>
      ({ faces: paintAll, warnings: paintWarnings, chosen: paintChosen, points: paintPoints })[change](),
    ),
  );
  channel.follow("_can_detect", (can: boolean) => show(again, can));
  paintAll();
}

function resultLine({ root, say, fail }: Shell, faces: Faces) {
  const opts = h("input", { class: "ak-field ak-grow ak-opts", readonly: true, "aria-label": texts.opts });
  const about = h("p", { class: "ak-note ak-grow" });
  const warnings = h("ul", { class: "ak-warnings", "aria-label": texts.warnings });
  const copied = async (text: string) => {
    const done = await copy(text, root);
    done ? say(texts.copied) : fail(texts.notCopied);
    about.dataset["copied"] = done ? ` · ${texts.copied}` : "";
  };
  const copyButton = (label: string, text: () => string) =>
    button(label, () => void copied(text()), { icon: icons.copy });
  const copyOpts = copyButton(texts.copyOpts, () => opts.value);
  const copySource = copyButton(texts.copySource, () => JSON.stringify(faces.sources(), null, 2));
  const paint = (edited: boolean) => {
    const chosen = faces.active >= 0;
    opts.value = chosen ? faces.opts(faces.active) : "";
    about.textContent = chosen ? describe(faces, edited) : texts.nothing;
    about.dataset["copied"] = "";
    const sentences = faces.warnings[faces.active] ?? [];
    warnings.replaceChildren(...sentences.map((sentence) => h("li", {}, sentence)));
    show(warnings, sentences.length > 0);
    enable(copyOpts, chosen);
    enable(copySource, faces.sources().length > 0);
  };
  return {
    element: h(
      "div",
      { class: "ak-result" },
      about,
      warnings,
      h("div", { class: "ak-row" }, opts, copyOpts, copySource),
    ),
    paint,
  };
}

/** What is said while there are no faces to see; `again` rests while Python looks for them. */
function noteLine({ root, channel, bag }: Shell, faces: Faces, again: HTMLButtonElement) {
  const element = h("p", { class: "ak-muted ak-empty" });
  let waited = false;
  const words = (busy: boolean, has: boolean): string => {
    if (busy) return texts.looking;
    if (!has) return texts.empty;
    if (faces.src) return faces.list.length ? "" : texts.noFaces;
    return waited && !faces.turn ? texts.notKept : texts.looking;
  };
  const paint = () => {
    const busy: boolean = channel.model.get("_busy");
    const has = channel.model.get("_has_detection");
    element.textContent = words(busy, has);
    show(element, element.textContent !== "");
    enable(again, !busy);
    root.setAttribute("aria-busy", String(busy));
  };
  const patience = setTimeout(() => {
    waited = true;
    paint();
  }, PATIENCE);
  bag.add(() => clearTimeout(patience));
  channel.follow("_busy", paint);
  channel.follow("_has_detection", paint);
  return { element, paint };
}

function describe(faces: Faces, edited: boolean): string {
  const [, , width, height] = faces.list[faces.active]!.region;
  const parts = [texts.face(faces.active + 1, faces.list.length), texts.size(width, height)];
  if (edited) parts.push(texts.edited);
  return parts.join(" · ");
}
