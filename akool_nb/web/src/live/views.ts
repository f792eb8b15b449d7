// The views of a call. Moving a cell removes its view and brings it back, so the last one's end is not the end at once.

/** How long (ms) a call without any view continues. */
const GRACE = 1000;

export class Views {
  private readonly listeners = new Set<() => void>();
  private readonly followers: (() => void)[] = [];
  private grace = 0;

  /** `abandoned` is called some time after the last view was removed. */
  constructor(private readonly abandoned: () => void) {}

  /** Call `look` after every change; the returned function ends it. */
  add(look: () => void): () => void {
    this.listeners.add(look);
    this.keep();
    return () => {
      this.listeners.delete(look);
      if (this.listeners.size === 0) this.grace = setTimeout(this.abandoned, GRACE) as unknown as number;
    };
  }

  /** Call `look` after every change; a call without any view ends all the same. */
  follow(look: () => void): void {
    this.followers.push(look);
  }

  /** The call has ended, or has a view: there is nothing to wait for. */
  keep(): void {
    clearTimeout(this.grace);
  }

  changed(): void {
    for (const look of [...this.followers, ...this.listeners]) look();
  }
}
