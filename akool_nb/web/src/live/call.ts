// One live call: its state, its streams, its end. It belongs to the widget's model; any number of views show it.
import type { Channel } from "../ui/channel.ts";
import type { Ticket } from "./transports/agora.ts";
import { ask } from "./transports/ask.ts";
import { explain, type Problem, problem } from "./errors.ts";
import { Pulse } from "./transports/pulse.ts";
import { SandboxTransport } from "./transports/sandbox.ts";
import { loadAgora } from "./transports/sdk.ts";
import {
  type Choice,
  DRAWN,
  type Figures,
  type Listener,
  LiveError,
  SILENT,
  type Transport,
} from "./transports/transport.ts";

/** The words of `LiveView.state`. */
export type State = "idle" | "preview" | "starting" | "joined" | "live" | "reconnecting" | "stopped" | "failed";

export const RUNNING: ReadonlySet<State> = new Set<State>(["starting", "joined", "live", "reconnecting"]);

const SWAP_PATIENCE = 25_000;
/** How long (ms) Python may be silent before it is called busy. */
const BUSY_AFTER = 10_000;
/** How long (ms) a call without any view lives on: moving a cell takes its view away and brings it back. */
const GRACE = 1000;
/**
 * How long (ms) a widget waits before it goes on with a stream whose widget is gone: is the kernel gone, it hears of it
 * by then.
 */
const HANDOVER = 300;
/** The figures are told once a second (ms); a little less, for timers and frames are never quite on time. */
const SECOND = 990;
const REMEMBERED = "akool_nb.devices";

/** The running calls of this page by session, so that two widgets of one session share one stream. */
const page = globalThis as { [RUNNING_CALLS]?: Map<string, Call> };
const RUNNING_CALLS = Symbol.for("akool_nb.calls");

export class Call {
  state: State = "idle";
  trouble: Problem | null = null;
  local: MediaStream | null = null;
  remote: MediaStream | null = null;
  figures: Figures | null = null;
  readonly muted = { video: false, audio: false };
  audible = false;
  /** The sound is wanted, but the browser keeps it back until somebody clicks. */
  soundHeld = false;
  choice: Choice = rememberedChoice();
  /** The last choice that was not refused. */
  private opened: Choice = this.choice;
  private refusal: Problem | null = null;
  private transport: Transport | null = null;
  /** The call of another widget whose streams are shown here. */
  private leader: Call | null = null;
  private unfollow: () => void = () => undefined;
  private lettingGo = false;
  private line: Promise<unknown> = Promise.resolve();
  private readonly pulse: Pulse;
  private readonly watchers = new Set<() => void>();
  private views = 0;
  private run = 0;
  private ticker = 0;
  private patience = 0;
  private grace = 0;
  private ticked = 0;

  constructor(readonly channel: Channel) {
    if (channel.model.get("camera") === DRAWN) this.choice = { ...this.choice, camera: DRAWN };
    channel.hear("start", () => void this.start());
    channel.hear("stop", () => void this.hangUp());
    channel.hear("ended", ({ code }: { code: string }) => void this.stop(code));
    channel.on("change:session_id", () => void this.sessionChanged());
    channel.on("change:elsewhere", () => this.elsewhere && void this.stop());
    // Kernel restart, kernel death and close(): no clean-up runs in the page, this event is the only sign.
    channel.on("comm_live_update", () => void this.letGo("KERNEL_GONE"));
    this.pulse = new Pulse(channel, () => void this.letGo("KERNEL_GONE"));
    addEventListener("pagehide", this.leavePage);
  }

  get running(): boolean {
    return RUNNING.has(this.state);
  }

  /** The view's own page runs the picture: this one shows that, and neither starts nor reports anything. */
  get elsewhere(): boolean {
    return this.channel.model.get("elsewhere") === true;
  }

  /** The sandbox carries no sound: then there is no microphone menu. */
  get carriesSound(): boolean {
    return this.channel.model.get("transport") === "agora";
  }

  private get session(): string {
    return this.channel.model.get("session_id");
  }

  /** Tell the view of every change; the returned function ends it. */
  watch(look: () => void): () => void {
    this.watchers.add(look);
    this.views += 1;
    this.stay();
    return () => {
      this.watchers.delete(look);
      this.views -= 1;
      if (this.views === 0) this.grace = later(() => void this.letGo(), GRACE);
    };
  }

