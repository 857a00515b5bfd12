/** A Redis of a test's own, on a free port of this machine, to be paused and killed. Nothing of it is kept. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

import { freePort } from './free-port.ts';

/** Why it cannot be started on this machine; undefined where it can. */
export const whyNoRedis: string | undefined =
  spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'redis-server is not on this machine';

export class RedisServer implements AsyncDisposable {
  readonly url: string;
  readonly #port: number;
  #child: ChildProcess | null = null;

  /** Resolves when it answers. */
  static async start(): Promise<RedisServer> {
    if (whyNoRedis) throw new Error(`${whyNoRedis}: install it (.ci/ensure redis-server redis-server does).`);
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  private constructor(port: number) {
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** After a `stop`, on the same port. */
  async start(): Promise<void> {
    const settings = [
      '--port',
      `${this.#port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      tmpdir(),
    ];
    const child = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (!line.includes('Ready to accept connections')) continue;
      child.stdout.resume();
      return;
    }
    throw new Error(`Redis did not start:\n${said.join('\n')}`);
  }

  /** It hangs: its connections stay open, and it says nothing. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** As when it is killed: all that it held is lost. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
