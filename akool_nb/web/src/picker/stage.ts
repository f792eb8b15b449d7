// The photo with boxes, numbers and landmarks over it; zoom and pan by wheel, fingers, buttons and keys.
import { texts } from "../texts/face_picker.ts";
import { h, s, type Bag } from "../ui/dom.ts";
import type { Faces } from "./faces.ts";
import { fit, pan, reveal, toPicture, zoom, zoomTo, type Place, type Point, type Size } from "./geometry.ts";

const TALLEST = 520;
/** The factor of one step. */
export const ZOOM = 1.5;
const CLICK = 5;
// With more faces, points are drawn only for chosen faces and for the one under the pointer.
const MANY = 40;

export class Stage {
  readonly element = h("div", { class: "ak-stage", tabindex: 0, role: "group", "aria-label": texts.photo });
  /** Above the photo, in its coordinates: for the movable points. */
  readonly layer = h("div", { class: "ak-layer" });
  private canvas = h("div", { class: "ak-canvas" });
  private image = h("img", { alt: "", draggable: "false" });
  private boxes = s("svg", { class: "ak-boxes", "aria-hidden": "true" });
  private groups: SVGGElement[] = [];
  private place: Place = { scale: 1, x: 0, y: 0 };
  private room: Size = { width: 0, height: 0 };
  private touches = new Map<number, Point>();
  private moved = 0;
  private fitted = true;

  constructor(
    private faces: Faces,
    bag: Bag,
    private onChoose: (face: number, several: boolean) => void,
    private onHover: (face: number) => void,
  ) {
    this.canvas.append(this.image, this.boxes, this.layer);
    this.element.append(this.canvas);
    const resize = new ResizeObserver(() => this.measure());
    resize.observe(this.element);
    bag.add(() => resize.disconnect());
    this.listen(bag);
  }

  load(): void {
    const { picture, src, list } = this.faces;
    src ? (this.image.src = src) : this.image.removeAttribute("src");
    this.boxes.setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
    this.groups = list.map((_, face) => this.box(face));
    // Small faces are drawn last, or a large one would hide them from the pointer.
    const area = (face: number) => list[face]!.region[2] * list[face]!.region[3];
    this.boxes.replaceChildren(
      ...list
        .map((_, face) => face)
        .sort((a, b) => area(b) - area(a))
        .map((face) => this.groups[face]!),
    );
    this.boxes.classList.toggle("ak-many", list.length > MANY);
    this.fitted = true;
    this.measure();
  }

  paintChosen(chosen: number[], active: number): void {
    this.groups.forEach((group, face) => {
      group.classList.toggle("ak-chosen", chosen.includes(face));
      group.classList.toggle("ak-active", face === active);
    });
  }

  paintPoints(face: number): void {
    const d = dots(this.faces.edits.points(face));
    for (const path of this.groups[face]?.querySelectorAll("path") ?? []) path.setAttribute("d", d);
  }

  hover(face: number): void {
    this.groups.forEach((group, at) => group.classList.toggle("ak-hover", at === face));
  }

  zoomBy(factor: number, at: Point = this.centre()): void {
    this.put(zoom(this.place, factor, at, this.faces.picture, this.room));
  }

  whole(): void {
    this.put(fit(this.faces.picture, this.room));
  }

  zoomToFace(face: number): void {
    this.put(zoomTo(this.faces.list[face]!.region, this.faces.picture, this.room));
  }

  reveal(point: Point): void {
    this.put(reveal(this.place, point, this.faces.picture, this.room));
  }

  under(event: PointerEvent): Point {
    return toPicture(this.place, this.screen(event));
  }

  private measure(): void {
    const { picture } = this.faces;
    const width = this.element.clientWidth;
    if (!width || !picture.width) return;
    const height = Math.round(Math.min(TALLEST, Math.max(160, (width * picture.height) / picture.width)));
    this.element.style.height = `${height}px`;
    this.room = { width, height };
    this.put(this.fitted ? fit(picture, this.room) : pan(this.place, 0, 0, picture, this.room));
  }

  private put(place: Place): void {
    const { picture } = this.faces;
    this.place = place;
    this.fitted = place.scale <= fit(picture, this.room).scale * 1.001;
    this.element.classList.toggle("ak-zoomed", !this.fitted);
    const { style } = this.canvas;
    style.width = `${picture.width * place.scale}px`;
    style.height = `${picture.height * place.scale}px`;
    style.transform = `translate(${place.x}px, ${place.y}px)`;
    // Strokes, numbers and dots keep their size on the screen.
    style.setProperty("--k", String(place.scale));
  }