  /** Show the camera before the call, so that people see themselves first. */
  async preview(): Promise<void> {
    if (this.running) return;
    const run = ++this.run;
    await this.attempt(run, async () => {
      const left = this.drop();
      this.changed();
      await left;
      if (run !== this.run) return;
      // A picture for this page only: the sandbox transport opens the plain camera and joins nothing.
      const transport = this.take(new SandboxTransport("", this.channel, this.listener(run)));
      const local = await this.inTurn(() => transport.open(this.choice));
      if (run !== this.run) return void transport.leave();
      this.become("preview", { local });
    });
  }

  async start(): Promise<void> {
    if (!this.running && !this.elsewhere) await this.begin();
  }

  /** Stop was pressed: the camera is off, also for the widgets that share its stream. */
  async hangUp(): Promise<void> {
    await (this.leader ?? this).stop();
  }

  /** Leave, switch the camera off; with a code when it was not the user who wished it. */
  async stop(code?: string, detail?: string): Promise<void> {
    this.stay();
    const was = this.state;
    this.run += 1;
    const trouble = code ? problem(code, detail) : null;
    // The camera first: whatever else goes wrong, its light is off. A camera that was only asked for counts too.
    const left = this.drop();
    if (was === "idle" || was === "stopped" || was === "failed") this.remark(trouble);
    else if (was === "preview") this.become("idle", { trouble });
    else this.become(code && code !== "SESSION_CLOSED" ? "failed" : "stopped", { trouble });
    await left;
  }

  /** The model ends. */
  async end(): Promise<void> {
    removeEventListener("pagehide", this.leavePage);
    await this.letGo();
    this.channel.close();
  }

  /** Another camera or microphone, now or in mid-stream. */
  async choose(choice: Partial<Choice>): Promise<void> {
    this.decide({ ...this.choice, ...choice });
    if (this.leader) return this.leader.choose(choice);
    const { transport } = this;
    this.changed();
    if (transport && this.running) await this.inTurn(() => this.exchange(transport));
    else if (transport) await this.preview();
  }

  /** A device that is refused ends nothing: the one before is still on, and sending. */
  private async exchange(transport: Transport): Promise<void> {
    const wanted = this.choice;
    const mine = () => transport === this.transport;
    try {
      const local = await transport.change(wanted);
      if (!mine()) return;
      this.opened = wanted;
      this.become(this.state, { local, trouble: this.trouble === this.refusal ? null : this.trouble });
    } catch (error) {
      if (!mine()) return;
      // Unless something else was chosen meanwhile, which is tried next.
      if (this.choice === wanted) this.decide(this.opened);
      this.refusal = explain(error);
      this.remark(this.refusal);
    }
  }

  private decide(choice: Choice): void {
    this.choice = choice;
    rememberChoice(choice);
  }

  /** What was chosen is not there any more: the browser's default takes its place, from the next start on. */
  forget(device: keyof Choice): void {
    this.decide({ ...this.choice, [device]: device === "camera" ? "" : SILENT });
  }

  async mute(kind: "video" | "audio", muted: boolean): Promise<void> {
    if (this.leader) return this.leader.mute(kind, muted);
    this.muted[kind] = muted;
    await this.transport?.mute(kind, muted).catch(() => undefined);
    this.changed();
  }

  listen(yes: boolean): void {
    if (this.leader) return this.leader.listen(yes);
    this.audible = yes;
    this.holdSound(false);
    this.transport?.listen(yes);
  }

  private holdSound(held: boolean): void {
    this.soundHeld = held;
    this.changed();
  }

  private async begin(): Promise<void> {
    const run = ++this.run;
    const { session } = this;
    const left = [this.drop()];
    const other = calls().get(session);
    if (other?.running && !other.abandoned) return this.follow(other);
    if (other) left.push(other.stop());
    // At once, so that two widgets that start together do not both open the camera.
    if (session) calls().set(session, this);
    this.become("starting", { trouble: null, figures: null });
    await this.attempt(run, async () => {
      if (!session) throw new LiveError("NO_SESSION");
      await Promise.all(left);
      if (run === this.run) await this.enter(run);
    });
  }

