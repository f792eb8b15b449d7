// The faces of one picker: what Python sent, what is chosen, what was moved. They belong to the widget; views show
// them.
import { blob, type Channel } from "../ui/channel.ts";
import { Listeners } from "../ui/listeners.ts";
import { Edits } from "./edits.ts";
import { corners, movedOpts, type Point, type Region, type Size } from "./geometry.ts";

export interface Face {
  region: Region;
  landmarks: Point[];
  /** In pixels of the photo. */
  opts: string;
  /** Where the service finds the face: the crop it hosts, else the photo; null when neither has an address. */
  path: string | null;
  /** In pixels of the crop, where there is one. */
  crop_opts: string | null;
}

type Change = "faces" | "warnings" | "chosen" | "points";

export class Faces {
  list: Face[] = [];
  /** For each face why its swap may look bad, as sentences; none until Python has sent them, after the faces. */
  warnings: string[][] = [];
  picture: Size = { width: 0, height: 0 };
  /** A blob URL of the photo; "" while there is none. */
  src = "";
  edits = new Edits([], this.picture);
  /** Which detection this is; 0 before any. */
  turn = 0;
  /** The face that editing and the opts line are about: the one chosen last. */
  active = -1;
  readonly changed = new Listeners<[Change]>();

  constructor(private channel: Channel) {
    channel.hear("faces", (message, [jpeg]) => this.take(message, jpeg));
    channel.hear("warnings", (message) => this.warn(message));
    channel.on("change:_chosen", () => this.follow());
    channel.askUnless(() => this.turn > 0);
  }

  get chosen(): number[] {
    const { turn, faces } = this.channel.model.get("_chosen");
    // Python's choice comes before its faces; and a notebook that was only opened has no faces at all.
    return turn === this.turn ? faces.filter((face: number) => face < this.list.length) : [];
  }

  /** The detector's own text while the face is as it was found; else that text with its points moved. */
  opts(face: number): string {
    return this.moved(face, this.list[face]!.opts);
  }

  /**
   * What `create` wants of the chosen faces; a face without an address has none.
   * https://docs.akool.com/ai-tools-suite/live-faceswap
   */
  sources(): { path: string; opts: string }[] {
    return this.chosen.flatMap((face) => {
      const { path, opts, crop_opts } = this.list[face]!;
      return path ? [{ path, opts: this.moved(face, crop_opts ?? opts) }] : [];
    });
  }

  /** What a click does: this face alone, or with `several` added to (and taken from) those chosen before. */
  choose(face: number, several: boolean): void {
    const before = several ? this.chosen : [];
    const others = before.filter((other) => other !== face);
    const faces = before.includes(face) ? others : [...others, face];
    this.channel.set("_chosen", { turn: this.turn, faces });
  }

  move(face: number, point: number, to: Point, tag: string): void {
    this.edits.move(face, point, to, tag);
    this.changed.call("points");
  }

  undo(): void {
    const face = this.edits.undo();
    if (face !== null) this.settle(face);
  }

  reset(face: number): void {
    this.edits.reset(face);
    this.settle(face);
  }

  /** A move has ended: Python learns the points, once, not at each step of a drag. */
  settle(face: number): void {
    const { crop_opts } = this.list[face]!;
    const texts = { opts: this.opts(face), crop_opts: crop_opts && this.moved(face, crop_opts) };
    this.channel.post("move", { turn: this.turn, face, points: this.edits.points(face), ...texts });
    this.changed.call("points");
  }

  close(): void {
    this.channel.close();
    URL.revokeObjectURL(this.src);
  }

  private moved(face: number, opts: string): string {
    return this.edits.edited(face) ? movedOpts(opts, this.list[face]!.landmarks, this.edits.points(face)) : opts;
  }

  private take(
    {
      turn,
      width,
      height,
      faces,
      moved,
    }: { turn: number; width: number; height: number; faces: Face[]; moved: Record<string, Point[]> },
    jpeg?: DataView,
  ): void {
    if (turn <= this.turn) return;
    URL.revokeObjectURL(this.src);
    this.turn = turn;
    this.list = faces;
    this.warnings = [];
    this.picture = { width, height };
    this.src = jpeg ? URL.createObjectURL(blob(jpeg, "image/jpeg")) : "";
    this.edits = new Edits(
      faces.map((face) => face.landmarks),
      this.picture,
      faces.map((face) => corners(face.landmarks, [face.opts, face.crop_opts ?? ""])),
    );
    // What Python remembers of an earlier page.
    for (const [face, points] of Object.entries(moved)) this.edits.put(Number(face), points);
    this.active = this.chosen.at(-1) ?? -1;
    this.changed.call("faces");
  }

  private warn({ turn, warnings }: { turn: number; warnings: string[][] }): void {
    if (turn !== this.turn) return;
    this.warnings = warnings;
    this.changed.call("warnings");
  }

  private follow(): void {
    this.active = this.chosen.at(-1) ?? -1;
    this.changed.call("chosen");
  }
}
