// The real transport: the browser joins AKOOL's Agora channel and shows what the algorithm's user publishes.
// https://docs.akool.com/ai-tools-suite/live-faceswap
// https://docs.agora.io/en/video-calling/get-started/get-started-sdk?platform=web
import type { ClientConfig, IAgoraRTCClient, ILocalTrack, SDK_CODEC, SDK_MODE } from "agora-rtc-sdk-ng/esm";
import { LocalDevices } from "./agora_devices.ts";
import { SwappedPicture } from "./agora_picture.ts";
import type { Sdk } from "./sdk.ts";
import {
  type Changed,
  type Choice,
  type Figures,
  type Listener,
  LiveError,
  type Transport,
  within,
} from "./transport.ts";

/** The SDK never gives up joining without a network, so the time is limited here (ms). */
const JOIN_LIMIT = 15_000;

/** Why Agora ended the connection; any other reason is CHANNEL_GONE. */
const REASONS: Readonly<Record<string, string>> = {
  TOKEN_EXPIRE: "TOKEN_EXPIRE",
  UID_CONFLICT: "UID_CONFLICT",
  UID_BANNED: "UID_CONFLICT",
};

/** The numbers of Agora's cloud proxy modes, see `startProxyServer` in the SDK's declarations. */
const PROXY_MODES: Readonly<Record<string, number>> = { udp: 3, tcp: 5 };

/** The join data: what `create` answered, sent by Python when asked. */
export interface JoinTicket {
  app_id: string;
  channel_id: string;
  front_user_id: string;
  algorithm_user_id: string;
  front_rtc_token: string;
  app_id_differs: boolean;
  mode: SDK_MODE;
  codec: SDK_CODEC;
  cloud_proxy?: string;
  join_limit_ms?: number;
}

export class AgoraTransport implements Transport {
  private readonly devices: LocalDevices;
  private client: IAgoraRTCClient | null = null;
  private picture: SwappedPicture | null = null;
  private mirrored = false;
  private joined = false;
  private left = false;

  /** `mark` is the text in the swapped picture, "" for nothing. */
  constructor(
    private readonly sdk: Sdk,
    private readonly ticket: JoinTicket,
    private readonly listener: Listener,
    private readonly mark: string,
  ) {
    this.devices = new LocalDevices(sdk, listener, (old, next) => this.republish(old, next));
  }

  async open(choice: Choice): Promise<MediaStream> {
    if (this.ticket.app_id_differs) this.listener.warned("APP_ID_DIFFERS");
    return this.devices.open(choice);
  }

  async join(): Promise<void> {
    if (this.left) throw new LiveError("UNEXPECTED");
    const { app_id, channel_id, front_rtc_token, front_user_id } = this.ticket;
    const client = this.createClient();
    // The SDK wants a number: a text makes it call extra hosts, and all users of a channel must be of one type.
    const joining = client.join(app_id, channel_id, front_rtc_token, Number(front_user_id));
    await within(joining, this.ticket.join_limit_ms ?? JOIN_LIMIT, "JOIN_TIMEOUT");
    this.joined = true;
    if (this.left) return void client.leave().catch(() => undefined);
    await client.publish(this.devices.tracks);
  }

  change(choice: Choice): Promise<Changed> {
    return this.devices.change(choice);
  }

  mute(kind: "video" | "audio", muted: boolean): Promise<void> {
    return this.devices.mute(kind, muted);
  }

  listen(yes: boolean): void {
    this.picture?.listen(yes);
  }

  mirror(yes: boolean): void {
    this.mirrored = yes;
    this.picture?.mirror(yes);
  }

  figures(): Figures {
    const whole = this.client?.getRTCStats();
    const out = this.client?.getLocalVideoStats();
    const shown = this.picture?.shown;
    const back = shown ? this.client?.getRemoteVideoStats()[String(shown.uid)] : undefined;
    return {
      fps_out: out?.sendFrameRate ?? null,
      fps_in: back?.receiveFrameRate ?? null,
      width: back?.receiveResolutionWidth || null,
      height: back?.receiveResolutionHeight || null,
      kbps_out: kilobits(out?.sendBitrate),
      kbps_in: kilobits(back?.receiveBitrate),
      round_trip_ms: whole?.RTT ?? null,
      // The SDK's end2EndDelay measures only the way back, without the way out and the swap.
      delay_ms: null,
      dropped: 0,
    };
  }

  async leave(): Promise<void> {
    this.left = true;
    this.devices.leave();
    this.picture?.leave();
    const client = this.client;
    this.client = null;
    client?.removeAllListeners();
    await client?.leave().catch(() => undefined);
  }

  private createClient(): IAgoraRTCClient {
    const { mode, codec, algorithm_user_id, cloud_proxy } = this.ticket;
    const config: ClientConfig = { mode, codec };
    // In this mode a client is "audience" unless it says otherwise, and may publish nothing.
    if (mode === "live") config.role = "host";
    const client = this.sdk.createClient(config);
    if (cloud_proxy) client.startProxyServer(PROXY_MODES[cloud_proxy]);
    this.client = client;
    this.picture = new SwappedPicture(this.sdk, client, algorithm_user_id, this.mark, this.listener);
    this.picture.mirror(this.mirrored);
    client.on("token-privilege-will-expire", () => this.listener.warned("TOKEN_ENDING"));
    client.on("token-privilege-did-expire", () => this.listener.ended("TOKEN_EXPIRE"));
    client.on("connection-state-change", (now, before, reason) => this.connection(now, before, reason));
    return client;
  }

  private connection(now: string, before: string, reason = ""): void {
    if (now === "RECONNECTING") this.listener.reconnecting(true);
    if (now === "CONNECTED" && before === "RECONNECTING") this.listener.reconnecting(false);
    // This event has the reason, and comes before the event of its own that some reasons have.
    if (now === "DISCONNECTED" && this.joined && reason !== "LEAVE") this.disconnected(reason);
  }

  private disconnected(reason: string): void {
    const code = REASONS[reason];
    if (code) this.listener.ended(code);
    else this.listener.ended("CHANNEL_GONE", reason);
  }

  private async republish(old: ILocalTrack | null, next: ILocalTrack | null): Promise<void> {
    if (!this.joined) return;
    if (old) await this.client?.unpublish([old]);
    if (next) await this.client?.publish([next]);
  }
}

function kilobits(bits: number | undefined): number | null {
  return bits === undefined ? null : Math.round(bits / 1000);
}