  /** Another widget of this page runs the same session: show its streams, and count as a view of it. */
  private follow(leader: Call): void {
    const unwatch = leader.watch(() => this.mirror(leader));
    this.leader = leader;
    this.unfollow = () => {
      this.unfollow = () => undefined;
      this.leader = null;
      unwatch();
    };
    this.mirror(leader);
  }

  private mirror(leader: Call): void {
    const { state, local, remote, trouble, audible, soundHeld, choice, figures } = leader;
    if (!leader.running) this.unfollow();
    if (!leader.running && leader.lettingGo) return void this.takeOver();
    Object.assign(this.muted, leader.muted);
    Object.assign(this, { audible, soundHeld, choice, figures });
    // Python has to hear from each view; from one that is silent it thinks that its page is gone.
    if (leader.running) this.channel.set("stats", figures ?? {});
    const same = state === this.state && local === this.local && remote === this.remote && trouble === this.trouble;
    if (same) this.changed();
    else this.become(state, { local, remote, trouble });
  }

  /** The widget whose stream was shown here is gone, this one is not: go on with a stream of its own. */
  private async takeOver(): Promise<void> {
    if (this.views === 0) return this.stop();
    const run = ++this.run;
    this.become("starting", { local: null, remote: null, trouble: null });
    await new Promise((resolve) => setTimeout(resolve, HANDOVER));
    if (run === this.run) await this.begin();
  }

  /** This widget alone lets go of the call; those that share its stream go on without it. */
  private async letGo(code?: string): Promise<void> {
    this.lettingGo = true;
    const left = this.stop(code);
    this.lettingGo = false;
    await left;
  }

  /** A view is there, or the matter is settled. */
  private stay(): void {
    clearTimeout(this.grace);
    this.grace = 0;
  }

  /** Its last view went away a moment ago. */
  private get abandoned(): boolean {
    return this.grace !== 0;
  }

  private async enter(run: number): Promise<void> {
    const made = await this.patiently(run, this.makeTransport(run));
    // The answer of a slow kernel may come when something else has begun.
    if (run !== this.run) return void made.leave();
    const transport = this.take(made);
    const local = await this.inTurn(() => transport.open((this.opened = this.choice)));
    if (run !== this.run) return void transport.leave();
    this.become("starting", { local });
    const joining = this.inTurn(() => transport.join());
    // The sandbox may be reached through Python; Agora never is.
    await (transport instanceof SandboxTransport ? this.patiently(run, joining) : joining);
    if (run !== this.run) return void transport.leave();
    transport.listen(this.audible);
    if (!this.remote) this.become("joined");
    this.patience = later(() => this.remark(this.remote ? this.trouble : problem("NO_SWAPPED_VIDEO")), SWAP_PATIENCE);
    this.pulse.begin();
    this.ticked = performance.now();
    this.ticker = setInterval(() => this.tick(), 1000) as unknown as number;
  }

