// The camera panel: preview, camera menu, one still picture.
import { texts } from "../texts/image_uploader.ts";
import { camera as failures } from "../texts/shared.ts";
import { closeStream, devices, openCamera, type CameraFailure } from "../ui/camera.ts";
import type { Channel } from "../ui/channel.ts";
import { button } from "../ui/controls.ts";
import { h, show, type Bag } from "../ui/dom.ts";
import * as icons from "../ui/icons.ts";
import { store, stored } from "../ui/storage.ts";

/** https://developer.mozilla.org/docs/Web/API/HTMLMediaElement/readyState */
const HAVE_CURRENT_DATA = 2;
const REMEMBERED = "akool-nb-camera";

/** `take` gets the JPEG of a shot, `fail` a sentence, `home` the focus when the panel closes. */
export function shot(
  channel: Channel,
  bag: Bag,
  take: (jpeg: Blob) => void,
  fail: (text: string) => void,
  home: HTMLElement,
) {
  let stream: MediaStream | null = null;
  let turn = 0;
  const video = h("video", {
    class: "ak-preview",
    muted: true,
    playsinline: true,
    autoplay: true,
    "aria-label": texts.preview,
  });
  const menu = h("select", { class: "ak-field ak-grow", "aria-label": texts.whichCamera });
  const shoot = button(texts.shoot, () => void snap(), { icon: icons.camera, look: "main" });
  const element = h(
    "div",
    { class: "ak-shot", hidden: true },
    video,
    h("div", { class: "ak-row" }, shoot, menu, button(texts.closeCamera, close, { icon: icons.close, iconOnly: true })),
  );
  menu.addEventListener("change", () => {
    store(REMEMBERED, menu.value);
    void start(menu.value);
  });
  bag.add(close);
  // A restarted kernel leaves the view in the page; the camera's light must not stay on with it.
  channel.on("comm_live_update", close);

  async function start(id: string): Promise<void> {
    const mine = ++turn;
    closeStream(stream);
    // The last frame of the camera before must not be taken for one of this camera.
    video.srcObject = stream = null;
    try {
      const opened = await openCamera(id, { width: { ideal: 1280 }, height: { ideal: 720 } });
      if (mine !== turn) return closeStream(opened);
      video.srcObject = stream = opened;
      await fillMenu();
      if (mine !== turn) return;
      const opening = element.hidden;
      show(element, true);
      // Not when another camera was chosen: the keyboard is still at the menu.
      if (opening) shoot.focus();
    } catch (failure) {
      // A camera that another one has taken the place of, or that was closed, has nothing to say.
      if (mine !== turn) return;
      close();
      fail(failures[failure as CameraFailure]);
    }
  }

  async function snap(): Promise<void> {
    const mine = turn;
    await firstFrame(video);
    const jpeg = await still(video);
    // The panel was closed, another camera was chosen, or an earlier press has taken the photo.
    if (mine !== turn || !jpeg) return;
    close();
    take(jpeg);
  }

  async function fillMenu(): Promise<void> {
    const current = stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const options = (await devices("videoinput")).map(({ deviceId, label }, index) =>
      h("option", { value: deviceId, selected: deviceId === current }, label || texts.aCamera(index + 1)),
    );
    menu.replaceChildren(...options);
    show(menu, options.length > 1);
  }

  function close(): void {
    turn++;
    closeStream(stream);
    video.srcObject = stream = null;
    show(element, false, home);
  }

  return { element, open: () => start(stored(REMEMBERED) ?? ""), close };
}

/** Resolves when the video shows a frame: cameras need some time for the first one. */
async function firstFrame(video: HTMLVideoElement): Promise<void> {
  if (video.readyState >= HAVE_CURRENT_DATA) return;
  await new Promise((resolve) => video.addEventListener("loadeddata", resolve, { once: true }));
}

async function still(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d")!.drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}
