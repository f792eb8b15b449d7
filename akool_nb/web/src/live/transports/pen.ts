// Pens for canvases whose every picture is read again: as a JPEG, or as a frame of a captured track.

/**
 * In memory where the page cannot get the frames of a track itself, as in WebKit: there the graphics card's canvases
 * are read back slowly.
 */
export const READ_BACK = {
  alpha: false,
  willReadFrequently: !("MediaStreamTrackProcessor" in globalThis),
} satisfies CanvasRenderingContext2DSettings;
