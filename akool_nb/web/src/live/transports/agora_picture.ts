// The swapped picture in an Agora channel: whose it is, fetching it, and the sound that belongs to it.
import type { IAgoraRTCClient, IAgoraRTCRemoteUser, IRemoteVideoTrack } from "agora-rtc-sdk-ng/esm";
import { type MarkedScreen, openMarkedScreen } from "./marked.ts";
import type { Sdk } from "./sdk.ts";
import type { Listener } from "./transport.ts";

export class SwappedPicture {
  /** The remote user whose picture is shown, or being fetched. */
  shown: IAgoraRTCRemoteUser | null = null;
  /** SDK tracks whose "track-updated" is handled. */
  private readonly followed = new WeakSet<IRemoteVideoTrack>();
  private screen: Promise<MarkedScreen> | null = null;
  private audible = false;
  private mirrored = false;
  private left = false;

  /** `algorithm` is the number of the user that publishes the swapped picture; `mark` goes into its pixels. */
  constructor(
    private readonly sdk: Sdk,
    private readonly client: IAgoraRTCClient,
    private readonly algorithm: string,
    private readonly mark: string,
    private readonly listener: Listener,
  ) {
    client.on("user-published", (user, kind) => {
      if (kind === "video") void this.published(user);
      if (kind === "audio") void this.fetchSound(user);
    });
    client.on("user-unpublished", (user, kind) => {
      if (kind === "video") void this.choose(user);
    });
    client.on("user-left", (user) => void this.choose(user));
  }

  listen(yes: boolean): void {
    this.audible = yes;
    if (yes) this.letSoundThrough();
    this.playOrStop();
  }

  mirror(yes: boolean): void {
    this.mirrored = yes;
    void this.screen?.then((screen) => screen.mirror(yes));
  }

  leave(): void {
    this.left = true;
    void this.screen?.then((screen) => screen.close());
  }

  private published(user: IAgoraRTCRemoteUser): Promise<void> {
    // A picture that is published again has another track than the one that is shown.
    if (this.shown?.uid === user.uid) this.shown = null;
    return this.choose();
  }

  /** Show the algorithm's user, else the one that is shown, else any other; `except` has just stopped publishing. */
  private async choose(except?: IAgoraRTCRemoteUser): Promise<void> {
    const before = this.shown;
    const next = this.best(except);
    if (before?.uid === next?.uid) return;
    this.shown = next;
    if (before) this.release(before);
    if (next) await this.fetchPicture(next);
    else this.listener.lost();
  }

  private best(except?: IAgoraRTCRemoteUser): IAgoraRTCRemoteUser | null {
    const seen = this.client.remoteUsers.filter((user) => user.hasVideo && user.uid !== except?.uid);
    const isAlgorithm = (user: IAgoraRTCRemoteUser) => String(user.uid) === String(this.algorithm);
    return seen.find(isAlgorithm) ?? seen.find((user) => user.uid === this.shown?.uid) ?? seen[0] ?? null;
  }

  private async fetchPicture(user: IAgoraRTCRemoteUser): Promise<void> {
    try {
      await this.client.subscribe(user, "video");
    } catch {
      if (this.shown === user) this.notFetched();
      return;
    }
    // Another user may have become the one to show meanwhile.
    if (this.shown !== user) return this.release(user);
    if (user.videoTrack) this.follow(user, user.videoTrack);
    if (user.hasAudio) await this.fetchSound(user);
  }

  private follow(user: IAgoraRTCRemoteUser, track: IRemoteVideoTrack): void {
    const show = (raw: MediaStreamTrack) => {
      if (this.shown?.uid === user.uid && user.videoTrack === track) void this.show(user, raw);
    };
    show(track.getMediaStreamTrack());
    if (this.followed.has(track)) return;
    this.followed.add(track);
    // On a reconnect the SDK puts another raw track into the same remote track, and publishes nothing a second time.
    track.on("track-updated", show);
  }

  private async show(user: IAgoraRTCRemoteUser, raw: MediaStreamTrack): Promise<void> {
    raw.addEventListener("ended", () => this.rawEnded(user, raw), { once: true });
    this.screen ??= this.openScreen();
    const screen = await this.screen;
    if (this.left || this.shown?.uid !== user.uid || raw.readyState === "ended") return;
    screen.follow(raw);
    this.listener.pictured(screen);
  }

  private async openScreen(): Promise<MarkedScreen> {
    const screen = await openMarkedScreen(this.mark);
    screen.mirror(this.mirrored);
    if (this.left) screen.close();
    return screen;
  }

  /** In case an SDK swaps the raw track without an event: take the new one, or report the loss. */
  private rawEnded(user: IAgoraRTCRemoteUser, ended: MediaStreamTrack): void {
    if (this.left || this.shown?.uid !== user.uid) return;
    const raw = user.videoTrack?.getMediaStreamTrack();
    if (raw && raw !== ended && raw.readyState === "live") void this.show(user, raw);
    else this.listener.lost();
  }

  private notFetched(): void {
    this.shown = null;
    this.listener.lost();
    this.listener.warned("SUBSCRIBE_FAILED");
  }

  /** Only the sound that belongs to the picture; without it the call continues. */
  private async fetchSound(user: IAgoraRTCRemoteUser): Promise<void> {
    if (this.shown?.uid !== user.uid) return;
    await this.client.subscribe(user, "audio").catch(() => undefined);
    if (this.shown?.uid === user.uid) this.playOrStop();
  }

  private release(user: IAgoraRTCRemoteUser): void {
    // The same user may be shown again while it is being released.
    if (this.shown?.uid === user.uid) return;
    user.audioTrack?.stop();
    void this.client.unsubscribe(user).catch(() => undefined);
  }

  /**
   * Browsers play no sound on a page that was never clicked; a call of this within a click ends that.
   * https://developer.mozilla.org/en-US/docs/Web/Media/Autoplay_guide#Autoplay_and_autoplay_blocking
   */
  private letSoundThrough(): void {
    // The SDK's "autoplay-failed" event leaves out audio elements; this callback includes them.
    this.sdk.onAudioAutoplayFailed(() => {
      if (this.audible) this.listener.soundHeld();
    });
    void this.sdk.resumeAudioContext();
  }

  /** Remote sound starts muted, because it is one's own voice coming back. */
  private playOrStop(): void {
    const track = this.shown?.audioTrack;
    if (this.audible) track?.play();
    else track?.stop();
  }
}
