// The icons, drawn as strokes on a 24×24 grid; they take the colour of the text.
import { s } from "./dom.ts";

export const PATHS = {
  upload: "M12 16V4m0 0 4.5 4.5M12 4 7.5 8.5M4 16v3.5h16V16",
  camera: "M4 8h3.5l1.5-2.5h6L16.5 8H20v11H4zM15.2 13.2a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0z",
  link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5 10 17.5 19.5 7",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  undo: "M9 5 4.5 9.5 9 14M5 9.5h9a5 5 0 0 1 0 10h-3",
  reset: "M4.5 12a7.5 7.5 0 1 0 2.3-5.4M4.5 4v4.5H9",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  points: "M7 8.5h.01M17 8.5h.01M12 13h.01M12 17.5h.01M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 0 0-17 0z",
  search: "M15.5 15.5 20 20M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0z",
  several: "M4 8.5 7 11l4.5-5M4 17l3 2.5 4.5-5M14.5 9H20M14.5 17.5H20",
  photo: "M4 5h16v14H4zM4 16l4.5-5 4 4.5 2.5-2.5 5 5M15.5 9.5h.01",
  play: "M8 5.5v13l10.5-6.5z",
  stop: "M6.5 6.5h11v11h-11z",
} as const;

export type IconName = keyof typeof PATHS;

/** An icon without a name of its own: the control it sits in is named by text or aria-label. */
export function icon(name: IconName, size = 18): SVGSVGElement {
  return s("svg", { class: "ak-icon", viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true", focusable: "false" }, s("path", { d: PATHS[name] }));
}
