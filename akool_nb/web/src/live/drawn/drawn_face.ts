// The drawn face: a moving picture of no real person, for people without a camera and for tests.
// Ada of the Python side (sandbox/drawn_face.py and clip.py), stroke by stroke, so that the detector knows both.
import { type Colour, type Pen, type Point, shade, Sketch, smooth } from "./sketch.ts";

const SKIN: Colour = [232, 186, 152];
const HAIR: Colour = [78, 50, 38];
const IRIS: Colour = [38, 62, 84];
const LIPS: Colour = [190, 96, 98];
const SHIRT: Colour = [58, 92, 132];
const WALL: Colour = [178, 196, 208];
const BLUSH: Colour = [238, 160, 144];
const SIDES = [-1, 1] as const;

const EYE: Point = [0.1, 0.46];
const NOSE_Y = 0.585;
const MOUTH: Point = [0.08, 0.68];

/** One moment of the face. Where nothing else is said, 0 is rest and 1 the full. */
export interface Pose {
  smile: number;
  mouth: number;
  blink: number;
  turn: number;
  /** Lean of the whole body in radians, around the middle of the lower edge. */
  lean: number;
  /** Shift to the side in parts of the picture's width. */
  drift: number;
  /** Height of the drawing in parts of the picture's height. */
  size: number;
}

/** The pose at a time in seconds: a sway that repeats after eight, a smile, speech, a blink every three seconds. */
export function poseAt(seconds: number): Pose {
  const phase = (2 * Math.PI * seconds) / 8;
  return {
    smile: Math.max(0, Math.sin(phase)),
    mouth: Math.max(0, -Math.sin(phase)) * (0.5 + 0.5 * Math.sin(6 * phase)),
    blink: Math.max(0, 1 - Math.abs((seconds % 3) - 2) / 0.15),
    turn: 0.35 * Math.sin(2 * phase),
    lean: -(Math.PI / 30) * Math.sin(2 * phase),
    drift: 0.05 * Math.sin(phase),
    size: 0.92 + 0.05 * Math.sin(phase),
  };
}

/** Draw the face into a picture of that size, as tall as the picture. */
export function drawFace(pen: Pen, width: number, height: number, pose: Pose): void {
  pen.fillStyle = `rgb(${WALL.join(",")})`;
  pen.fillRect(0, 0, width, height);
  pen.save();
  pen.translate(width * (0.5 + pose.drift), height);
  pen.rotate(pose.lean);
  pen.scale(height * pose.size, height * pose.size);
  pen.translate(-0.5, -1);
  for (const part of [body, head, ears, shading, eyes, brows, nose, mouth, fringe]) part(new Sketch(pen), pose);
  pen.restore();
}

/** Where a point `x` beside the middle, `depth` before the ears' plane, is seen when the head is turned. */
function place({ turn }: Pose, x: number, y: number, depth = 0): Point {
  return [0.5 + x * Math.cos(0.6 * turn) + depth * Math.sin(0.6 * turn), y];
}

function line(pose: Pose, depth: number, points: readonly Point[]): Point[] {
  return points.map(([x, y]) => place(pose, x, y, depth));
}

function skull(pose: Pose): [Point, Point][] {
  return [
    [place(pose, 0, 0.49), [0.245, 0.27]],
    [place(pose, 0, 0.6, 0.02), [0.216, 0.25]],
  ];
}

function body(sketch: Sketch, pose: Pose): void {
  sketch.ellipse(place(pose, 0, 0.41, -0.05), [0.29, 0.33], HAIR);
  sketch.ellipse([0.5, 1.08], [0.42, 0.2], SHIRT);
  sketch.shape(
    [
      [0.41, 0.75],
      [0.59, 0.75],
      [0.61, 0.93],
      [0.39, 0.93],
    ],
    shade(SKIN, 0.82),
  );
  sketch.ellipse([0.5, 0.92], [0.11, 0.05], shade(SKIN, 0.82));
}

function head(sketch: Sketch, pose: Pose): void {
  for (const [centre, half] of skull(pose)) sketch.ellipse(centre, half, SKIN);
}

function ears(sketch: Sketch, pose: Pose): void {
  for (const side of SIDES) {
    const ear = place(pose, side * 0.242, 0.52, -0.04);
    sketch.ellipse(ear, [0.028, 0.055], shade(SKIN, 0.94));
    sketch.ellipse(ear, [0.014, 0.033], shade(SKIN, 0.8));
  }
}

/** What makes it round: only skin takes these tints. */
function shading(sketch: Sketch, pose: Pose): void {
  const dark = shade(SKIN, 0.66);
  sketch.within(skull(pose), () => {
    sketch.tint(place(pose, 0.235, 0.58), [0.05, 0.27], dark, 0.55, 0.045);
    sketch.tint(place(pose, -0.25, 0.58), [0.025, 0.25], dark, 0.5, 0.035);
    sketch.tint(place(pose, 0, 0.86, 0.02), [0.17, 0.03], dark, 0.6, 0.03);
    sketch.tint(place(pose, -0.02, 0.335, 0.08), [0.13, 0.05], shade(SKIN, 1.18), 0.4, 0.04);
    for (const side of SIDES) {
      sketch.tint(place(pose, side * 0.12, 0.6, 0.07), [0.05, 0.035], BLUSH, 0.7, 0.03);
      sketch.tint(place(pose, side * EYE[0], EYE[1], 0.08), [0.06, 0.032], dark, 0.32, 0.018);
    }
  });
}

