/** The programs in docs/api, taken out of the guides and run as a reader would. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
export const guidesFolder = join(root, 'docs/api');

export type Language = 'sh' | 'ts' | 'python';

/** How a program of each is kept and run. A shell's options make it end at the first failure. */
const runners: Record<Language, { extension: string; command: string[] }> = {
  sh: { extension: 'sh', command: ['bash', '-eu'] },
  ts: { extension: 'mts', command: [process.execPath] },
  python: { extension: 'py', command: ['python3'] },
};

export const languages = Object.keys(runners) as Language[];

/** On CI they are there; they are not needed to work on Confab. */
export const hasTools = ['curl', 'jq', 'python3'].every((tool) => spawnSync(tool, ['--version']).status === 0);

export interface Snippet {
  language: Language;
  code: string;
}

/** In their order. Blocks of other languages show what is answered. */
export async function snippetsOf(guide: string): Promise<Snippet[]> {
  const text = await readFile(join(guidesFolder, `${guide}.md`), 'utf8');
  return [...text.matchAll(/^```(sh|ts|python)\n([^]*?)^```$/gm)].map(([, language, code = '']) => ({
    language: language as Language,
    code,
  }));
}

export async function programOfGuide(guide: string, language: Language): Promise<string> {
  const found = (await snippetsOf(guide)).find((snippet) => snippet.language === language);
  if (!found) throw new Error(`${guide} has no program in ${language}.`);
  return found.code;
}

/** What a guide says to send in GraphiQL, in its order. */
export async function operationsOf(guide: string): Promise<string[]> {
  const text = await readFile(join(guidesFolder, `${guide}.md`), 'utf8');
  return [...text.matchAll(/^```graphql\n([^]*?)^```$/gm)].map(([, code = '']) => code);
}

/** A folder of the reader's own, in which `npm install graphql-sse` was done. */
export class Desk implements AsyncDisposable {
  readonly folder: string;
  readonly #running = new Set<GuideProgram>();

  static async make(): Promise<Desk> {
    const folder = await mkdtemp(join(tmpdir(), 'confab-guide-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    return new Desk(folder);
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  async start({ language, code }: Snippet, env: Record<string, string>): Promise<GuideProgram> {
    const { extension, command } = runners[language];
    // A name of its own: a shell reads on in its file while it runs.
    const file = `program-${this.#running.size}.${extension}`;
    await writeFile(join(this.folder, file), code);
    const program = new GuideProgram([...command, file], this.folder, env);
    this.#running.add(program);
    return program;
  }

  /** What it printed until its end, which is to be a good one. */
  async run(snippet: Snippet, env: Record<string, string>): Promise<string> {
    return (await this.start(snippet, env)).ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#running) await program.kill();
    await rm(this.folder, { recursive: true });
  }
}

export class GuideProgram {
  #printed = '';
  #complaints = '';
  readonly #process: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #output = new EventEmitter();

  constructor([command = '', ...words]: string[], cwd: string, env: Record<string, string>) {
    const { PATH = '', HOME = '' } = process.env;
    // A group of its own, so that a shell's curl goes with it.
    const program = spawn(command, words, {
      cwd,
      env: { PATH, HOME, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = program;
    this.#gone = once(program, 'close').finally(() => this.#output.emit('more'));
    program.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text;
      this.#output.emit('more');
    });
    program.stderr.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get complaints(): string {
    return this.#complaints;
  }

  async says(words: string): Promise<void> {
    while (!this.#printed.includes(words)) {
      if (!this.isRunning) throw new Error(`It ended with ${JSON.stringify(this.#printed)}: ${this.#complaints}`);
      await once(this.#output, 'more');
    }
  }

  async ended(): Promise<string> {
    await this.#gone;
    if (this.#process.exitCode !== 0) throw new Error(`It failed: ${this.#complaints}\n${this.#printed}`);
    return this.#printed;
  }

  async kill(): Promise<void> {
    if (this.isRunning && this.#process.pid) process.kill(-this.#process.pid, 'SIGKILL');
    await this.#gone;
  }
}

/** A line to a server that a test can break. */
export class WeakLine implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #losesNextAnswer = false;

  static async to(url: string): Promise<WeakLine> {
    const line = new WeakLine(Number(new URL(url).port));
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      const cut = () => {
        near.destroy();
        far.destroy();
      };
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', cut).on('close', () => {
          this.#sockets.delete(socket);
          cut();
        });
      }
      near.pipe(far);
      far.on('data', (piece) => {
        if (!this.#losesNextAnswer) return void near.write(piece);
        this.#losesNextAnswer = false;
        cut();
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many connections were broken. */
  cut(): number {
    const open = this.#sockets.size / 2;
    for (const socket of this.#sockets) socket.destroy();
    return open;
  }

  /** The next request arrives, and its answer does not. Returns whether that has happened. */
  loseNextAnswer(): () => boolean {
    this.#losesNextAnswer = true;
    return () => !this.#losesNextAnswer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
