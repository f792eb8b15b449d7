// Agora's SDK as one file: the esm build has only named exports (its README's default export does not exist).
// https://docs.agora.io/en/video-calling/get-started/get-started-sdk?platform=web
export * from "agora-rtc-sdk-ng/esm";