function eyes(sketch: Sketch, pose: Pose): void {
  for (const side of SIDES) eye(sketch, place(pose, side * EYE[0], EYE[1], 0.08), 1 - pose.blink);
}

function eye(sketch: Sketch, [x, y]: Point, open: number): void {
  const arc = (half: number, ends: number, middle: number): Point[] => [
    [x - half, y + ends],
    [x, y + middle],
    [x + half, y + ends],
  ];
  sketch.ellipse([x, y], [0.047, 0.024], shade(SKIN, 0.92));
  if (open > 0.15) {
    sketch.ellipse([x, y], [0.045, 0.023 * open], [244, 243, 240]);
    iris(sketch, [x, y], Math.min(0.021, 0.023 * open));
  }
  sketch.curve(arc(0.048, 0, 0.012 - 0.038 * open), shade(HAIR, 0.8), 0.008);
  sketch.curve(arc(0.045, 0.002, 0.014 + 0.01 * open), shade(SKIN, 0.62), 0.003);
  sketch.curve(arc(0.045, -0.018, -0.04), shade(SKIN, 0.7), 0.003);
}

function iris(sketch: Sketch, [x, y]: Point, height: number): void {
  sketch.ellipse([x, y], [0.021, height], shade(IRIS, 0.6));
  sketch.ellipse([x, y], [0.017, height * 0.82], IRIS);
  sketch.ellipse([x, y], [0.009, Math.min(0.009, height)], [12, 12, 12]);
  sketch.ellipse([x + 0.006, y - 0.3 * height], [0.004, Math.min(0.004, height * 0.3)], [250, 250, 250]);
}

function brows(sketch: Sketch, pose: Pose): void {
  for (const side of SIDES)
    sketch.curve(
      line(pose, 0.08, [
        [side * 0.045, 0.415],
        [side * 0.1, 0.398],
        [side * 0.158, 0.418],
      ]),
      shade(HAIR, 1.1),
      0.013,
    );
}

function nose(sketch: Sketch, pose: Pose): void {
  sketch.tint(place(pose, 0.022, 0.53, 0.1), [0.012, 0.055], shade(SKIN, 0.68), 0.6, 0.01);
  sketch.tint(place(pose, -0.004, 0.53, 0.12), [0.009, 0.06], shade(SKIN, 1.2), 0.6, 0.01);
  sketch.tint(place(pose, 0, NOSE_Y, 0.14), [0.026, 0.02], shade(SKIN, 1.15), 0.5, 0.012);
  sketch.curve(
    line(pose, 0.12, [
      [-0.036, 0.588],
      [0, 0.613],
      [0.036, 0.588],
    ]),
    shade(SKIN, 0.68),
    0.006,
  );
  for (const side of SIDES) sketch.ellipse(place(pose, side * 0.019, 0.602, 0.11), [0.009, 0.005], shade(SKIN, 0.55));
}

function mouth(sketch: Sketch, pose: Pose): void {
  const corner = (side: number) =>
    place(pose, side * (MOUTH[0] + 0.018 * pose.smile), MOUTH[1] - 0.022 * pose.smile, 0.09);
  const [left, right, x] = [corner(-1), corner(1), place(pose, 0, 0, 0.09)[0]];
  const top = MOUTH[1] + 0.004 * pose.smile;
  const bottom = MOUTH[1] + 0.02 * pose.smile + 0.06 * pose.mouth;
  sketch.shape([...smooth([left, [x, top - 0.024], right]), ...smooth([right, [x, bottom + 0.03], left])], LIPS);
  sketch.tint([x, bottom + 0.016], [0.03, 0.006], shade(LIPS, 1.4), 0.6, 0.006);
  sketch.tint([x, bottom + 0.05], [0.04, 0.008], shade(SKIN, 0.7), 0.5, 0.01);
  if (bottom - top <= 0.012) return sketch.curve([left, [x, (top + bottom) / 2], right], shade(LIPS, 0.5), 0.005);
  const upper = smooth([left, [x, top], right]);
  const teeth = smooth([right, [x, top + Math.min(0.02, 0.5 * (bottom - top))], left]);
  sketch.shape([...upper, ...smooth([right, [x, bottom], left])], [70, 30, 42]);
  sketch.shape([...upper.slice(3, -3), ...teeth.slice(3, -3)], [240, 238, 232]);
}

function fringe(sketch: Sketch, pose: Pose): void {
  const outline = line(pose, 0.02, [
    [-0.255, 0.47],
    [-0.24, 0.3],
    [0, 0.1],
    [0.24, 0.3],
    [0.255, 0.47],
  ]);
  const [left, right] = [outline[0] as Point, outline[4] as Point];
  const hairline = [
    right,
    place(pose, 0.2, 0.31, 0.04),
    place(pose, 0.02, 0.235, 0.06),
    place(pose, -0.19, 0.3, 0.04),
    left,
  ];
  sketch.shape([...smooth(outline), ...smooth(hairline)], HAIR);
  for (const x of [-0.12, -0.04, 0.05, 0.13]) {
    const strand = [place(pose, 0.02, 0.1), place(pose, x * 0.9, 0.15, 0.04), place(pose, x * 1.4, 0.23, 0.05)];
    sketch.curve(strand, shade(HAIR, 1.35), 0.004);
  }
}
