// A window with nothing but the swapped picture, for screen capture into other programs.
import { h } from "../ui/dom.ts";

/** The window, or null if the browser blocked it. */
export function popOut(stream: MediaStream, title: string, mirrored: boolean): Window | null {
  const opened = window.open("", "akool_nb_live", "popup,width=640,height=480");
  if (!opened) return null;
  const video = h("video", { autoplay: true, playsinline: true, style: `width:100vw;height:100vh;object-fit:contain;${mirrored ? "transform:scaleX(-1)" : ""}` });
  video.muted = true;
  video.srcObject = stream;
  opened.document.title = title;
  opened.document.body.style.cssText = "margin:0;background:#000;overflow:hidden";
  opened.document.body.replaceChildren(video);
  return opened;
}
