// One live call: its state, its streams, its end. It belongs to the widget's model; any number of views show it.
import type { Channel } from "../ui/channel.ts";
import { DeviceChoice } from "./choice.ts";
import { Creation } from "./creation.ts";
import { explain, type Problem, problem } from "./errors.ts";
import { Patience } from "./patience.ts";
import { Report, RUNNING, type State } from "./report.ts";
import { Run, type Settings } from "./run.ts";
import { runningCalls } from "./running_calls.ts";
import { Seconds } from "./seconds.ts";
import { LiveTraits } from "./traits.ts";
import { makeTransport } from "./transports/make.ts";
import { Pulse } from "./transports/pulse.ts";
import { SandboxTransport } from "./transports/sandbox.ts";
import type { Screen } from "./transports/screen.ts";
import { type Choice, DRAWN, type Figures, type Listener, LiveError, SILENT } from "./transports/transport.ts";
import { Views } from "./views.ts";

/** Troubles that end when the swapped picture comes. */
const WITHOUT_PICTURE: ReadonlySet<string> = new Set(["NO_SWAPPED_VIDEO", "SWAPPED_VIDEO_GONE", "PICTURE_HIDDEN"]);

type Shown = Partial<Pick<Call, "local" | "remote" | "trouble" | "figures">>;

export class Call {
  state: State = "idle";
  trouble: Problem | null = null;
  local: MediaStream | null = null;
  remote: Screen | null = null;
  figures: Figures | null = null;
  readonly muted = { video: false, audio: false };
  audible = false;
  /** The sound is wanted, but the browser plays none until the user clicks. */
  soundHeld = false;
  readonly traits: LiveTraits;
  readonly devices: DeviceChoice;
  /** How a view asks for the consent; it calls `action` if the tick is set soon. */
  askConsent: ((action: () => void) => void) | null = null;
  private refusal: Problem | null = null;
  private run: Run | null = null;
  private readonly patience = new Patience(
    () => this.trouble,
    (trouble) => this.become(this.state, { trouble }),
  );
  private readonly creation: Creation;
  private readonly pulse: Pulse;
  readonly views = new Views(() => void this.stop());
  private readonly seconds = new Seconds(() => this.tick());

  constructor(
    readonly channel: Channel,
    readonly report = new Report(channel),
  ) {
    this.traits = new LiveTraits(channel);
    this.devices = new DeviceChoice(this.traits.drawn);
    this.creation = new Creation(channel);
    this.pulse = new Pulse(channel, () => void this.stop("KERNEL_GONE"));
    channel.hear("start", () => void this.start());
    channel.hear("stop", () => void this.stop());
    channel.hear("ended", ({ code }: { code: string }) => void this.stop(code));
    channel.on("change:session_id", () => void this.sessionChanged());
    channel.on("change:mirror", () => this.run?.now?.mirror(this.settings.mirrored));
    // Another page has taken the call over, or has ended its own.
    channel.on("change:page", () => this.pageChanged());
    channel.on("change:state", () => this.views.changed());
    // Kernel restart, kernel death and close(): no clean-up runs in the page, this event is the only sign.
    channel.on("comm_live_update", () => void this.stop("KERNEL_GONE"));
    addEventListener("pagehide", this.leavePage);
  }

  get running(): boolean {
    return RUNNING.has(this.state);
  }

  /** Another page runs the call: a second tab, another person, or the page of `open_page()`. */
  get elsewhere(): boolean {
    return !this.running && this.report.elsewhere;
  }

  get choice(): Choice {
    return this.devices.wanted;
  }

  private get settings(): Settings {
    return { muted: this.muted, audible: this.audible, mirrored: this.traits.mirrored };
  }

  /** Milliseconds from the camera to the swapped picture, where the transport knows. */
  get delay(): number | null {
    return this.run?.now?.figures().delay_ms ?? null;
  }

  /** Show the camera before the call, so that people see themselves first. */
  async preview(): Promise<void> {
    if (this.running || this.elsewhere) return;
    await this.withConsent(() =>
      this.perform(async (run) => {
        await run.use(this.plainCamera(run), this.settings);
        this.become("preview", { local: await run.open(() => this.choice) });
      }),
    );
  }

