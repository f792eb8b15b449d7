// The icons as strokes on a 24×24 grid; controls.ts draws them. Each is an export of its own: a widget carries those
// that it shows.

export const upload = "M12 16V4m0 0 4.5 4.5M12 4 7.5 8.5M4 16v3.5h16V16";
export const camera = "M4 8h3.5l1.5-2.5h6L16.5 8H20v11H4zM15.2 13.2a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0z";
export const link =
  "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5";
export const close = "M6 6l12 12M18 6 6 18";
export const plus = "M12 5v14M5 12h14";
export const minus = "M5 12h14";
export const fit = "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5";
export const undo = "M9 5 4.5 9.5 9 14M5 9.5h9a5 5 0 0 1 0 10h-3";
export const reset = "M4.5 12a7.5 7.5 0 1 0 2.3-5.4M4.5 4v4.5H9";
export const copy = "M9 9h11v11H9zM15 9V4H4v11h5";
export const points = "M7 8.5h.01M17 8.5h.01M12 13h.01M12 17.5h.01M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 0 0-17 0z";
export const search = "M15.5 15.5 20 20M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0z";
export const several = "M4 8.5 7 11l4.5-5M4 17l3 2.5 4.5-5M14.5 9H20M14.5 17.5H20";
export const photo = "M4 5h16v14H4zM4 16l4.5-5 4 4.5 2.5-2.5 5 5M15.5 9.5h.01";
export const play = "M8 5.5v13l10.5-6.5z";
export const stop = "M6.5 6.5h11v11h-11z";

// A video call's
export const video = "M3.5 7h11v10h-11zM14.5 11l6-3.5v9l-6-3.5";
export const videoOff = "M3.5 7h7M14.5 10V7M14.5 11l6-3.5v9l-6-3.5v4h-11V7M3 3l18 18";
export const microphone = "M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5v3";
export const microphoneOff =
  "M9 9v2.5a3 3 0 0 0 5 2.2M15 9.5V6.5a3 3 0 0 0-5.6-1.5M5.5 11a6.5 6.5 0 0 0 11 4.7M12 17.5v3M3.5 3.5l17 17";
export const sound = "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a7.5 7.5 0 0 1 0 11";
export const mirror = "M12 3.5v17M9 7.5l-5.5 9H9zM15 7.5l5.5 9H15z";
export const record = "M12 6.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z";
export const pictureInPicture = "M3.5 5.5h17v13h-17zM12 12h6v4.5h-6z";
export const popOut = "M13 4.5h6.5V11M19.5 4.5 11 13M10 5.5H4.5v14h14V14";
export const more = "M5 12h.01M12 12h.01M19 12h.01";
export const statistics = "M4.5 19.5h15M7 16v-4M12 16V6M17 16V9";
