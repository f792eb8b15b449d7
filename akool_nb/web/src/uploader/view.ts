// The view of the uploader: stage and drop zone, ways in, strip of kept photos, shelf of samples.
import { texts } from "../texts/image_uploader.ts";
import { consent } from "../ui/consent.ts";
import { button, focusOnly, icon, rove } from "../ui/controls.ts";
import { h, hasFocus, show } from "../ui/dom.ts";
import * as icons from "../ui/icons.ts";
import type { Shell } from "../ui/shell.ts";
import type { Album, Picture, Sample } from "./album.ts";
import { intake, isTyping, maybePicture } from "./intake.ts";
import type { Sender } from "./sender.ts";
import { shot } from "./shot.ts";

const PATIENCE = 2500;

export function uploaderView({ root, body, channel, bag, say, fail }: Shell, album: Album, sender: Sender, onProgress: (listener: () => void) => () => void): void {
  let shots = 0;
  const tick = consent(channel, bag, say, () => choose);
  const start = (action: () => void) => tick.ask(() => (fail(""), action()));
  bag.listen(root, "keydown", (event: KeyboardEvent) => event.key === "Escape" && (camera.close(), show(form, false, fromWeb)));

  const take = (files: File[]) => {
    const wrong = files.find((file) => !maybePicture(file));
    if (wrong) fail(texts.notAPicture(wrong.name));
    for (const file of files.filter(maybePicture)) sender.file(file, file.name);
  };
  const takeData = (data: DataTransfer | null) => {
    const { files, url } = intake(data);
    if (files.length) start(() => take(files));
    else if (url) start(() => sender.url(url));
    else fail(texts.nothingPasted);
  };

  // The stage
  const image = h("img", { class: "ak-photo", alt: "" });
  const caption = h("figcaption", { class: "ak-note" });
  const figure = h("figure", { class: "ak-figure" }, image, caption);
  const invite = h("p", { class: "ak-invite ak-muted" }, icon(icons.photo, 28), texts.invite);
  const input = h("input", { type: "file", accept: "image/*", multiple: true, hidden: true, tabindex: -1, "aria-label": texts.choose });
  const choose = button(texts.choose, () => start(() => input.click()), { icon: icons.upload, look: "main" });
  const openCamera = button(texts.camera, () => start(() => void camera.open()), { icon: icons.camera });
  const fromWeb = button(texts.url, () => (show(form, form.hidden), form.hidden || address.focus()), { icon: icons.link });
  const zone = h("div", { class: "ak-zone" }, invite, figure, h("div", { class: "ak-row ak-ways" }, choose, openCamera, fromWeb, input));

  const address = h("input", { type: "url", class: "ak-field ak-grow", placeholder: texts.urlHint, "aria-label": texts.urlLabel });
  const form = h("form", { class: "ak-row", hidden: true }, address, h("button", { class: "ak-button", type: "submit" }, texts.add));
  const camera = shot(channel, bag, (jpeg) => sender.file(jpeg, texts.shot(++shots)), fail, openCamera);

  // Progress
  const bar = h("progress", { class: "ak-progress", max: 1, "aria-label": texts.progress });
  const barText = h("span", { class: "ak-note ak-grow ak-cut" });
  const progress = h("div", { class: "ak-sending", hidden: true }, h("div", { class: "ak-row" }, barText, button(texts.cancel, () => sender.cancel(), { icon: icons.close, iconOnly: true, look: "quiet" })), bar);

  const kept = shelf(texts.kept, choose);
  const samples = shelf(texts.samples, choose);
  body.append(zone, tick.element, form, camera.element, progress, kept.element, samples.element);

  bag.listen(input, "change", () => {
    take([...(input.files ?? [])]);
    // Else the same file, chosen again, would be no change.
    input.value = "";
  });
  bag.listen(form, "submit", (event: Event) => {
    event.preventDefault();
    const url = address.value.trim();
    if (url) start(() => (sender.url(url), (address.value = "")));
  });
  bag.listen(zone, "dragover", (event: DragEvent) => (event.preventDefault(), event.stopPropagation(), zone.classList.add("ak-over")));
  bag.listen(zone, "dragleave", () => zone.classList.remove("ak-over"));
  bag.listen(zone, "drop", (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.remove("ak-over");
    takeData(event.dataTransfer);
  });
  bag.listen(document, "paste", (event: ClipboardEvent) => {
    if (isTyping(event.composedPath()[0]) || !(root.matches(":hover") || root.matches(":focus-within"))) return;
    event.preventDefault();
    // Nor may another uploader take it: one may have the mouse and the other the focus.
    event.stopImmediatePropagation();
    takeData(event.clipboardData);
  }, { capture: true });

  const current = () => album.get(channel.model.get("_current"));
  const paint = () => {
    const photo = current();
    show(figure, !!photo);
    show(invite, !photo);
    zone.classList.toggle("ak-filled", !!photo);
    if (photo) {
      image.src = photo.src;
      image.alt = photo.name;
      caption.textContent = texts.size(photo.name, photo.width, photo.height);
    }
    kept.fill(album.photos, photo, (chosen) => channel.set("_current", chosen.id), (gone) => channel.post("remove", { id: gone.id }));
    samples.fill(album.samples, null, (sample) => (fail(""), sender.sample(sample.name)));
    tellCurrent(photo);
  };
  let told = 0;
  let newest = 0;
  const tellCurrent = (photo: Picture | undefined) => {
    if (!photo || photo.id === told) return;
    const tell = photo.id > newest ? texts.added : texts.current;
    say(tell(photo.name, album.photos.indexOf(photo) + 1, album.photos.length));
    told = photo.id;
    newest = Math.max(newest, told);
  };
  let heard = "";
  const tellProgress = (text: string) => text !== heard && say((heard = text));
  const paintProgress = () => {
    const now = sender.progress;
    show(progress, !!now, choose);
    if (!now) return;
    const known = now.share > 0 && now.share < 1;
    barText.textContent = known ? texts.sending(now.name, Math.round(now.share * 100)) : texts.looking(now.name);
    known ? (bar.value = now.share) : bar.removeAttribute("value");
    // In quarters: a voice that counts every percent is one that people switch off.
    tellProgress(known ? texts.sending(now.name, Math.floor(now.share * 4) * 25) : texts.looking(now.name));
  };
  bag.add(album.onChange(paint));
  bag.add(onProgress(paintProgress));
  channel.follow("_current", paint);
  paintProgress();

  // A notebook that was opened but not run has a page and no Python behind it.
  const notRunning = h("p", { class: "ak-note", hidden: true }, texts.notRunning);
  body.append(notRunning);
  const patience = setTimeout(() => show(notRunning, !album.samples.length), PATIENCE);
  bag.add(() => clearTimeout(patience));
  bag.add(album.onChange(() => album.samples.length && show(notRunning, false)));
}

