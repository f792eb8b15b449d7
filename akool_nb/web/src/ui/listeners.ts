/** Functions that are called after each change. */
export class Listeners<A extends unknown[] = []> {
  private readonly functions = new Set<(...args: A) => void>();

  /** Call the function from now on, until the returned one is called. */
  add(listener: (...args: A) => void): () => void {
    this.functions.add(listener);
    return () => this.functions.delete(listener);
  }

  call(...args: A): void {
    for (const listener of this.functions) listener(...args);
  }
}
