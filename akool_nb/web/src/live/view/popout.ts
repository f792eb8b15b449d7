// A window with nothing but the swapped picture, for screen capture into other programs.
import { h } from "../../ui/dom.ts";

export interface PopOut {
  /** Show that picture, as in a mirror or not; null is black. */
  look(stream: MediaStream | null, mirrored: boolean): void;
  close(): void;
}

/** The window, or null if the browser blocked it. */
export function popOut(title: string): PopOut | null {
  const opened = window.open("", "_blank", "popup,width=640,height=480");
  if (!opened) return null;
  const video = h("video", { autoplay: true, playsinline: true, style: "width:100vw;height:100vh;object-fit:contain" });
  video.muted = true;
  opened.document.title = title;
  opened.document.body.style.cssText = "margin:0;background:#000;overflow:hidden";
  opened.document.body.replaceChildren(video);
  return {
    look(stream, mirrored) {
      video.style.transform = mirrored ? "scaleX(-1)" : "";
      if (video.srcObject !== stream) video.srcObject = stream;
    },
    close: () => opened.close(),
  };
}
