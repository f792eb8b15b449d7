// The rows of a list that changes while somebody is in it.

/**
 * Fills `list`; a row whose item is still there stays as it is, with the focus in it. an empty list shows `none`.
 */
export function rows<T>(list: HTMLElement, make: (item: T) => HTMLElement, none: HTMLElement): (items: T[]) => void {
  let shown = new Map<string, HTMLElement>();
  return (items) => {
    const next = new Map<string, HTMLElement>();
    for (const item of items) {
      const key = free(JSON.stringify(item), next);
      next.set(key, shown.get(key) ?? make(item));
    }
    place(list, next.size ? [...next.values()] : [none]);
    shown = next;
  };
}

/** Two items may be alike. */
function free(key: string, taken: ReadonlyMap<string, unknown>): string {
  return taken.has(key) ? free(`${key}+`, taken) : key;
}

/** What is there already is not moved, for that would take the focus from it. */
function place(list: HTMLElement, wanted: HTMLElement[]): void {
  for (const row of [...list.children]) if (!wanted.includes(row as HTMLElement)) row.remove();
  let at = list.firstElementChild;
  for (const row of wanted) {
    if (at === row) at = row.nextElementSibling;
    else list.insertBefore(row, at);
  }
}
