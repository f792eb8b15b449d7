// The view of the uploader: stage and drop zone, ways in, strip of kept photos, shelf of samples.
import { shared } from "../texts/shared.ts";
import { texts } from "../texts/image_uploader.ts";
import { consent } from "../ui/consent.ts";
import { button, focusOnly, iconButton, icon, rove } from "../ui/controls.ts";
import { type Bag, h, hasFocus, show } from "../ui/dom.ts";
import * as icons from "../ui/icons.ts";
import type { Shell } from "../ui/shell.ts";
import type { Album, Picture, Sample } from "./album.ts";
import { intake, isTyping, maybePicture } from "./intake.ts";
import type { Sender } from "./sender.ts";
import { shot } from "./shot.ts";

const PATIENCE = 2500;

export function uploaderView(
  { root, body, error, channel, bag, say, fail }: Shell,
  album: Album,
  sender: Sender,
): void {
  const tick = consent(channel, bag, say, () => choose);
  const start = (action: () => void) =>
    tick.ask(() => {
      fail("");
      action();
    });
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

  const input = fileInput(bag, take);
  const choose = button(texts.choose, () => start(() => input.click()), { icon: icons.upload, look: "main" });
  const openCamera = button(texts.camera, () => start(() => void camera.open()), { icon: icons.camera });
  const fromWeb = button(texts.url, () => web.toggle(), { icon: icons.link });
  const web = addressForm(bag, (url, arrived) => start(() => sender.url(url, arrived)));
  let shots = 0;
  const camera = shot(channel, bag, (jpeg) => sender.file(jpeg, texts.shot(++shots)), fail, openCamera);
  bag.listen(root, "keydown", (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    camera.close();
    show(web.element, false, fromWeb);
  });
  const stage = photoStage(choose, openCamera, fromWeb, input);
  takeDrops(stage.element, bag, takeData);
  takePastes(root, bag, takeData);
  const progress = progressLine(sender, say, choose);
  const [kept, samples] = [shelf(texts.kept, choose), shelf(texts.samples, choose)];
  body.append(
    stage.element,
    tick.element,
    web.element,
    // Under the controls that can fail, not at the end of the widget.
    error,
    camera.element,
    progress.element,
    kept.element,
    samples.element,
    notRunning(album, bag),
  );

  const announce = announcer(album, say);
  const paint = () => {
    const photo = album.get(channel.model.get("_current"));
    stage.look(photo);
    kept.fill(
      album.photos,
      photo,
      (chosen) => channel.set("_current", chosen.id),
      (gone) => channel.post("remove", { id: gone.id }),
    );
    samples.fill(album.samples, null, (sample) => {
      fail("");
      sender.sample(sample.name);
    });
    announce(photo);
  };
  bag.add(album.changed.add(paint));
  bag.add(sender.changed.add(progress.look));
  channel.follow("_current", paint);
  progress.look();
}

/** The chooser of the browser; it is never seen itself. */
function fileInput(bag: Bag, take: (files: File[]) => void): HTMLInputElement {
  const input = h("input", {
    type: "file",
    accept: "image/*",
    multiple: true,
    hidden: true,
    tabindex: -1,
    "aria-label": texts.choose,
  });
  bag.listen(input, "change", () => {
    take([...(input.files ?? [])]);
    // Else the same file, chosen again, would be no change.
    input.value = "";
  });
  return input;
}

/** A line for the address of a picture; `send` gets it, and what to call once the picture has arrived. */
function addressForm(bag: Bag, send: (url: string, sent: () => void) => void) {
  const address = h("input", {
    type: "url",
    class: "ak-field ak-grow",
    placeholder: texts.urlHint,
    "aria-label": texts.urlLabel,
  });
  const element = h(
    "form",
    { class: "ak-row", hidden: true },
    address,
    h("button", { class: "ak-button", type: "submit" }, texts.add),
  );
  bag.listen(element, "submit", (event: Event) => {
    event.preventDefault();
    const url = address.value.trim();
    if (url) send(url, () => (address.value = ""));
  });
  const toggle = () => {
    show(element, element.hidden);
    if (!element.hidden) address.focus();
  };
  return { element, toggle };
}

function photoStage(...ways: HTMLElement[]) {
  const image = h("img", { class: "ak-photo", alt: "" });
  const caption = h("figcaption", { class: "ak-note" });
  const figure = h("figure", { class: "ak-figure" }, image, caption);
  const invite = h("p", { class: "ak-invite ak-muted" }, icon(icons.photo, 28), texts.invite);
  const element = h("div", { class: "ak-zone" }, invite, figure, h("div", { class: "ak-row ak-ways" }, ...ways));
  const look = (photo: Picture | undefined) => {
    show(figure, !!photo);
    show(invite, !photo);
    element.classList.toggle("ak-filled", !!photo);
    if (!photo) return;
    image.src = photo.src;
    image.alt = photo.name;
    caption.textContent = texts.size(photo.name, photo.width, photo.height);
  };
  return { element, look };
}

