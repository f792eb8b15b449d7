// Landmarks that a person has moved, with the way back.
import { clamp, type Point, type Size } from "./geometry.ts";

interface Step {
  face: number;
  before: Point[];
  /** Steps with the same tag, one right after the other, are undone together. */
  tag: string;
}

export class Edits {
  private current = new Map<number, Point[]>();
  private steps: Step[] = [];

  /** `least` is how far left and up each point of each face may go. */
  constructor(
    private original: Point[][],
    private picture: Size,
    private least: Point[][] = [],
  ) {}

  points(face: number): Point[] {
    return this.current.get(face) ?? this.original[face] ?? [];
  }

  edited(face: number): boolean {
    return this.current.has(face);
  }

  get canUndo(): boolean {
    return this.steps.length > 0;
  }

  /** Move one landmark. A drag, or a run of arrow keys, shares a tag and is one step. */
  move(face: number, point: number, to: Point, tag: string): void {
    this.note(face, tag);
    this.put(
      face,
      this.points(face).map((old, at) => (at === point ? clamp(to, this.picture, this.least[face]?.[point]) : old)),
    );
  }

  undo(): number | null {
    const step = this.steps.pop();
    if (!step) return null;
    this.put(step.face, step.before);
    return step.face;
  }

  /** Back to what the detector found; can be undone. */
  reset(face: number): void {
    if (!this.edited(face)) return;
    this.note(face, "");
    this.put(face, this.original[face]!);
  }

  private note(face: number, tag: string): void {
    const last = this.steps.at(-1);
    if (!tag || last?.tag !== tag || last.face !== face) this.steps.push({ face, before: this.points(face), tag });
  }

  /** A face that is back where it was counts as untouched, and uses the server's own opts again. */
  put(face: number, points: Point[]): void {
    const same = points.every(([x, y], at) => x === this.original[face]![at]![0] && y === this.original[face]![at]![1]);
    if (same) this.current.delete(face);
    else this.current.set(face, points);
  }
}
