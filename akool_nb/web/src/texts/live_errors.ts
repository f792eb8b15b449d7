// What can go wrong in a live call: one sentence per code, with what to do. live/errors.ts finds the code.
import { camera } from "./shared.ts";

const MOVING = "Or use the moving picture instead.";
const HOSTS = "webrtc2-ap-web-1.agora.io, webrtc2-2.ap.sd-rtn.com, *.edge.agora.io, *.edge.sd-rtn.com";

/** One sentence per failure, with what to do. */
export const TABLE: Readonly<Record<string, string>> = {
  // the camera
  PERMISSION_DENIED: `${camera.denied} ${MOVING}`,
  DEVICE_NOT_FOUND: `${camera.none} ${MOVING}`,
  NOT_READABLE: `${camera.busy} ${MOVING}`,
  CAMERA_FAILED: `${camera.other} Unplug it and plug it in again, or choose another one in the menu. ${MOVING}`,
  CAMERA_UNFIT:
    "This camera does not give the picture that is needed (640×480 at 20 frames a second). Choose another one in " +
    `the menu. ${MOVING}`,
  ENUMERATE_DEVICES_FAILED: `The browser does not list its cameras. Reload the page and press Start again. ${MOVING}`,
  MICROPHONE_FAILED:
    "The microphone could not be opened, so the call goes on without sound. Choose another one in the menu.",
  MICROPHONE_ENDED: "The microphone stopped by itself: it was unplugged or taken away. Choose another one in the menu.",
  INSECURE_PAGE: `${camera.insecure} ${MOVING}`,
  HOST_WITHOUT_CAMERA: `This notebook program cannot open a camera. ${MOVING}`,
  NO_MEDIA_API: `${camera.missing} ${MOVING}`,
  BLOCKED_BY_POLICY: `${camera.blocked} ${MOVING}`,
  CAMERA_ENDED: "The camera stopped by itself: it was unplugged or taken away. Choose a camera and press Start again.",
  // Agora
  JOIN_TIMEOUT:
    "Agora did not answer in time. A network, proxy or firewall is in the way; these hosts must be reachable: " +
    `${HOSTS}.`,
  NETWORK_RESPONSE_ERROR:
    "Something other than Agora answered: a proxy or firewall, perhaps with a page to sign in. These hosts must be " +
    `reachable: ${HOSTS}.`,
  ICE_FAILED:
    "Agora was reached, but no way for the picture was found: a firewall or VPN lets no video through. Try another " +
    "network.",
  SUBSCRIBE_FAILED: "The swapped picture could not be fetched from Agora. Press Stop, then Start again.",
  NOT_SUPPORTED: "This browser is not made for calls through Agora. Use a current Chrome, Edge, Firefox or Safari.",
  INVALID_PARAMS:
    "Agora refused the join data. Create a new session; if it happens again, the create answer carried no app id.",
  APP_ID_UNKNOWN: "Agora does not know the app id of this session. Create a new session.",
  APP_ID_DIFFERS:
    "The app id of the create answer is not the one in its token; the answer's is used. If joining fails, create a " +
    "new session.",
  TOKEN_INVALID: "Agora refused the token: it does not fit this channel or user. Create a new session.",
  TOKEN_EXPIRE: "The session's hour is over. Create a new session.",
  TOKEN_ENDING: "This session ends in half a minute. Create a new one to go on.",
  AREA_FORBIDDEN: "Agora does not offer its service in this region.",
  GATEWAY_REFUSED: "Agora refused the session. Create a new session.",
  UID_CONFLICT: "This session is already open on another page. Close it there, or create a new session.",
  CHANNEL_GONE: "Agora ended the channel. Create a new session.",
  NO_SWAPPED_VIDEO:
    "No swapped picture came within 25 seconds. Likely causes: the service is still queuing (see the session's " +
    "status), the credits are used up, or the source face was refused. Wait, or create a new session.",
  PICTURE_HIDDEN: "Your picture is hidden, so there is no swapped picture. Show your picture to go on.",
  SWAPPED_VIDEO_GONE: "The swapped picture went away. It may come back; if not, create a new session.",
  SDK_NOT_LOADED: "Agora's SDK could not be loaded into this page. Reload the notebook and run the cell again.",
  NO_KERNEL_ANSWER: "The kernel did not answer. It may be busy: wait for its cell to end and press Start again.",
  KERNEL_BUSY: "Python is busy. The picture starts when it is free.",
  // the sandbox
  SANDBOX_UNREACHABLE:
    "The sandbox could not be reached from this page, neither directly nor through the Jupyter server nor through " +
    "the kernel. Run the cell again.",
  SANDBOX_REFUSED:
    "The sandbox refused the connection: the session is closed or its hour is over. Create a new session.",
  // the session
  SESSION_CLOSED: "The session was closed. Create a new one to go on.",
  CREDITS_GONE: "The credits are used up, so the session ended. Top up, or go on with another account or the sandbox.",
  SESSION_FAILED:
    "The service reports that this session failed (faceswap_status 4). Create a new session, perhaps with another " +
    "face.",
  NO_SESSION: "There is no session yet. Create one first: client.create(face).",
  KERNEL_GONE: "The kernel restarted, or close() was called, so camera and call were switched off. Run the cell again.",
  RECORDING_FAILED: "This browser cannot record the picture. Use a current Chrome, Edge or Firefox.",
  NOT_CREATED: "No session was opened.",
  UNEXPECTED: "Something unforeseen happened. Press Start again.",
};
