// The movable landmarks of one face: buttons over the photo, dragged or moved by arrow keys.
import { texts } from "../texts/face_picker.ts";
import { h } from "../ui/dom.ts";
import type { Faces } from "./faces.ts";
import type { Point } from "./geometry.ts";
import type { Stage } from "./stage.ts";

const KEYS: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Points {
  private buttons: HTMLButtonElement[] = [];
  /** Whose points are offered; -1 when none are. */
  face = -1;
  private turn = 0;
  private drags = 0;
  private unsettled = false;

  constructor(
    private faces: Faces,
    private stage: Stage,
    private say: (text: string) => void,
  ) {}

  edit(face: number): void {
    this.settle();
    this.face = face;
    this.turn = this.faces.turn;
    const points = face < 0 ? [] : this.faces.edits.points(face);
    this.buttons = points.map((_, at) => this.button(at));
    this.stage.layer.replaceChildren(...this.buttons);
    this.paint();
  }

  paint(): void {
    const { picture, edits } = this.faces;
    this.buttons.forEach((button, at) => {
      const [x, y] = edits.points(this.face)[at]!;
      button.style.left = `${((x + 0.5) / picture.width) * 100}%`;
      button.style.top = `${((y + 0.5) / picture.height) * 100}%`;
      button.setAttribute("aria-label", texts.pointAt(at, x, y));
    });
  }

  private button(at: number): HTMLButtonElement {
    const button = h("button", {
      type: "button",
      class: "ak-point",
      title: texts.point(at),
      "aria-description": texts.pointHint,
    });
    button.addEventListener("keydown", (event) => this.key(event, at));
    // Python learns of a move when it has ended: the key is up, the pointer too, or the point has lost the focus.
    for (const end of ["keyup", "blur", "lostpointercapture"]) button.addEventListener(end, () => this.settle());
    button.addEventListener("pointerdown", (event) => this.grab(event, at));
    // Only for the keyboard: under a pointer the photo must not move.
    button.addEventListener(
      "focus",
      () => button.matches(":focus-visible") && this.stage.reveal(this.faces.edits.points(this.face)[at]!),
    );
    return button;
  }

  private key(event: KeyboardEvent, at: number): void {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    const [x, y] = this.faces.edits.points(this.face)[at]!;
    this.move(at, [x + way[0] * far, y + way[1] * far], `keys ${at}`);
    this.stage.reveal(this.faces.edits.points(this.face)[at]!);
  }

  private grab(event: PointerEvent, at: number): void {
    // The stage must not pan with it.
    event.stopPropagation();
    if (event.button !== 0) return;
    const button = this.buttons[at]!;
    const [x, y] = this.faces.edits.points(this.face)[at]!;
    const start = this.stage.under(event);
    const tag = `drag ${++this.drags}`;
    button.setPointerCapture(event.pointerId);
    const drag = (move: PointerEvent) => {
      const now = this.stage.under(move);
      this.move(at, [x + now[0] - start[0], y + now[1] - start[1]], tag);
    };
    button.addEventListener("pointermove", drag);
    button.addEventListener("lostpointercapture", () => button.removeEventListener("pointermove", drag), {
      once: true,
    });
  }

  private settle(): void {
    // Not when another photo has come meanwhile: its face of that number is another one.
    if (this.unsettled && this.turn === this.faces.turn) this.faces.settle(this.face);
    this.unsettled = false;
  }

  private move(at: number, to: Point, tag: string): void {
    this.unsettled = true;
    this.faces.move(this.face, at, to, tag);
    const [x, y] = this.faces.edits.points(this.face)[at]!;
    this.say(texts.moved(this.face + 1, this.faces.list.length, texts.pointAt(at, x, y)));
  }
}
