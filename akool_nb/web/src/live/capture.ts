// What Python and the buttons take out of a call's picture: snapshots, films and frames. It belongs to the call, so
// that several views of one widget make one film.
import type { Call } from "./call.ts";
import { FrameSender } from "./frame_sender.ts";
import { Recorder } from "./recorder.ts";
import { takeSnapshot } from "./snapshot.ts";

export class Capture {
  readonly recorder: Recorder;

  constructor(private readonly call: Call) {
    const { channel } = call;
    this.recorder = new Recorder(channel);
    const frames = new FrameSender(call);
    call.views.follow(() => {
      if (!call.remote) this.recorder.stop();
      frames.look();
    });
    channel.hear("take_snapshot", () => {
      // Python waits for a limited time, and says so.
      if (call.remote) void this.snapshot().catch(() => undefined);
    });
    channel.hear("record", ({ name }: { name: string }) => {
      if (call.remote && !this.recorder.running) this.recorder.start(call.remote.stream, name);
      // Python has to know that this film will not be made; a page without the call knows nothing of it.
      else if (call.running) channel.post("recorded", { name });
    });
    channel.hear("record_end", () => this.recorder.stop());
  }

  /** Take a snapshot and send it to Python; fails if there is no picture. */
  async snapshot(): Promise<Blob> {
    const stream = this.call.remote?.stream ?? new MediaStream();
    const picture = await takeSnapshot(stream);
    this.call.channel.post("snapshot", {}, [await picture.arrayBuffer()]);
    return picture;
  }
}
