// Where the picture is in its stage, and what an edited face's `opts` is. Pure; units are picture pixels unless said.

export type Point = [number, number];
export type Region = [number, number, number, number];

export interface Size {
  width: number;
  height: number;
}

/** The picture's place in the stage: screen = picture × scale + (x, y). */
export interface Place {
  scale: number;
  x: number;
  y: number;
}

const CLOSEST = 12;

export function fit(picture: Size, stage: Size): Place {
  const scale = Math.min(stage.width / picture.width, stage.height / picture.height);
  return settle({ scale, x: 0, y: 0 }, picture, stage);
}

/** Zoom by a factor while the screen point stays where it is; never smaller than the whole picture. */
export function zoom(place: Place, factor: number, [x, y]: Point, picture: Size, stage: Size): Place {
  const least = fit(picture, stage).scale;
  const scale = Math.min(Math.max(place.scale * factor, least), Math.max(CLOSEST, least));
  const grown = scale / place.scale;
  return settle({ scale, x: x - (x - place.x) * grown, y: y - (y - place.y) * grown }, picture, stage);
}

export function pan(place: Place, dx: number, dy: number, picture: Size, stage: Size): Place {
  return settle({ ...place, x: place.x + dx, y: place.y + dy }, picture, stage);
}

/** The region, with a margin around it, as large as the stage allows. */
export function zoomTo([left, top, width, height]: Region, picture: Size, stage: Size): Place {
  const wanted = Math.min(stage.width / width, stage.height / height) * 0.62;
  const scale = Math.min(Math.max(wanted, fit(picture, stage).scale), CLOSEST);
  const centre: Point = [left + width / 2, top + height / 2];
  return settle(
    { scale, x: stage.width / 2 - centre[0] * scale, y: stage.height / 2 - centre[1] * scale },
    picture,
    stage,
  );
}

/** The least move that brings a picture point into the stage, with a margin in screen pixels. */
export function reveal(place: Place, [px, py]: Point, picture: Size, stage: Size, margin = 28): Place {
  const x = px * place.scale + place.x;
  const y = py * place.scale + place.y;
  const into = (value: number, length: number) => Math.min(Math.max(value, margin), length - margin) - value;
  return pan(place, into(x, stage.width), into(y, stage.height), picture, stage);
}

export function toPicture(place: Place, [x, y]: Point): Point {
  return [(x - place.x) / place.scale, (y - place.y) / place.scale];
}

/**
 * A whole pixel inside the picture, not left of or above `least`. Never that corner itself: 0, 0 is how the API writes
 * "no point".
 */
export function clamp([x, y]: Point, picture: Size, [left, top]: Point = [0, 0]): Point {
  const inside = (value: number, from: number, length: number) =>
    Math.max(Math.min(Math.round(value), length - 1), from);
  const point: Point = [inside(x, left, picture.width), inside(y, top, picture.height)];
  return point[0] === left && point[1] === top ? [left + 1, top] : point;
}

/** The least x and y of each landmark. The points of these `opts` move with it and must stay in photo and crop. */
export function corners(landmarks: Point[], texts: string[]): Point[] {
  const all = texts.flatMap((text) => parse(text) ?? []);
  const least = (at: number, axis: 0 | 1) => {
    const own = landmarks[at]![axis];
    const most = Math.max(0, ...all.filter((_, index) => index % 4 === at).map((point) => own - point[axis]));
    return Math.min(own, most);
  };
  return landmarks.map((_, at) => [least(at, 0), least(at, 1)]);
}

/** The four points of an `opts`; null when it is none. */
function parse(opts: string): Point[] | null {
  const points = opts.split(":").map((pair) => pair.split(",").map(Number));
  return points.length === 4 && points.every((point) => point.length === 2 && point.every(Number.isFinite))
    ? (points as Point[])
    : null;
}

// No gap on one side while the other side is cut off; a picture smaller than the stage is centred.
function settle({ scale, x, y }: Place, picture: Size, stage: Size): Place {
  const axis = (at: number, length: number, room: number) =>
    length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, at));
  return { scale, x: axis(x, picture.width * scale, stage.width), y: axis(y, picture.height * scale, stage.height) };
}

/**
 * The `opts` of an edited face: each of the server's own points, moved as its landmark was moved. The server's points
 * may count from the corner of a crop, and its fourth is the mouth's corner or its centre: moving keeps both.
 */
export function movedOpts(opts: string, before: Point[], after: Point[]): string {
  const points = parse(opts);
  if (!points) return after.slice(0, 4).map(String).join(":");
  return points
    .map(([x, y], at) => `${x + after[at]![0] - before[at]![0]},${y + after[at]![1] - before[at]![1]}`)
    .join(":");
}

/** The part of the picture to show as a face's thumbnail: a square around the region, inside the picture. */
export function square([left, top, width, height]: Region, picture: Size, room = 1.25): Region {
  const side = Math.min(Math.max(width, height) * room, picture.width, picture.height);
  const start = (at: number, length: number, whole: number) =>
    Math.min(Math.max(at + length / 2 - side / 2, 0), whole - side);
  return [start(left, width, picture.width), start(top, height, picture.height), side, side];
}