  async start(): Promise<void> {
    if (!this.running && !this.elsewhere) await this.withConsent(() => this.begin());
  }

  /** Go on here with the call that another page runs. */
  async takeOver(): Promise<void> {
    await this.withConsent(() => this.begin());
  }

  /** Leave and switch the camera off; with a code if the user did not ask for it. */
  async stop(code?: string, detail?: string): Promise<void> {
    this.views.keep();
    const was = this.state;
    const trouble = code ? problem(code, detail) : null;
    // The camera first: whatever else fails, its light is off. A camera that is still being opened counts too.
    const left = this.drop();
    if (RUNNING.has(was)) this.become(trouble && code !== "SESSION_CLOSED" ? "failed" : "stopped", { trouble });
    else if (was === "preview") this.become("idle", { trouble });
    else if (trouble) this.become(was, { trouble });
    else this.views.changed();
    await left;
  }

  async end(): Promise<void> {
    removeEventListener("pagehide", this.leavePage);
    await this.stop();
    this.channel.close();
  }

  async choose(choice: Partial<Choice>): Promise<void> {
    const { run } = this;
    const opensCamera = run !== null && (choice.camera ?? DRAWN) !== DRAWN;
    if (opensCamera && !this.traits.consent) return this.askConsent?.(() => void this.choose(choice));
    this.devices.decide(choice);
    this.views.changed();
    if (run && this.running) await this.exchange(run);
    else if (run) await this.preview();
  }

  async mute(kind: "video" | "audio", muted: boolean): Promise<void> {
    this.muted[kind] = muted;
    await this.run?.now?.mute(kind, muted).catch(() => undefined);
    this.views.changed();
  }

  listen(yes: boolean): void {
    this.audible = yes;
    this.holdSound(false);
    this.run?.now?.listen(yes);
  }

  /** A camera opens only after the tick; the drawn face belongs to no person. */
  private async withConsent(act: () => Promise<void>): Promise<void> {
    if (this.choice.camera === DRAWN || this.traits.consent) await act();
    else this.askConsent?.(() => void act());
  }

  private holdSound(held: boolean): void {
    this.soundHeld = held;
    this.views.changed();
  }

  /** A device that is refused ends nothing: the one before is still on. */
  private async exchange(run: Run): Promise<void> {
    let wanted = this.choice;
    const newest = () => {
      wanted = this.choice;
      return wanted;
    };
    try {
      const { local, failure } = await run.change(newest);
      this.local = local;
      if (failure) throw failure;
      this.devices.opened = wanted;
      this.become(this.state, { trouble: this.trouble === this.refusal ? null : this.trouble });
    } catch (error) {
      if (!run.over) this.refuse(wanted, error);
    }
  }

  private refuse(wanted: Choice, error: unknown): void {
    this.refusal = explain(error);
    // Something else may have been chosen meanwhile, which is tried next.
    if (this.choice === wanted) this.devices.decide(this.devices.opened);
    const [track] = this.local?.getTracks() ?? [];
    if (track?.readyState === "ended") void this.stop(this.refusal.code);
    else this.become(this.state, { trouble: this.refusal });
  }

  private async begin(): Promise<void> {
    const { session } = this.traits;
    const before = runningCalls().get(session);
    this.report.claim();
    const performed = this.perform(async (run) => {
      if (this.traits.creates) await this.create(run);
      else if (!session) throw new LiveError("NO_SESSION");
      if (before && before !== this) await run.during(before.stop());
      await this.enter(run);
    }, "starting");
    // Not later: of two widgets that start together the second one has to find the first.
    if (session) runningCalls().set(session, this);
    await performed;
  }

  private async create(run: Run): Promise<void> {
    await run.use(this.plainCamera(run), this.settings);
    await this.open(run);
    await this.patience.during(run, this.creation.ask(run));
    runningCalls().set(this.traits.session, this);
  }

  /** A picture for this page only: the sandbox's transport opens the plain camera and joins nothing. */
  private plainCamera(run: Run): SandboxTransport {
    return new SandboxTransport("", this.channel, this.listener(run));
  }

