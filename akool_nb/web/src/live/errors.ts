// What can go wrong in the browser, each as one sentence with what to do. Codes of Agora's SDK and of the browser are
// gathered under the same names; the words are in texts/live_errors.ts.
import { TABLE } from "../texts/live_errors.ts";

/** What the view shows and `.error` carries. */
export interface Problem {
  code: string;
  message: string;
}

/** Names under which browsers and Agora's SDK report the same thing. */
const ALIASES: Readonly<Record<string, string>> = {
  // ui/camera.ts
  denied: "PERMISSION_DENIED",
  none: "DEVICE_NOT_FOUND",
  busy: "NOT_READABLE",
  insecure: "INSECURE_PAGE",
  missing: "NO_MEDIA_API",
  blocked: "BLOCKED_BY_POLICY",
  other: "CAMERA_FAILED",
  // DOMException names
  NotAllowedError: "PERMISSION_DENIED",
  SecurityError: "PERMISSION_DENIED",
  NotFoundError: "DEVICE_NOT_FOUND",
  OverconstrainedError: "DEVICE_NOT_FOUND",
  NotReadableError: "NOT_READABLE",
  AbortError: "NOT_READABLE",
  // Agora: AgoraRTCErrorCode in the SDK's declarations
  MEDIA_OPTION_INVALID: "CAMERA_UNFIT",
  CONSTRAINT_NOT_SATISFIED: "CAMERA_UNFIT",
  WEB_SECURITY_RESTRICT: "INSECURE_PAGE",
  WS_ABORT: "JOIN_TIMEOUT",
  NETWORK_ERROR: "JOIN_TIMEOUT",
  NETWORK_TIMEOUT: "JOIN_TIMEOUT",
  TIMEOUT: "JOIN_TIMEOUT",
  API_INVOKE_TIMEOUT: "JOIN_TIMEOUT",
};

/** Agora's access point gives numbers: https://docs.agora.io/en/video-calling/reference/error-codes */
const GATEWAY: ReadonlyArray<readonly [RegExp, string]> = [
  [/2010005|app ?id/i, "APP_ID_UNKNOWN"],
  [/2010010|2010013|expire|timed? ?out/i, "TOKEN_EXPIRE"],
  [/2010009|token|dynamic key/i, "TOKEN_INVALID"],
  [/2010018|area/i, "AREA_FORBIDDEN"],
];

const GENERAL: ReadonlySet<string> = new Set(["UNEXPECTED", "GATEWAY_REFUSED", "NOT_CREATED"]);

/** One sentence for whatever was thrown; the original words follow in brackets where the sentence is a general one. */
export function explain(thrown: unknown): Problem {
  const error = thrown as { code?: unknown; name?: string; message?: string; data?: { desc?: unknown[] } };
  const code = codeOf(error);
  // The message of a LiveError is its code, unless it has a detail.
  const isGeneral = GENERAL.has(code) && error?.message !== code;
  return problem(code, isGeneral ? String(error?.data?.desc?.[0] ?? error?.message ?? thrown) : "");
}

function codeOf(error: { code?: unknown; name?: string; message?: string; data?: { desc?: unknown[] } }): string {
  // The SDK's word for every failure of getUserMedia but a refusal and a device in use.
  if (error?.code === "UNEXPECTED_ERROR" && /getUserMedia/.test(error.message ?? "")) return "CAMERA_UNFIT";
  if (error?.code === "CAN_NOT_GET_GATEWAY_SERVER")
    return gatewayCode(`${error.data?.desc?.[0] ?? ""} ${error.message ?? ""}`);
  for (const name of [error?.code, error?.name, error]) {
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
