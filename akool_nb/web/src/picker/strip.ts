// The faces as a strip of thumbnails: the list that keyboard and screen reader use.
import { texts } from "../texts/face_picker.ts";
import { focusOnly, rove } from "../ui/controls.ts";
import { h, hasFocus, show } from "../ui/dom.ts";
import type { Faces } from "./faces.ts";
import { square } from "./geometry.ts";

const SIDE = 56;

export class Strip {
  readonly element = h("div", {
    class: "ak-shelf ak-strip",
    role: "listbox",
    "aria-label": texts.faces,
    "aria-multiselectable": "true",
  });
  private items: HTMLElement[] = [];

  /** `home` gets the focus of the faces when a photo without any takes their place. */
  constructor(
    private faces: Faces,
    private home: HTMLElement,
    onChoose: (face: number, several: boolean) => void,
    onHover: (face: number) => void,
  ) {
    rove(this.element, () => this.items);
    const at = (event: Event) => this.items.findIndex((item) => item.contains(event.target as Node));
    this.element.addEventListener(
      "click",
      (event) => at(event) >= 0 && onChoose(at(event), event.ctrlKey || event.metaKey || event.shiftKey),
    );
    this.element.addEventListener("pointerover", (event) => onHover(at(event)));
    this.element.addEventListener("pointerleave", () => onHover(-1));
    this.element.addEventListener("focusin", (event) => onHover(at(event)));
    this.element.addEventListener("focusout", () => onHover(-1));
  }

  load(): void {
    const { list, src } = this.faces;
    const focused = hasFocus(this.element);
    this.items = list.map((_, face) => this.item(face));
    this.element.replaceChildren(...this.items);
    this.paintWarnings();
    if (focused) (this.items[Math.max(0, this.faces.active)] ?? this.home).focus();
    if (src) void this.draw(src);
  }

  paintWarnings(): void {
    this.items.forEach((item, face) => {
      const warnings = (this.faces.warnings[face] ?? []).join(" ");
      item.title = warnings;
      item.setAttribute("aria-description", warnings);
      show(item.querySelector<HTMLElement>(".ak-warning")!, warnings !== "");
    });
  }

  paintChosen(chosen: number[], active: number): void {
    this.items.forEach((item, face) => {
      const place = chosen.indexOf(face);
      // Only what changes is written: each write costs the layout of a hundred faces its share.
      const selected = String(place >= 0);
      if (item.getAttribute("aria-selected") !== selected) item.setAttribute("aria-selected", selected);
      const order = item.lastElementChild!;
      const text = chosen.length > 1 && place >= 0 ? `#${place + 1}` : "";
      if (order.textContent !== text) order.textContent = text;
    });
    focusOnly(this.items, Math.max(0, active));
  }

  hover(face: number): void {
    this.items.forEach((item, at) => item.classList.toggle("ak-hover", at === face));
  }

  /** Into sight, without moving the page. */
  reveal(face: number): void {
    const item = this.items[face];
    if (!item) return;
    const { element } = this;
    const top = item.offsetTop;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + item.offsetHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + item.offsetHeight - element.clientHeight;
  }

  private item(face: number): HTMLElement {
    const sharp = Math.ceil(SIDE * Math.min(3, devicePixelRatio));
    const canvas = h("canvas", { width: sharp, height: sharp });
    return h(
      "button",
      {
        type: "button",
        class: "ak-item",
        role: "option",
        "aria-selected": "false",
        "aria-label": texts.face(face + 1, this.faces.list.length),
      },
      canvas,
      h("span", { class: "ak-number" }, String(face + 1)),
      h("span", { class: "ak-warning", "aria-hidden": "true" }, "!"),
      h("span", { class: "ak-order" }),
    );
  }

  private async draw(src: string): Promise<void> {
    const image = new Image();
    image.src = src;
    await image.decode().catch(() => {});
    if (src !== this.faces.src || !image.naturalWidth) return;
    // A large photo comes smaller than the pixels that regions are counted in.
    const scale = image.naturalWidth / this.faces.picture.width;
    this.faces.list.forEach(({ region }, face) => {
      const canvas = this.items[face]!.querySelector("canvas")!;
      const [x, y, side] = square(region, this.faces.picture).map((value) => value * scale) as [number, number, number];
      canvas.getContext("2d")!.drawImage(image, x, y, side, side, 0, 0, canvas.width, canvas.height);
    });
  }
}
