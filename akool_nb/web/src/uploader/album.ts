// The photos and samples of one uploader: they belong to the widget, its views only show them.
import { blob, type Channel } from "../ui/channel.ts";
import { Listeners } from "../ui/listeners.ts";

export interface Picture {
  id: number;
  name: string;
  width: number;
  height: number;
  /** A blob URL of the JPEG that Python sent. */
  src: string;
}

export interface Sample {
  name: string;
  src: string;
}

export class Album {
  photos: Picture[] = [];
  samples: Sample[] = [];
  readonly changed = new Listeners();

  constructor(private readonly channel: Channel) {
    channel.hear("photo", (message, [jpeg]) => this.keep(message, jpeg!));
    channel.hear("gone", ({ id }) => this.drop(id));
    channel.hear("samples", ({ names }, jpegs) => this.shelve(names, jpegs));
    channel.askUnless(() => this.samples.length > 0);
  }

  get(id: number): Picture | undefined {
    return this.photos.find((photo) => photo.id === id);
  }

  close(): void {
    this.channel.close();
    for (const { src } of [...this.photos, ...this.samples]) URL.revokeObjectURL(src);
  }

  private keep({ id, name, width, height }: Picture, jpeg: DataView): void {
    if (!this.get(id))
      this.photos.push({ id, name, width, height, src: URL.createObjectURL(blob(jpeg, "image/jpeg")) });
    this.changed.call();
  }

  private drop(id: number): void {
    const photo = this.get(id);
    if (photo) URL.revokeObjectURL(photo.src);
    this.photos = this.photos.filter((other) => other !== photo);
    this.changed.call();
  }

  private shelve(names: string[], jpegs: DataView[]): void {
    if (this.samples.length) return;
    this.samples = names.map((name, index) => ({ name, src: URL.createObjectURL(blob(jpegs[index]!, "image/jpeg")) }));
    this.changed.call();
  }
}
