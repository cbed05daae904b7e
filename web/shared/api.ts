// What the server tells (docs/panel.md), and the connection over which it does.
export interface Identity {
  name: string;
  serial: string;
  type: string;
  firmware: string;
  impulses: number;
  longPress: number;
  appliances: { name: string; watts: number; vars: number }[];
}
export interface Time {
  utc: number;
  offset: number;
  valid: boolean;
  speed: number;
  paused: boolean;
  leaping: boolean;
  reached?: number;
}
export interface Glass {
  digits: number[];
  code: number[];
  icons: number;
  blinking: number;
  light: boolean;
  mode: "off" | "full" | "normal" | "service" | "test";
  item: number;
}
export interface Front {
  power: boolean;
  relay1: 0 | 1 | 2;
  relay2: 0 | 1 | 2;
  alarm: boolean;
  module: boolean;
  supply: boolean;
  ripple: boolean;
  state: 0 | 1 | 2;
  meterCover: boolean;
  terminalCover: boolean;
  batteryCover: boolean;
  relayCover: boolean;
  magnet: boolean;
  display: boolean;
  relay: boolean;
}
export interface Measured {
  at: number;
  volts: number;
  amperes: number;
  hertz: number;
  watts: number;
  vars: number;
  voltamperes: number;
  factor: number;
  voltageThd: number;
  currentThd: number;
  quadrant: number;
  activeImpulses: number;
  reactiveImpulses: number;
}
export interface World {
  mains: boolean;
  voltage: number;
  frequency: number;
  voltageHarmonics: number;
  currentHarmonics: number;
  power: number;
  household: boolean;
  interchanged: boolean;
  on: string[];
  celsius: number;
  batteryCharge: number;
  batteryVolts: number;
}
export interface Energy {
  rates: number[][];
  rate: number;
}
export interface Calendar {
  day: number;
  name: string;
  switches: { at: number; target: "tariff" | "relay"; script: number }[];
  rate: number;
  relay: boolean;
  next?: number;
}
export interface Curve {
  midnight: number;
  period: number;
  rows: [number, number, number, number][];
}
export interface MeterEvent {
  at: number;
  log: string;
  code: number;
  text: string;
  value: number;
  unit: string;
  duration: number;
}
export interface TalkLine {
  at: number;
  port: "network" | "optical" | "rs485" | "module";
  peer: string;
  from: "client" | "meter" | "inside";
  text: string;
  octets: number;
}
export interface State {
  identity: Identity;
  time: Time;
  glass: Glass;
  front: Front;
  measured: Measured;
  world: World;
  energy: Energy;
  calendar: Calendar;
  curve: Curve;
  events: MeterEvent[];
  talk: TalkLine[];
}
type Section = Exclude<keyof State, "events" | "talk">;
interface Entries {
  first: number;
  entries: unknown[];
}

export interface Command {
  do: string;
  value?: boolean | number;
  milliseconds?: number;
}

const keptEntries = 200;

export class Live {
  readonly state: Partial<State> = {};
  private socket?: WebSocket;
  private listeners: ((changed: Set<keyof State>) => void)[] = [];
  private statusListeners: ((connected: boolean) => void)[] = [];
  private refusals: ((why: string) => void)[] = [];
  private pause = 500;
  private nextId = 1;

  constructor(private readonly path: string) {
    this.connect();
  }

  onChange(listener: (changed: Set<keyof State>) => void): void {
    this.listeners.push(listener);
  }
  onStatus(listener: (connected: boolean) => void): void {
    this.statusListeners.push(listener);
  }
  onRefusal(listener: (why: string) => void): void {
    this.refusals.push(listener);
  }

  /** False: there is no connection, and nothing happens. */
  send(command: Command): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify({ ...command, id: this.nextId++ }));
    return true;
  }

  private connect(): void {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.path}`);
    this.socket = socket;
    socket.onopen = () => {
      this.pause = 500;
      // The server tells everything anew.
      this.state.events = [];
      this.state.talk = [];
      for (const listener of this.statusListeners) listener(true);
    };
    socket.onmessage = (message) => this.take(JSON.parse(String(message.data)) as Record<string, unknown>);
    socket.onclose = () => {
      for (const listener of this.statusListeners) listener(false);
      setTimeout(() => this.connect(), this.pause);
      this.pause = Math.min(this.pause * 2, 5000);
    };
  }

  private take(message: Record<string, unknown>): void {
    if ("done" in message) return;
    if ("refused" in message) {
      for (const listener of this.refusals) listener(String(message.why));
      return;
    }
    const changed = new Set<keyof State>();
    for (const [name, value] of Object.entries(message)) {
      changed.add(name as keyof State);
      if (name === "events" || name === "talk") {
        const list = (this.state[name] ?? []) as unknown[];
        list.push(...(value as Entries).entries);
        (this.state as Record<string, unknown>)[name] = list.slice(-keptEntries);
      } else {
        (this.state as Record<Section, unknown>)[name as Section] = value;
      }
    }
    for (const listener of this.listeners) listener(changed);
  }
}
