// What was dropped or pasted, sorted: picture files, or the address of a picture.

/** Files win over an address: dragging a picture out of a page brings both, and the file needs no network. */
export function intake(data: DataTransfer | null) {
  const files = [...(data?.files ?? [])];
  const text = data?.getData("text/uri-list") || data?.getData("text/plain") || "";
  return { files, url: files.length ? "" : address(text) };
}

/** The first http(s) address of a text that is nothing else; "" when there is none. */
export function address(text: string): string {
  const line =
    text
      .split("\n")
      .find((line) => line.trim() && !line.startsWith("#"))
      ?.trim() ?? "";
  return /^https?:\/\/\S+$/i.test(line) ? line : "";
}

/** Whether somebody types there: what is pasted belongs to the text. */
export function isTyping(target: EventTarget | undefined): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=button])"))
  );
}

/** Whether the browser takes it for a picture; a file without a type is left to Python. */
export function maybePicture(file: File): boolean {
  return file.type === "" || file.type.startsWith("image/");
}
