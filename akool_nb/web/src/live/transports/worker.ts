// Workers without a file of their own: a widget is one script, so a worker gets the text of a function.
const ANNOUNCED = "ready";

/**
 * A worker that runs `body`, or null where the page may start none: a site's content security policy can forbid it.
 * `body` must use nothing from outside; `argument` is the text of one more such function, or of a value.
 */
export async function openWorker(body: (argument: never) => void, argument = ""): Promise<Worker | null> {
  const source = `(${body})(${argument});postMessage("${ANNOUNCED}")`;
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    const worker = new Worker(address);
    return (await announced(worker)) ? worker : null;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}

function announced(worker: Worker): Promise<boolean> {
  return new Promise((resolve) => {
    worker.onmessage = () => resolve(true);
    worker.onerror = () => resolve(false);
  });
}
