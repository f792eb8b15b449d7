// A pen for drawn people: ellipses, smooth lines and soft tints, in fractions of the picture's side.

export type Colour = readonly [red: number, green: number, blue: number];
export type Point = readonly [x: number, y: number];
export type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export class Sketch {
  constructor(private readonly pen: Pen) {
    pen.lineCap = pen.lineJoin = "round";
  }

  /** A filled ellipse with the given half axes. */
  ellipse([x, y]: Point, [rx, ry]: Point, colour: Colour): void {
    this.pen.beginPath();
    this.pen.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
    this.fill(colour);
  }

  shape(points: Point[], colour: Colour): void {
    this.trace(points);
    this.fill(colour);
  }

  /** A smooth line through three or more points. */
  curve(points: Point[], colour: Colour, width: number): void {
    this.trace(smooth(points));
    this.pen.strokeStyle = css(colour);
    this.pen.lineWidth = width;
    this.pen.stroke();
  }

  /** A blurred ellipse of colour. `soft` is the width of its edge; a small ellipse with a wide edge is also paler. */
  tint([x, y]: Point, half: Point, colour: Colour, strength: number, soft: number): void {
    const [rx, ry] = [half[0] + 2 * soft, half[1] + 2 * soft];
    this.pen.globalAlpha = strength * Math.tanh((0.85 * half[0]) / soft) * Math.tanh((0.85 * half[1]) / soft);
    this.pen.drawImage(glow(css(colour)), x - rx, y - ry, 2 * rx, 2 * ry);
    this.pen.globalAlpha = 1;
  }

  /** Draw something that shows only inside the outline of these ellipses. */
  within(ellipses: readonly (readonly [Point, Point])[], draw: () => void): void {
    this.pen.save();
    this.pen.beginPath();
    for (const [[x, y], [rx, ry]] of ellipses) this.pen.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
    this.pen.clip();
    draw();
    this.pen.restore();
  }

  private trace(points: Point[]): void {
    this.pen.beginPath();
    for (const [x, y] of points) this.pen.lineTo(x, y);
  }

  private fill(colour: Colour): void {
    this.pen.fillStyle = css(colour);
    this.pen.fill();
  }
}

/** A colour made darker (below 1) or lighter (above 1). */
export function shade([red, green, blue]: Colour, factor: number): Colour {
  return [red * factor, green * factor, blue * factor];
}

/** Points on the one polynomial that runs through all given points (Lagrange's form). */
export function smooth(points: Point[], steps = 24): Point[] {
  const last = points.length - 1;
  return Array.from({ length: steps }, (_, step) => {
    const at = (last * step) / (steps - 1);
    const weights = points.map((_, i) =>
      points.reduce((product, _, j) => (i === j ? product : (product * (at - j)) / (i - j)), 1),
    );
    const sum = (axis: 0 | 1) => points.reduce((total, point, i) => total + point[axis] * (weights[i] as number), 0);
    return [sum(0), sum(1)] as const;
  });
}

const GLOW = 32;
const glows = new Map<string, ImageBitmap>();

/** A soft round spot, made once for each colour: a gradient in every frame takes as long as all the rest. */
function glow(colour: string): ImageBitmap {
  const made = glows.get(colour) ?? paintGlow(colour);
  glows.set(colour, made);
  return made;
}

function paintGlow(colour: string): ImageBitmap {
  const canvas = new OffscreenCanvas(2 * GLOW, 2 * GLOW);
  const pen = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  const fading = pen.createRadialGradient(GLOW, GLOW, 0, GLOW, GLOW, GLOW);
  for (const [at, alpha] of [
    [0, 1],
    [0.3, 0.86],
    [0.5, 0.5],
    [0.75, 0.13],
    [1, 0],
  ] as const) {
    fading.addColorStop(at, colour.replace(")", `,${alpha})`));
  }
  pen.fillStyle = fading;
  pen.fillRect(0, 0, 2 * GLOW, 2 * GLOW);
  return canvas.transferToImageBitmap();
}

function css(colour: Colour): string {
  return `rgb(${colour.map((value) => Math.min(255, Math.round(value))).join(",")})`;
}
