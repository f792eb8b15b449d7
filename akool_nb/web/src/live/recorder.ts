// Recording: the browser makes WebM, and each second's piece goes to Python, which appends it to a file on its disk.
// So a long recording needs no memory, and a crash loses one second.
import type { Channel } from "../ui/channel.ts";
import { problem } from "./errors.ts";
import { withTags } from "./provenance/webm.ts";

const PIECE = 1000;

export class Recorder {
  private recorder: MediaRecorder | null = null;
  private name = "";
  private began = 0;

  constructor(private readonly channel: Channel) {
    // Python cannot write this film; it has said why.
    channel.hear("film", ({ name, refused }: { name: string; refused?: string }) => {
      if (refused && name === this.name) this.stop();
    });
  }

  get running(): boolean {
    return this.recorder !== null;
  }

  get seconds(): number {
    return this.running ? (performance.now() - this.began) / 1000 : 0;
  }

  /** Python chooses the name of a film that it asks for. Any other one has to differ from other films only. */
  start(stream: MediaStream, name = Date.now().toString(36)): void {
    try {
      this.record(new MediaRecorder(stream, { mimeType: "video/webm" }), name);
    } catch {
      this.channel.post("recorded", { name, reason: problem("RECORDING_FAILED").message });
    }
  }

  stop(): void {
    this.recorder?.stop();
    this.recorder = null;
  }

  private record(recorder: MediaRecorder, name: string): void {
    this.name = name;
    this.channel.post("film", { name });
    // Pieces become bytes one after the other, so they reach the file in order.
    let line: Promise<void> = Promise.resolve();
    let isFirst = true;
    const pass = async (piece: Blob) => {
      const bytes = new Uint8Array(await piece.arrayBuffer());
      if (bytes.length === 0) return;
      this.channel.post("recording", { name }, [isFirst ? withTags(bytes) : bytes]);
      isFirst = false;
    };
    recorder.ondataavailable = ({ data }) => {
      line = line.then(() => pass(data));
    };
    recorder.onstop = () => {
      // A film also ends by itself when its picture does.
      if (this.recorder === recorder) this.recorder = null;
      void line.then(() => this.channel.post("recorded", { name }));
    };
    recorder.start(PIECE);
    this.recorder = recorder;
    this.began = performance.now();
  }
}