  /** What Python has to answer: it does so between two cells, and until then people should know what they wait for. */
  private async patiently<T>(run: number, answer: Promise<T>): Promise<T> {
    const busy = problem("KERNEL_BUSY");
    const timer = later(() => run === this.run && this.remark(busy), BUSY_AFTER);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      if (this.trouble === busy) this.become(this.state, { trouble: null });
    }
  }

  private async makeTransport(run: number): Promise<Transport> {
    const { model } = this.channel;
    if (model.get("transport") === "sandbox")
      return new SandboxTransport(model.get("view_url"), this.channel, this.listener(run));
    const [ticket, agora] = await Promise.all([this.askTicket(), loadAgora(this.channel)]);
    return new agora.AgoraTransport(agora, ticket, this.listener(run));
  }

  /** The join data with the RTC token: never a trait, only ever an answer. */
  private async askTicket(): Promise<Ticket> {
    const [ticket] = await ask<Ticket & { refused?: string }>(this.channel, "ticket");
    if (ticket.refused) throw new LiveError(ticket.refused);
    return ticket;
  }

  private listener(run: number): Listener {
    const mine = () => run === this.run;
    return {
      pictured: (remote) => mine() && this.become("live", { remote, trouble: null }),
      lost: () => mine() && this.become("joined", { remote: null, trouble: problem("SWAPPED_VIDEO_GONE") }),
      reconnecting: (yes) => mine() && this.become(yes ? "reconnecting" : this.remote ? "live" : "joined"),
      ended: (code, detail) => mine() && void this.stop(code, detail),
      beat: () => mine() && this.ticker !== 0 && this.tick(),
      soundHeld: () => mine() && this.holdSound(true),
      warned: (code, detail) => mine() && this.remark(problem(code, detail)),
    };
  }

  /** Do it; what goes wrong ends the run with a sentence. */
  private async attempt(run: number, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (run !== this.run) return;
      this.run += 1;
      const left = this.drop();
      this.become("failed", { trouble: explain(error) });
      await left;
    }
  }

  /** What is muted is so from the first frame on. */
  private take<T extends Transport>(transport: T): T {
    this.transport = transport;
    this.line = Promise.resolve();
    for (const kind of ["video", "audio"] as const) if (this.muted[kind]) void transport.mute(kind, true);
    return transport;
  }

  /** One thing at a time with the devices of a transport: opened in another order, one of them would stay on. */
  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.line.then(act);
    this.line = turn.catch(() => undefined);
    return turn;
  }

  private async drop(): Promise<void> {
    clearInterval(this.ticker);
    this.ticker = 0;
    clearTimeout(this.patience);
    this.unfollow();
    for (const [session, call] of calls()) if (call === this) calls().delete(session);
    const transport = this.transport;
    this.transport = null;
    // What is off is not shown any more, not even its last frame.
    this.local = this.remote = null;
    await transport?.leave();
  }

  /**
   * Told by a timer and by each frame: in a hidden tab the timer runs once a minute only, and Python would think us
   * gone.
   */
  private tick(): void {
    const now = performance.now();
    if (now - this.ticked < SECOND) return;
    this.ticked = now;
    this.pulse.look(this.remote !== null);
    this.figures = this.transport?.figures() ?? null;
    this.channel.set("stats", this.figures ?? {});
    this.changed();
  }

  private become(state: State, also: Partial<Pick<Call, "local" | "remote" | "trouble" | "figures">> = {}): void {
    this.state = state;
    Object.assign(this, also);
    this.report();
  }

  private remark(trouble: Problem | null): void {
    if (trouble) this.trouble = trouble;
    this.report();
  }

  private report(): void {
    if (!this.elsewhere) this.tellPython();
    this.changed();
  }

  private tellPython(): void {
    const { model } = this.channel;
    model.set("state", this.state);
    model.set("error", this.trouble?.message ?? "");
    model.set("error_code", this.trouble?.code ?? "");
    try {
      model.save_changes();
    } catch {
      // A widget that was closed has no way to Python any more; the page still has to show the end.
    }
  }

  private changed(): void {
    for (const look of [...this.watchers]) look();
  }

  private async sessionChanged(): Promise<void> {
    const wasRunning = this.running;
    if (wasRunning) await this.letGo();
    if (this.session && (wasRunning || this.startsItself)) await this.start();
    else if (this.state !== "preview") this.become("idle", { trouble: null });
  }

  /** The drawn face needs nobody's permission, so nobody needs to click. */
  get startsItself(): boolean {
    return this.channel.model.get("camera") === DRAWN && this.session !== "";
  }

  private readonly leavePage = () => {
    if (this.running) this.channel.post("gone");
    void this.stop();
  };
}

function calls(): Map<string, Call> {
  page[RUNNING_CALLS] ??= new Map();
  return page[RUNNING_CALLS];
}

function later(act: () => void, milliseconds: number): number {
  return setTimeout(act, milliseconds) as unknown as number;
}

function rememberedChoice(): Choice {
  const nothing: Choice = { camera: "", microphone: SILENT };
  try {
    return { ...nothing, ...(JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}") as Partial<Choice>) };
  } catch {
    return nothing;
  }
}

function rememberChoice(choice: Choice): void {
  // The drawn face is for this call; the next one asks for a camera again.
  if (choice.camera === DRAWN) return;
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(choice));
  } catch {
    // A page may be forbidden to store anything; then the choice lasts as long as the page.
  }
}
