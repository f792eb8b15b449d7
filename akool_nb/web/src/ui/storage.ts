// What the browser keeps for the next page. A page may be forbidden to store anything; then nothing is kept.

export function store(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {}
}

export function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