  private box(face: number): SVGGElement {
    const {
      region: [x, y, width, height],
    } = this.faces.list[face]!;
    const d = dots(this.faces.edits.points(face));
    const digits = String(face + 1).length;
    const label = s(
      "g",
      { class: "ak-label", style: `--x:${Math.max(0, x)}px;--y:${y}px` },
      s("rect", { width: 9 + 8 * digits, height: 19, rx: 4 }),
      s("text", { x: (9 + 8 * digits) / 2, y: 14 }, String(face + 1)),
    );
    return s(
      "g",
      { class: "ak-face", "data-face": face },
      s("rect", { class: "ak-box", x, y, width, height }),
      s("path", { class: "ak-halo", d }),
      s("path", { class: "ak-dot", d }),
      label,
    );
  }

  private listen(bag: Bag): void {
    const { element } = this;
    bag.listen(element, "pointerdown", (event: PointerEvent) => this.down(event));
    bag.listen(element, "pointermove", (event: PointerEvent) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"])
      bag.listen(element, end, (event: PointerEvent) => this.up(event, end === "pointerup"));
    bag.listen(element, "pointerleave", () => this.onHover(-1));
    bag.listen(element, "wheel", (event: WheelEvent) => this.wheel(event), { passive: false });
    bag.listen(element, "dblclick", (event: MouseEvent) => this.double(event));
    bag.listen(element, "keydown", (event: KeyboardEvent) => this.key(event));
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    // A second finger does not make a click of what the first has moved.
    if (!this.touches.size) this.moved = 0;
    this.touches.set(event.pointerId, this.screen(event));
  }

  private drag(event: PointerEvent): void {
    // A button that is released outside of the page causes no event.
    if (!event.buttons) this.touches.delete(event.pointerId);
    const before = this.touches.get(event.pointerId);
    if (!before) return this.onHover(faceOf(event));
    const now = this.screen(event);
    const other = [...this.touches].find(([id]) => id !== event.pointerId)?.[1];
    this.touches.set(event.pointerId, now);
    this.moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (other) this.zoomBy(distance(now, other) / Math.max(1, distance(before, other)), middle(now, other));
    if (this.moved > CLICK) {
      // Only now: a captured pointer would hide from the click which face it was on.
      this.element.setPointerCapture(event.pointerId);
      this.put(
        pan(
          this.place,
          (now[0] - before[0]) / this.touches.size,
          (now[1] - before[1]) / this.touches.size,
          this.faces.picture,
          this.room,
        ),
      );
    }
  }

  private up(event: PointerEvent, clicked: boolean): void {
    if (!this.touches.delete(event.pointerId)) return;
    const face = faceOf(event);
    if (clicked && this.moved <= CLICK && face >= 0)
      this.onChoose(face, event.ctrlKey || event.metaKey || event.shiftKey);
  }

  private wheel(event: WheelEvent): void {
    // A plain wheel scrolls the notebook; Ctrl (which also a trackpad's pinch sends) zooms.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 240), this.screen(event));
  }

  private double(event: MouseEvent): void {
    if (!this.fitted) this.whole();
    else if (faceOf(event) >= 0) this.zoomToFace(faceOf(event));
    else this.zoomBy(2, this.screen(event));
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const [dx, dy] = { ArrowLeft: [48, 0], ArrowRight: [-48, 0], ArrowUp: [0, 48], ArrowDown: [0, -48] }[event.key] ?? [
      0, 0,
    ];
    if (dx || dy) this.put(pan(this.place, dx!, dy!, this.faces.picture, this.room));
    else if (event.key === "+" || event.key === "=") this.zoomBy(ZOOM);
    else if (event.key === "-") this.zoomBy(1 / ZOOM);
    else if (event.key === "0") this.whole();
    else return;
    event.preventDefault();
  }

  private centre(): Point {
    return [this.room.width / 2, this.room.height / 2];
  }

  private screen(event: MouseEvent): Point {
    const { left, top } = this.element.getBoundingClientRect();
    return [event.clientX - left - this.element.clientLeft, event.clientY - top - this.element.clientTop];
  }
}

function faceOf(event: MouseEvent): number {
  const group = (event.composedPath()[0] as Element).closest?.("[data-face]");
  return group ? Number(group.getAttribute("data-face")) : -1;
}

// Lines of no length with a round, non-scaling stroke: dots of the same size at every zoom.
const dots = (points: Point[]) => points.map(([x, y]) => `M${x + 0.5} ${y + 0.5}h0`).join("");
const distance = ([ax, ay]: Point, [bx, by]: Point) => Math.hypot(ax - bx, ay - by);
const middle = ([ax, ay]: Point, [bx, by]: Point): Point => [(ax + bx) / 2, (ay + by) / 2];
