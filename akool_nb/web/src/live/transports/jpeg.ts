// Canvas to JPEG on a thread of its own: on the page's thread Chromium encodes only when the page has nothing else to
// do,
// which in a notebook that is being used may take a while.

/**
 * What the worker does. A widget is one file, so the worker gets the text of this function, which uses nothing from
 * outside.
 */
function encodeAll(): void {
  let canvas: OffscreenCanvas | undefined;
  onmessage = async ({ data: { picture, quality } }) => {
    canvas ??= new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d", { alpha: false })!.drawImage(picture, 0, 0);
    picture.close();
    const bytes = await (await canvas.convertToBlob({ type: "image/jpeg", quality })).arrayBuffer();
    postMessage(bytes, { transfer: [bytes] });
  };
}

type Waiter = (bytes: ArrayBuffer | null) => void;

/** For pictures of one size. */
export class JpegEncoder {
  private worker: Worker | null;
  private readonly waiting: Waiter[] = [];

  constructor(private readonly quality: number) {
    this.worker = startWorker();
    if (!this.worker) return;
    this.worker.onmessage = ({ data }) => this.waiting.shift()?.(data as ArrayBuffer);
    // A site may forbid workers; then the page does the work itself.
    this.worker.onerror = () => this.close();
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
    this.worker?.terminate();
    this.worker = null;
    for (const give of this.waiting.splice(0)) give(null);
  }
}

function startWorker(): Worker | null {
  const address = URL.createObjectURL(new Blob([`(${encodeAll})()`], { type: "text/javascript" }));
  try {
    return new Worker(address);
  } catch {
    return null;
  } finally {
    // The worker has begun to load; the address is not needed any more.
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}

async function onThisThread(canvas: OffscreenCanvas, quality: number): Promise<ArrayBuffer> {
  return (await canvas.convertToBlob({ type: "image/jpeg", quality })).arrayBuffer();
}
