// The drawn face: a moving picture that belongs to nobody, for people without a camera and for tests.
// The same ellipses in the same places as the Python one (sandbox/drawn_face.py), so the detector knows both.

/** Where the points of a still face of side 1 lie; tests compare the detector's answer with it. */
export const TRUTH = { left_eye: [0.4, 0.46], right_eye: [0.6, 0.46], nose: [0.5, 0.585], mouth_left: [0.42, 0.68], mouth_right: [0.58, 0.68] } as const;

/** One moment of the face. */
export interface Pose {
  /** Shift of the head in parts of the side. */
  x: number;
  y: number;
  /** Lean to the side in radians. */
  lean: number;
  /** Open mouth, 0 to 1. */
  mouth: number;
  /** Closed eyes, 0 to 1. */
  blink: number;
}

/** The pose after so many seconds: a slow sway, speech, a blink every three seconds. */
export function poseAt(seconds: number): Pose {
  const turn = 2 * Math.PI * seconds;
  const sinceBlink = seconds % 3;
  return {
    x: 0.12 * Math.sin(turn / 5),
    y: 0.02 * Math.sin(turn / 2.5),
    lean: 0.1 * Math.sin(turn / 4),
    mouth: Math.max(0, Math.sin(turn * 0.8)) * 0.8,
    blink: sinceBlink < 0.2 ? Math.sin((Math.PI * sinceBlink) / 0.2) : 0,
  };
}

type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Draw the face into a picture of that size, as tall as the picture. */
export function drawFace(pen: Pen, width: number, height: number, pose: Pose): void {
  pen.fillStyle = "rgb(170,190,205)";
  pen.fillRect(0, 0, width, height);
  pen.save();
  pen.translate(width / 2 + pose.x * width, height / 2 + pose.y * height);
  pen.rotate(pose.lean);
  pen.scale(height, height);
  pen.translate(-0.5, -0.5);
  drawHead(pen);
  for (const side of [-1, 1]) drawEye(pen, 0.5 + side * 0.1, pose.blink);
  drawNose(pen);
  drawMouth(pen, pose.mouth);
  pen.restore();
}

function ellipse(pen: Pen, x: number, y: number, rx: number, ry: number, colour: string): void {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
  pen.fill();
}

function arc(pen: Pen, x: number, y: number, rx: number, ry: number, from: number, to: number, line: number, colour: string): void {
  pen.strokeStyle = colour;
  pen.lineWidth = line;
  pen.beginPath();
  pen.ellipse(x, y, rx, ry, 0, (from * Math.PI) / 180, (to * Math.PI) / 180);
  pen.stroke();
}

function drawHead(pen: Pen): void {
  ellipse(pen, 0.5, 0.42, 0.3, 0.34, "rgb(70,45,35)");
  ellipse(pen, 0.5, 0.52, 0.25, 0.33, "rgb(230,185,150)");
  const shade = pen.createRadialGradient(0.64, 0.55, 0, 0.64, 0.55, 0.26);
  shade.addColorStop(0, "rgba(60,30,10,0.28)");
  shade.addColorStop(1, "rgba(60,30,10,0)");
  // The ellipse of the head is still the pen's path: the shade stays on it.
  pen.fillStyle = shade;
  pen.fill();
}

function drawEye(pen: Pen, x: number, blink: number): void {
  const open = Math.max(0.08, 1 - blink);
  ellipse(pen, x, 0.46, 0.045, 0.022 * open, "rgb(245,245,245)");
  if (blink < 0.7) {
    ellipse(pen, x, 0.46, 0.02, 0.02 * open, "rgb(30,50,70)");
    ellipse(pen, x, 0.46, 0.009, 0.009 * open, "rgb(10,10,10)");
  }
  arc(pen, x, 0.46, 0.047, 0.024 * open, 180, 360, 0.005, "rgb(70,50,50)");
  arc(pen, x, 0.43, 0.06, 0.03, 200, 340, 0.01, "rgb(80,50,40)");
}

function drawNose(pen: Pen): void {
  pen.strokeStyle = "rgb(205,160,125)";
  pen.lineWidth = 0.007;
  pen.beginPath();
  pen.moveTo(0.5, 0.47);
  pen.lineTo(0.485, 0.57);
  pen.stroke();
  arc(pen, 0.5, 0.585, 0.035, 0.014, 0, 180, 0.007, "rgb(180,130,100)");
}

function drawMouth(pen: Pen, open: number): void {
  ellipse(pen, 0.5, 0.68, 0.08, 0.025 + 0.02 * open, "rgb(190,95,95)");
  if (open > 0.1) ellipse(pen, 0.5, 0.68, 0.06, 0.022 * open, "rgb(70,25,30)");
  else arc(pen, 0.5, 0.68, 0.08, 0.001, 0, 180, 0.004, "rgb(110,50,60)");
}
