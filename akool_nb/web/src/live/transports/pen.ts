// Pens for canvases whose every picture is read again: as a JPEG, or as a frame of a captured track.

/** WebKit reads back GPU canvases slowly, so the canvas is kept in memory there. */
export const READ_BACK = {
  alpha: false,
  willReadFrequently: !("MediaStreamTrackProcessor" in globalThis),
} satisfies CanvasRenderingContext2DSettings;
