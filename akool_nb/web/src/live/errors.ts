// What can go wrong in the browser, each as one sentence with what to do. Codes of Agora's SDK and of the browser are
// gathered under the same names; the table is the only place that knows the words.
import { LiveError } from "./transport.ts";

/** What the view shows and `.error` carries. */
export interface Problem {
  code: string;
  message: string;
}

const HOSTS = "webrtc2-ap-web-1.agora.io, webrtc2-2.ap.sd-rtn.com, *.edge.agora.io, *.edge.sd-rtn.com";

export const TABLE: Readonly<Record<string, string>> = {
  // the camera
  PERMISSION_DENIED: "The camera was refused. Click the camera sign in the browser's address bar, allow it, and press Start again; or use the moving picture.",
  DEVICE_NOT_FOUND: "No camera was found. Plug one in and press Start again, or use the moving picture.",
  NOT_READABLE: "Another program is using the camera. Close it (video calls, other tabs) and press Start again.",
  MICROPHONE_FAILED: "The microphone could not be opened, so the call goes on without sound. Choose another one in the menu.",
  INSECURE_PAGE: "This page came over plain http, where browsers give no camera. Open the notebook as https:// or through localhost.",
  HOST_WITHOUT_CAMERA: "This notebook program cannot open a camera. Use 'Open in a browser' for the same view on a page of its own, or the moving picture.",
  NO_MEDIA_API: "This browser has no camera interface. Use a current Chrome, Edge, Firefox or Safari.",
  BLOCKED_BY_POLICY: "The site that shows this notebook forbids the camera (Permissions-Policy). Use 'Open in a browser', or the moving picture.",
  CAMERA_ENDED: "The camera stopped by itself: it was unplugged or taken away. Choose a camera and press Start again.",
  // Agora
  JOIN_TIMEOUT: `Agora did not answer in 15 seconds. A network, proxy or firewall is in the way; these hosts must be reachable: ${HOSTS}.`,
  INVALID_PARAMS: "Agora refused the join data. Create a new session; if it happens again, the create answer carried no app id.",
  APP_ID_UNKNOWN: "Agora does not know the app id of this session. Create a new session.",
  APP_ID_DIFFERS: "The app id of the create answer is not the one in its token; the token's is used.",
  TOKEN_INVALID: "Agora refused the token: it does not fit this channel or user. Create a new session.",
  TOKEN_EXPIRE: "The session's hour is over. Create a new session.",
  TOKEN_ENDING: "This session ends in half a minute. Create a new one to go on.",
  AREA_FORBIDDEN: "Agora does not offer its service in this region.",
  GATEWAY_REFUSED: "Agora refused the session. Create a new session.",
  UID_CONFLICT: "This session is already open on another page. Close it there, or create a new session.",
  CHANNEL_GONE: "Agora ended the channel. Create a new session.",
  NO_SWAPPED_VIDEO:
    "No swapped picture came within 25 seconds. Likely causes: the service is still queuing (see the session's status), the credits are used up, or the source face was refused. Wait, or create a new session.",
  SWAPPED_VIDEO_GONE: "The swapped picture went away. It may come back; if not, create a new session.",
  SDK_NOT_LOADED: "Agora's SDK could not be loaded into this page. Reload the notebook and run the cell again.",
  NO_KERNEL_ANSWER: "The kernel did not answer. It may be busy: wait for its cell to end and press Start again.",
  // the sandbox
  SANDBOX_UNREACHABLE: "The sandbox could not be reached from this page, neither directly nor through the Jupyter server nor through the kernel. Run the cell again.",
  SANDBOX_REFUSED: "The sandbox refused the connection: the session is closed or its hour is over. Create a new session.",
  // the session
  SESSION_CLOSED: "The session was closed. Create a new one to go on.",
  SESSION_FAILED: "The service reports that this session failed (faceswap_status 4). Create a new session, perhaps with another face.",
  NO_SESSION: "There is no session yet. Create one first: client.create(face).",
  KERNEL_GONE: "The kernel was restarted, so camera and call were switched off. Run the notebook again.",
  RECORDING_FAILED: "This browser cannot record the picture. Use a current Chrome, Edge or Firefox.",
  UNEXPECTED: "Something unforeseen happened. Press Start again.",
};

/** Names under which browsers and Agora's SDK report the same thing. */
const ALIASES: Readonly<Record<string, string>> = {
  NotAllowedError: "PERMISSION_DENIED",
  SecurityError: "PERMISSION_DENIED",
  NotFoundError: "DEVICE_NOT_FOUND",
  OverconstrainedError: "DEVICE_NOT_FOUND",
  NotReadableError: "NOT_READABLE",
  AbortError: "NOT_READABLE",
  INVALID_OPERATION: "UNEXPECTED",
  OPERATION_ABORTED: "UNEXPECTED",
  WS_ABORT: "JOIN_TIMEOUT",
  NETWORK_ERROR: "JOIN_TIMEOUT",
  NETWORK_TIMEOUT: "JOIN_TIMEOUT",
};

/** Agora's access point gives numbers: https://docs.agora.io/en/video-calling/reference/error-codes */
const GATEWAY: ReadonlyArray<readonly [RegExp, string]> = [
  [/2010005|app ?id/i, "APP_ID_UNKNOWN"],
  [/2010010|2010013|expire|timed? ?out/i, "TOKEN_EXPIRE"],
  [/2010009|token|dynamic key/i, "TOKEN_INVALID"],
  [/2010018|area/i, "AREA_FORBIDDEN"],
];

/** One sentence for whatever was thrown; the original words follow in brackets where the sentence is a general one. */
export function explain(thrown: unknown): Problem {
  const error = thrown as { code?: unknown; name?: string; message?: string; data?: { desc?: unknown[] } };
  const code = codeOf(error);
  const known = TABLE[code];
  if (known !== undefined && code !== "UNEXPECTED" && code !== "GATEWAY_REFUSED") return { code, message: known };
  const detail = thrown instanceof LiveError ? "" : String(error?.data?.desc?.[0] ?? error?.message ?? thrown).slice(0, 200);
  return { code, message: (known ?? TABLE.UNEXPECTED) + (detail && ` (${detail})`) };
}

function codeOf(error: { code?: unknown; name?: string; message?: string; data?: { desc?: unknown[] } }): string {
  if (error?.code === "CAN_NOT_GET_GATEWAY_SERVER") return gatewayCode(`${error.data?.desc?.[0] ?? ""} ${error.message ?? ""}`);
  for (const name of [error?.code, error?.name]) {
    if (typeof name !== "string") continue;
    if (name in TABLE) return name;
    if (name in ALIASES) return ALIASES[name] as string;
  }
  return "UNEXPECTED";
}

function gatewayCode(reason: string): string {
  return GATEWAY.find(([pattern]) => pattern.test(reason))?.[1] ?? "GATEWAY_REFUSED";
}

/** The problem of a known code. */
export function problem(code: string, detail = ""): Problem {
  return { code, message: (TABLE[code] ?? TABLE.UNEXPECTED) + (detail && ` (${detail.slice(0, 200)})`) };
}