function takeDrops(zone: HTMLElement, bag: Bag, take: (data: DataTransfer | null) => void): void {
  const over = (event: DragEvent, is: boolean) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.toggle("ak-over", is);
  };
  bag.listen(zone, "dragover", (event: DragEvent) => over(event, true));
  bag.listen(zone, "dragleave", () => zone.classList.remove("ak-over"));
  bag.listen(zone, "drop", (event: DragEvent) => {
    over(event, false);
    take(event.dataTransfer);
  });
}

function takePastes(root: HTMLElement, bag: Bag, take: (data: DataTransfer | null) => void): void {
  bag.listen(
    document,
    "paste",
    (event: ClipboardEvent) => {
      if (isTyping(event.composedPath()[0]) || !(root.matches(":hover") || root.matches(":focus-within"))) return;
      event.preventDefault();
      // Nor may another uploader take it: one may have the mouse and the other the focus.
      event.stopImmediatePropagation();
      take(event.clipboardData);
    },
    { capture: true },
  );
}

/** How far the photo is that is on its way; `home` gets the focus of its button when it has arrived. */
function progressLine(sender: Sender, say: (text: string) => void, home: HTMLElement) {
  const bar = h("progress", { class: "ak-progress", max: 1, "aria-label": texts.progress });
  const name = h("span", { class: "ak-note ak-grow ak-cut" });
  const cancel = iconButton(texts.cancel, () => sender.cancel(), icons.close);
  const element = h("div", { class: "ak-sending", hidden: true }, h("div", { class: "ak-row" }, name, cancel), bar);
  let heard = "";
  const tell = (text: string) => text !== heard && say((heard = text));
  const look = () => {
    const now = sender.progress;
    show(element, !!now, home);
    if (!now) return;
    const known = now.share > 0 && now.share < 1;
    name.textContent = known ? texts.sending(now.name, Math.round(now.share * 100)) : texts.looking(now.name);
    known ? (bar.value = now.share) : bar.removeAttribute("value");
    // In quarters: a voice that counts every percent is one that people switch off.
    tell(known ? texts.sending(now.name, Math.floor(now.share * 4) * 25) : texts.looking(now.name));
  };
  return { element, look };
}

function announcer(album: Album, say: (text: string) => void): (photo: Picture | undefined) => void {
  let [told, newest] = [0, 0];
  return (photo) => {
    if (!photo || photo.id === told) return;
    const tell = photo.id > newest ? texts.added : texts.current;
    say(tell(photo.name, album.photos.indexOf(photo) + 1, album.photos.length));
    told = photo.id;
    newest = Math.max(newest, told);
  };
}

/** A notebook that was opened but not run has a page and no Python behind it. */
function notRunning(album: Album, bag: Bag): HTMLElement {
  const note = h("p", { class: "ak-note", hidden: true }, shared.notRunning);
  const patience = setTimeout(() => show(note, !album.samples.length), PATIENCE);
  bag.add(() => clearTimeout(patience));
  bag.add(album.changed.add(() => show(note, false)));
  return note;
}

/** A row of small pictures, one tab stop, the current one marked. `home` gets the focus when the last one goes. */
function shelf(heading: string, home: HTMLElement) {
  const cards = new Map<Picture | Sample, HTMLElement>();
  const row = h("div", { class: "ak-shelf", role: "group", "aria-label": heading });
  const element = h("div", { class: "ak-stack" }, h("p", { class: "ak-heading" }, heading), row);
  const buttons = () => [...row.querySelectorAll<HTMLElement>(".ak-thumb")];
  rove(row, buttons);

  // Cards stay while their pictures do: made anew, they would lose the focus.
  function fill<P extends Picture | Sample>(
    pictures: P[],
    current: P | null | undefined,
    choose: (picture: P) => void,
    remove?: (picture: P) => void,
  ): void {
    const focused = [...row.children].findIndex(hasFocus);
    for (const [picture, old] of cards) if (!pictures.includes(picture as P)) (old.remove(), cards.delete(picture));
    for (const picture of pictures) {
      if (!cards.has(picture)) cards.set(picture, row.appendChild(card(picture, choose, remove)));
      if (remove) cards.get(picture)!.firstElementChild!.setAttribute("aria-pressed", String(picture === current));
    }
    show(element, pictures.length > 0);
    const all = buttons();
    const at = [...row.children].findIndex(hasFocus);
    const chosen = pictures.findIndex((picture) => picture === current);
    focusOnly(all, at >= 0 ? at : Math.max(0, chosen));
    if (focused >= 0 && at < 0) (all[Math.min(focused, all.length - 1)] ?? home).focus();
  }
  return { element, fill };
}

function card<P extends Picture | Sample>(
  picture: P,
  choose: (picture: P) => void,
  remove?: (picture: P) => void,
): HTMLElement {
  const image = h("img", { src: picture.src, alt: "", draggable: "false" });
  const name = h("span", { class: "ak-cut" }, picture.name);
  const thumb = h(
    "button",
    { type: "button", class: "ak-thumb", title: picture.name, onclick: () => choose(picture) },
    image,
    name,
  );
  const cross = remove && iconButton(texts.remove(picture.name), () => remove(picture), icons.close);
  return h("div", { class: "ak-card" }, thumb, cross);
}
