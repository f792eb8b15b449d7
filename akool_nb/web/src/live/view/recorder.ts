// Recording: the browser makes WebM, and each second's piece goes to Python, which appends it to a file on its disk.
// So a long recording needs no memory, and what was recorded before a crash is there.
import type { Channel } from "../../ui/channel.ts";
import { problem } from "../errors.ts";

const PIECE = 1000;

export class Recorder {
  private recorder: MediaRecorder | null = null;
  private began = 0;

  constructor(
    private readonly channel: Channel,
    private readonly fail: (text: string) => void,
  ) {}

  get running(): boolean {
    return this.recorder !== null;
  }

  get seconds(): number {
    return this.running ? (performance.now() - this.began) / 1000 : 0;
  }

  start(stream: MediaStream): void {
    try {
      this.record(new MediaRecorder(stream, { mimeType: "video/webm" }));
    } catch {
      this.fail(problem("RECORDING_FAILED").message);
    }
  }

  stop(): void {
    this.recorder?.stop();
    this.recorder = null;
  }

  private record(recorder: MediaRecorder): void {
    // Pages over plain http have no crypto.randomUUID; the name has to differ from other films only.
    const name = Date.now().toString(36);
    // Pieces are turned into bytes one after the other, so they reach the file in order.
    let line: Promise<void> = Promise.resolve();
    const pass = (piece: Blob) =>
      (line = line.then(async () => this.channel.post("recording", { name }, [await piece.arrayBuffer()])));
    recorder.ondataavailable = ({ data }) => void pass(data);
    recorder.onstop = () => {
      // A film ends by itself when its picture does.
      if (this.recorder === recorder) this.recorder = null;
      void line.then(() => this.channel.post("recorded", { name }));
    };
    recorder.start(PIECE);
    this.recorder = recorder;
    this.began = performance.now();
  }
}
