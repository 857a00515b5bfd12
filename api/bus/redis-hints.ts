import { hintsReceived, hintsSent } from '../operations/metrics.ts';
import type { HintReceiver, HintWire } from './hint-wire.ts';
import { type Hint, parseHint } from './hints.ts';
import { SendQueue } from '../redis/send-queue.ts';
import type { Connections } from '../redis/connections.ts';

/** All hints of all nodes on one channel: `{ "node": "…", "hints": [["chatChanged", "…", 7]] }`. */
export class RedisHintWire implements HintWire, AsyncDisposable {
  readonly #connections: Connections;
  readonly #channel: string;
  readonly #queue: SendQueue<Hint>;
  readonly #isOpen: Promise<void>;

  /** `node` distinguishes this node's own messages from others'. */
  constructor(connections: Connections, node: string, receiver: HintReceiver) {
    const { channels, commands, prefix } = connections;
    this.#connections = connections;
    this.#channel = `${prefix}hints`;
    this.#queue = new SendQueue(commands, (hints) => {
      hintsSent(hints.length);
      return commands.publish(this.#channel, JSON.stringify({ node, hints }));
    });
    this.#isOpen = channels.open(this.#channel, (message) => {
      const hints = hintsOfOthers(message, node);
      hintsReceived(hints.length);
      for (const hint of hints) receiver.deliver(hint);
    });
    channels.onResumed(() => receiver.reportGap());
  }

  ready(): Promise<void> {
    return this.#isOpen;
  }

  get isWhole(): boolean {
    return this.#connections.channels.isListening;
  }

  send(hint: Hint): void {
    this.#queue.add(JSON.stringify(hint), hint);
  }

  /** What was said before still goes out, if Redis is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connections.commands.status === 'ready') await this.#queue.done();
    this.#queue[Symbol.dispose]();
    this.#connections.channels.close(this.#channel);
  }
}

/** Empty for this node's own messages and for malformed ones. */
function hintsOfOthers(message: string, node: string): Hint[] {
  const said = parseObject(message);
  if (said['node'] === node || !Array.isArray(said['hints'])) return [];
  return said['hints'].map((hint) => parseHint(hint)).filter((hint) => hint !== null);
}

/** Empty where the message is malformed. */
export function parseObject(message: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(message);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
