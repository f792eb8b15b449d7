// The photos and samples of one uploader: they belong to the widget, its views only show them.
import { blob, type Channel } from "../ui/channel.ts";

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
  private listeners = new Set<() => void>();
  private asking = 0;

  /** Listen to Python, and ask for what was sent before this page was there. */
  open(channel: Channel): void {
    channel.hear("photo", (message, [jpeg]) => this.keep(message, jpeg!));
    channel.hear("gone", ({ id }) => this.drop(id));
    channel.hear("samples", ({ names }, jpegs) => this.shelve(names, jpegs));
    // Python sends everything unasked when the widget is made; only a page that came later must ask.
    this.asking = setTimeout(() => this.samples.length || channel.post("hello"), 250) as unknown as number;
  }

  get(id: number): Picture | undefined {
    return this.photos.find((photo) => photo.id === id);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    clearTimeout(this.asking);
    for (const { src } of [...this.photos, ...this.samples]) URL.revokeObjectURL(src);
    this.listeners.clear();
  }

  private keep({ id, name, width, height }: Picture, jpeg: DataView): void {
    if (!this.get(id))
      this.photos.push({ id, name, width, height, src: URL.createObjectURL(blob(jpeg, "image/jpeg")) });
    this.tell();
  }

  private drop(id: number): void {
    const photo = this.get(id);
    if (photo) URL.revokeObjectURL(photo.src);
    this.photos = this.photos.filter((other) => other !== photo);
    this.tell();
  }

  private shelve(names: string[], jpegs: DataView[]): void {
    if (this.samples.length) return;
    this.samples = names.map((name, index) => ({ name, src: URL.createObjectURL(blob(jpegs[index]!, "image/jpeg")) }));
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