/** A row of small pictures, one tab stop, the current one marked. `home` gets the focus when the last one goes. */
function shelf(heading: string, home: HTMLElement) {
  const cards = new Map<Picture | Sample, HTMLElement>();
  const row = h("div", { class: "ak-shelf", role: "group", "aria-label": heading });
  const element = h("div", { class: "ak-stack" }, h("p", { class: "ak-heading" }, heading), row);
  const buttons = () => [...row.querySelectorAll<HTMLElement>(".ak-thumb")];
  rove(row, buttons);

  // Cards stay while their pictures do: made anew, they would lose the focus.
  function fill<P extends Picture | Sample>(pictures: P[], current: P | null | undefined, choose: (picture: P) => void, remove?: (picture: P) => void): void {
    const focused = [...row.children].findIndex(hasFocus);
    for (const [picture, old] of cards) if (!pictures.includes(picture as P)) old.remove(), cards.delete(picture);
    for (const picture of pictures) {
      if (!cards.has(picture)) cards.set(picture, row.appendChild(card(picture, choose, remove)));
      if (remove) cards.get(picture)!.firstElementChild!.setAttribute("aria-pressed", String(picture === current));
    }
    show(element, pictures.length > 0);
    const all = buttons();
    const at = [...row.children].findIndex(hasFocus);
    focusOnly(all, at >= 0 ? at : Math.max(0, pictures.findIndex((picture) => picture === current)));
    if (focused >= 0 && at < 0) (all[Math.min(focused, all.length - 1)] ?? home).focus();
  }
  return { element, fill };
}

function card<P extends Picture | Sample>(picture: P, choose: (picture: P) => void, remove?: (picture: P) => void): HTMLElement {
  const image = h("img", { src: picture.src, alt: "", draggable: "false" });
  const name = h("span", { class: "ak-cut" }, picture.name);
  const thumb = h("button", { type: "button", class: "ak-thumb", title: picture.name, onclick: () => choose(picture) }, image, name);
  const cross = remove && button(texts.remove(picture.name), () => remove(picture), { icon: icons.close, iconOnly: true, look: "quiet" });
  return h("div", { class: "ak-card" }, thumb, cross);
}
