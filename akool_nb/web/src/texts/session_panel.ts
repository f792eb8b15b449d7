// Every sentence of the session panel.
const WORKING: Readonly<Record<string, string>> = {
  create: "Creating the session…",
  update: "Changing the face…",
  close: "Closing the session…",
};

export const text = {
  name: "Live session",
  create: "Create session",
  again: "Create a new session",
  update: "Change face",
  end: "Close session",
  noFace: "No face is chosen yet.",
  none: "No session is open. An open session costs credits, so close it when you are done.",
  progress: "Progress",
  left: "Time left",
  before: "Credits before",
  now: "Credits now",
  used: "Used",
  held: "Held or used",
  idle: "Close when no page showed it for",
  minutes: "minutes (0: never)",
  open: "Open sessions",
  from: {
    panel: "this panel",
    kernel: "this kernel",
    journal: "left behind by a kernel that has ended",
    machine: "another program of this machine",
  },
  closeThis: (id: string) => `Close session ${id}`,
  noneOpen: "None.",
  demo: "Try with Agora's demo page",
  demoLinks: ["Open Agora's demo page", "Its source"],
  demoIdle: "This panel does not see that page: it closes the session after the minutes above, counted from the token.",
  copyField: (name: string) => `Copy ${name}`,
  copied: (name: string) => `Copied: ${name}.`,
  token: "Token",
  tokenNote: "A secret, so it is not shown here. Copying it stops the live view.",
  tokenCopied: "Copied: the token. Paste it into the page's field, and give it to no one: it opens the channel.",
  tokenNotCopied: "The browser did not let the token be copied. In Python it is session.channel.token.",
  calls: "Last calls",
  copy: "Copy as curl",
  curlCopied: "Copied. The credentials in it are shell variables.",
  notCopied: "The browser did not let the text be copied. Mark it and copy it by hand.",
  noCalls: "None yet.",
  working: WORKING,
};

/** The documentation's four states, and the two that only a page can see. */
export const STEPS = {
  queuing: "Queuing (1)",
  processing: "Processing (2)",
  joined: "Joined",
  seen: "Swapped video seen",
  success: "Success (3)",
  failed: "Failed (4)",
  closed: "Closed",
} as const;
