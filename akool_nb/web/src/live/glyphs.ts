// The icons of a video call, in the strokes of ui/icons.ts.
import { s } from "../ui/dom.ts";

const GLYPHS = {
  camera: "M3.5 7h11v10h-11zM14.5 11l6-3.5v9l-6-3.5",
  cameraOff: "M3.5 7h7M14.5 10V7M14.5 11l6-3.5v9l-6-3.5v4h-11V7M3 3l18 18",
  microphone: "M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5v3",
  microphoneOff: "M9 9v2.5a3 3 0 0 0 5 2.2M15 9.500V6.500a3 3 0 0 0-5.600-1.500M5.500 11a6.500 6.500 0 0 0 11 4.700M12 17.500v3M3.500 3.500l17 17",
  sound: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4 4 0 0 1 0 6M18 6.500a7.500 7.500 0 0 1 0 11",
  mirror: "M12 3.500v17M9 7.500l-5.500 9H9zM15 7.500l5.500 9H15z",
  record: "M12 6.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11z",
  fullScreen: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  pictureInPicture: "M3.500 5.500h17v13h-17zM12 12h6v4.500h-6z",
  popOut: "M13 4.500h6.500V11M19.500 4.500 11 13M10 5.500H4.500v14h14V14",
  statistics: "M4.500 19.500h15M7 16v-4M12 16V6M17 16V9",
} as const;

export type GlyphName = keyof typeof GLYPHS;

/** A glyph without a name of its own; the control it sits in is named. */
export function glyph(name: GlyphName): SVGSVGElement {
  const path = s("path", { d: GLYPHS[name] });
  return s("svg", { class: "ak-icon", viewBox: "0 0 24 24", width: 18, height: 18, "aria-hidden": "true", focusable: "false" }, path);
}

/** Change what a glyph shows. */
export function redraw(image: SVGSVGElement, name: GlyphName): void {
  image.firstElementChild?.setAttribute("d", GLYPHS[name]);
}
