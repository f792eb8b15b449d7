// What a real session needs and nothing else does: Agora's SDK, and our transport on it, as one file.
// The SDK's esm build has only named exports (its README's default export does not exist).
// https://docs.agora.io/en/video-calling/get-started/get-started-sdk?platform=web
export * from "agora-rtc-sdk-ng/esm";
export { AgoraTransport } from "../live/transports/agora.ts";
export { TRANSPORT_VERSION as transportVersion } from "../live/transports/sdk.ts";