  private async open(run: Run): Promise<void> {
    const local = await run.open(() => {
      this.devices.opened = this.choice;
      return this.choice;
    });
    this.become("starting", { local });
  }

  private async enter(run: Run): Promise<void> {
    await run.use(this.patience.during(run, makeTransport(this.channel, this.listener(run))), this.settings);
    await this.open(run);
    const joining = run.join();
    // The sandbox may be reached through Python; Agora never is.
    await (run.now instanceof SandboxTransport ? this.patience.during(run, joining) : joining);
    run.now?.listen(this.audible);
    if (!this.remote) this.become("joined");
    this.patience.expectPicture(() => this.remote !== null);
    this.pulse.begin();
    this.seconds.start();
  }

  private listener(run: Run): Listener {
    const unlessOver =
      <A extends unknown[]>(act: (...args: A) => void) =>
      (...args: A) => {
        if (!run.over) act(...args);
      };
    return {
      pictured: unlessOver((remote) => this.become("live", { remote, trouble: this.troubleBeside(WITHOUT_PICTURE) })),
      lost: unlessOver(() => this.lose()),
      reconnecting: unlessOver((yes) => this.become(yes ? "reconnecting" : this.connected)),
      ended: unlessOver((code, detail) => void this.stop(code, detail)),
      beat: unlessOver(() => this.seconds.beat()),
      soundHeld: unlessOver(() => this.holdSound(true)),
      silenced: unlessOver((code) => this.silence(code)),
      warned: unlessOver((code, detail) => this.become(this.state, { trouble: problem(code, detail) })),
    };
  }

  private get connected(): State {
    return this.remote ? "live" : "joined";
  }

  private troubleBeside(over: ReadonlySet<string>): Problem | null {
    return this.trouble && over.has(this.trouble.code) ? null : this.trouble;
  }

  private lose(): void {
    const trouble = problem(this.muted.video ? "PICTURE_HIDDEN" : "SWAPPED_VIDEO_GONE");
    this.become("joined", { remote: null, trouble });
  }

  private silence(code: string): void {
    this.devices.decide({ microphone: SILENT });
    this.devices.opened = this.choice;
    this.become(this.state, { trouble: problem(code) });
  }

  /** Do it in a new run; a failure ends the run with a sentence. */
  private async perform(act: (run: Run) => Promise<void>, state = this.state): Promise<void> {
    const left = this.drop();
    const run = new Run();
    this.run = run;
    if (state === this.state) this.views.changed();
    else this.become(state, { trouble: null, figures: null });
    try {
      await run.during(left);
      await act(run);
    } catch (error) {
      if (run.over) return;
      const ended = this.drop();
      this.become("failed", { trouble: explain(error) });
      await ended;
    }
  }

  private async drop(): Promise<void> {
    this.seconds.stop();
    this.patience.end();
    for (const [session, call] of runningCalls()) if (call === this) runningCalls().delete(session);
    const { run } = this;
    this.run = null;
    // A device that is off is not shown any more, not even its last frame.
    this.local = null;
    this.remote = null;
    const ended = run?.end();
    this.creation.withdraw();
    await ended;
  }

  private tick(): void {
    this.pulse.look(this.remote !== null);
    this.figures = this.run?.now?.figures() ?? null;
    this.report.count(this.figures);
    this.views.changed();
  }

  private become(state: State, shown: Shown = {}): void {
    this.state = state;
    Object.assign(this, shown);
    if (!this.report.elsewhere) this.report.send(state, this.trouble);
    this.views.changed();
  }

  private pageChanged(): void {
    if (this.running && this.report.elsewhere) void this.stop();
    else this.views.changed();
  }

  private async sessionChanged(): Promise<void> {
    // This call joins the session that it has asked for.
    if (this.creation.pending) return;
    const wasRunning = this.running;
    if (wasRunning) await this.stop();
    if (this.traits.hasSession && (wasRunning || this.traits.startsItself)) await this.start();
    else if (this.state !== "preview" && !this.elsewhere) this.become("idle", { trouble: null });
  }

  private readonly leavePage = () => {
    if (this.running) this.report.gone();
    void this.stop();
  };
}
