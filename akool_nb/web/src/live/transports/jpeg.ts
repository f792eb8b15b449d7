// Canvas to JPEG in a worker: on the page's thread Chromium encodes only when the page has nothing else to do, which
// can take long in a notebook that is being used.
import { READ_BACK } from "./pen.ts";
import { openWorker } from "./worker.ts";

function encodeAll(pen: CanvasRenderingContext2DSettings): void {
  let canvas = new OffscreenCanvas(1, 1);
  const encode = async (picture: ImageBitmap, quality: number) => {
    if (canvas.width !== picture.width || canvas.height !== picture.height)
      canvas = new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d", pen)!.drawImage(picture, 0, 0);
    picture.close();
    const bytes = await (await canvas.convertToBlob({ type: "image/jpeg", quality })).arrayBuffer();
    postMessage(bytes, { transfer: [bytes] });
  };
  // One after the other, because the answers are matched by their order.
  let line: Promise<void> = Promise.resolve();
  onmessage = ({ data: { picture, quality } }) => {
    line = line.then(() => encode(picture, quality));
  };
}

type Waiter = (bytes: ArrayBuffer | null) => void;

export class JpegEncoder {
  private worker: Worker | null = null;
  private readonly waiting: Waiter[] = [];
  private closed = false;

  constructor(private readonly quality: number) {
    void openWorker(encodeAll, JSON.stringify(READ_BACK)).then((worker) => this.use(worker));
  }

  /** The canvas as JPEG; its picture is taken at once, so it may be painted over. */
  async encode(canvas: OffscreenCanvas): Promise<ArrayBuffer> {
    if (!this.worker) return onThisThread(canvas, this.quality);
    const picture = canvas.transferToImageBitmap();
    const bytes = new Promise<ArrayBuffer | null>((resolve) => this.waiting.push(resolve));
    this.worker.postMessage({ picture, quality: this.quality }, [picture]);
    return (await bytes) ?? new ArrayBuffer(0);
  }

  close(): void {
    this.closed = true;
    this.worker?.terminate();
    this.worker = null;
    for (const give of this.waiting.splice(0)) give(null);
  }

  private use(worker: Worker | null): void {
    if (!worker) return;
    if (this.closed) return worker.terminate();
    this.worker = worker;
    worker.onmessage = ({ data }) => this.waiting.shift()?.(data as ArrayBuffer);
  }
}

async function onThisThread(canvas: OffscreenCanvas, quality: number): Promise<ArrayBuffer> {
  return (await canvas.convertToBlob({ type: "image/jpeg", quality })).arrayBuffer();
}
