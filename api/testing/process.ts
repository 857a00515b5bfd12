/** Confab as a process of its own, for what only a process can show: its start, its death, its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../..');

export interface ConfabProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** As the system does it: nothing is tidied up. Resolves when it is dead. */
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; output: string }>;
  /** Holds it still, as a machine does that is put to sleep or swaps: it is there, and does nothing. */
  pause(): void;
  resume(): void;
  /** All that it has printed. */
  output(): string;
  /** Resolves when it has printed such words, be it before. */
  says(words: RegExp): Promise<void>;
}

export type Settings = Record<string, string>;

/** Resolves when it has printed its address; rejects with all that it printed where it ends before. */
export async function startProcess(settings: Settings): Promise<ConfabProcess> {
  const child = launch(settings);
  const output = collect(child);
  const url = await addressOf(child, output);
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return { code: child.exitCode, output: output() };
  };
  const says = async (words: RegExp) => {
    while (!words.test(output())) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`It never said ${words}:\n${output()}`);
      await Promise.race([once(output.heard, 'more'), once(child, 'exit')]);
    }
  };
  const pause = () => void child.kill('SIGSTOP');
  const resume = () => void child.kill('SIGCONT');
  return {
    url,
    pid: child.pid ?? 0,
    kill,
    pause,
    resume,
    output,
    says,
    [Symbol.asyncDispose]: async () => void (await kill('SIGKILL')),
  };
}

/** A start that is to fail: its exit code and output. */
export async function failingStart(settings: Settings): Promise<{ code: number | null; output: string }> {
  const child = launch(settings);
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

/** A test plays many clients from one address, and often as one person. */
const manyClients: Settings = {
  SIGN_IN_FAILURES_PER_ADDRESS: '10000',
  SIGN_UPS_PER_ADDRESS: '10000',
  SIGNED_OUT_REQUESTS: '1000000',
  ROOMS_PER_USER_A_DAY: '10000',
  REQUESTS_PER_USER: '10000',
  COST_PER_USER: '1000000000',
  COST_PER_TOKEN: '1000000000',
  FEEDS_PER_USER: '10000',
  RUN_STREAMS_PER_USER: '10000',
};

function launch(settings: Settings): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', './scripts/compile-cache.mjs', 'api/server.ts'],
    {
      cwd: root,
      // A call for a title would take an answer that a test scripted for something else.
      // Without a folder of its own, its change log would lie in that of the repository.
      env: {
        PATH,
        HOME,
        PORT: '0',
        LOG_LEVEL: 'warn',
        CHAT_TITLES: 'words',
        ...(settings['DATA_DIR'] === undefined && { CHANGELOG: 'off' }),
        ...manyClients,
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

interface Output {
  (): string;
  /** Emits `more` with each piece. */
  heard: EventEmitter;
}

function collect(child: ChildProcess): Output {
  let text = '';
  const heard = new EventEmitter().setMaxListeners(0);
  const hear = (chunk: Buffer) => {
    text += chunk.toString();
    heard.emit('more');
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  return Object.assign(() => text, { heard });
}

async function addressOf(child: ChildProcess, output: () => string): Promise<string> {
  if (!child.stdout) throw new Error('No output to read.');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /is at (http\S+)/.exec(line) ?? [];
    if (url) return url.replace('localhost', '127.0.0.1');
  }
  throw new Error(`Confab did not start:\n${output()}`);
}
