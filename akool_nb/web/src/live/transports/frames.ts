// Frames out of a track and frames into a track. Where the browser offers breakout boxes (Chromium) the work goes on in
// a
// hidden tab, which the pop-out window needs; elsewhere a video element and a canvas do the same while the page is
// seen.

interface Breakout {
  MediaStreamTrackProcessor?: new (init: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };
  MediaStreamTrackGenerator?: new (init: {
    kind: "video";
  }) => MediaStreamTrack & { writable: WritableStream<VideoFrame> };
}

/** A frame and its size; valid during the call only. */
export type Taker = (frame: CanvasImageSource, width: number, height: number) => void;

/** Call `take` with every frame of the track until the returned function is called. */
export function pump(track: MediaStreamTrack, take: Taker): () => void {
  const { MediaStreamTrackProcessor } = globalThis as Breakout;
  return MediaStreamTrackProcessor
    ? pumpProcessor(new MediaStreamTrackProcessor({ track }).readable, take)
    : pumpVideo(track, take);
}

function pumpProcessor(readable: ReadableStream<VideoFrame>, take: Taker): () => void {
  const reader = readable.getReader();
  const loop = async () => {
    for (;;) {
      const { value: frame, done } = await reader.read();
      if (done || !frame) return;
      take(frame, frame.displayWidth, frame.displayHeight);
      frame.close();
    }
  };
  loop().catch(() => undefined);
  return () => void reader.cancel().catch(() => undefined);
}

function pumpVideo(track: MediaStreamTrack, take: Taker): () => void {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  video.play().catch(() => undefined);
  let handle = 0;
  const next = () => {
    handle = video.requestVideoFrameCallback(() => {
      take(video, video.videoWidth, video.videoHeight);
      next();
    });
  };
  next();
  return () => {
    video.cancelVideoFrameCallback(handle);
    video.srcObject = null;
  };
}

/** A track made of pictures that are handed over one by one. */
export interface Sink {
  readonly track: MediaStreamTrack;
  /** Takes the picture over and closes it. */
  show(picture: ImageBitmap): void;
}

export function sink(): Sink {
  const { MediaStreamTrackGenerator } = globalThis as Breakout;
  return MediaStreamTrackGenerator ? generatorSink(new MediaStreamTrackGenerator({ kind: "video" })) : canvasSink();
}

function generatorSink(track: MediaStreamTrack & { writable: WritableStream<VideoFrame> }): Sink {
  const writer = track.writable.getWriter();
  return {
    track,
    show(picture) {
      const frame = new VideoFrame(picture, { timestamp: Math.round(performance.now() * 1000) });
      picture.close();
      writer.write(frame).catch(() => frame.close());
    },
  };
}

function canvasSink(): Sink {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
  const [track] = canvas.captureStream().getVideoTracks() as [MediaStreamTrack];
  return {
    track,
    show(picture) {
      if (canvas.width !== picture.width || canvas.height !== picture.height)
        [canvas.width, canvas.height] = [picture.width, picture.height];
      pen.drawImage(picture, 0, 0);
      picture.close();
    },
  };
}
