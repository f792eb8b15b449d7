// A window with only the swapped picture, for screen capture into other programs.
import type { Screen } from "../transports/screen.ts";

const STYLE =
  "html,body{height:100%;margin:0;background:#000;overflow:hidden}" +
  "video,canvas{display:block;width:100%;height:100%;object-fit:contain}";

export interface PopOut {
  /** Show that picture; null is black. */
  look(screen: Screen | null): void;
  close(): void;
}

/** The window, or null if the browser blocked it. */
export function popOut(title: string): PopOut | null {
  const opened = window.open("", "_blank", "popup,width=640,height=480");
  if (!opened) return null;
  const { document } = opened;
  const style = document.createElement("style");
  style.textContent = STYLE;
  document.title = title;
  document.head.replaceChildren(style);
  let shown: Screen | null = null;
  let end: () => void = () => undefined;
  const close = () => {
    removeEventListener("pagehide", close);
    end();
    opened.close();
  };
  // The picture ends with this page; the window must not stay behind, black.
  addEventListener("pagehide", close);
  return {
    look(screen) {
      if (screen === shown) return;
      shown = screen;
      end();
      end = screen ? screen.showIn(document.body) : () => undefined;
    },
    close,
  };
}
