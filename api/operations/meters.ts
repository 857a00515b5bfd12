/** What is counted, under which name and in which words. Loaded only where metrics are on: see metrics.ts. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Meters = ReturnType<typeof makeMeters>;

/** Every label's values are few and ours: nothing that a person typed, and no identifier of a chat, a run or a person. */
export function makeMeters() {
  const registry = new Registry();
  const registers = [registry];
  // Memory, processor, garbage collection and open files, under the names that every dashboard knows.
  collectDefaultMetrics({ register: registry });

  return {
    registry,

    runsEnded: new Counter({
      name: 'confab_runs_ended_total',
      help: 'Runs whose end this node wrote, by provider, status and reason of failure (empty where there is none).',
      labelNames: ['provider', 'status', 'failure'],
      registers,
    }),
    runsActive: new Gauge({
      name: 'confab_runs_active',
      help: 'Runs that this node performs now.',
      labelNames: ['provider'],
      registers,
    }),
    runSeconds: new Histogram({
      name: 'confab_run_duration_seconds',
      help: 'From the moment a node took a run to its end.',
      labelNames: ['provider', 'status'],
      buckets: [0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640],
      registers,
    }),
    firstTokenSeconds: new Histogram({
      name: 'confab_time_to_first_token_seconds',
      help: 'From the moment a node took a run to its first words, tries that failed included.',
      labelNames: ['provider'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
      registers,
    }),
    tokens: new Counter({
      name: 'confab_tokens_total',
      help: 'Tokens as the providers counted them: input (without the cached), output, cache_read, cache_write.',
      labelNames: ['provider', 'kind'],
      registers,
    }),
    retries: new Counter({
      name: 'confab_provider_retries_total',
      help: 'Requests to a provider that failed before a word was heard and were made again, by reason.',
      labelNames: ['provider', 'failure'],
      registers,
    }),

    operationSeconds: new Histogram({
      name: 'confab_operation_duration_seconds',
      help: 'GraphQL operations until their answer, subscriptions until their stream was open. Outcome: ok, refused (an error that was foreseen) or failed (a fault of the server). Names are the clients’: the first hundred of signed-in people, then "other".',
      labelNames: ['operation', 'kind', 'outcome'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    deprecatedUses: new Counter({
      name: 'confab_deprecated_uses_total',
      help: 'Operations that name a deprecated part of the schema, by its coordinate and by the client’s `x-client-name`: the first hundred names of signed-in people, then "other"; "unknown" without one.',
      labelNames: ['coordinate', 'client'],
      registers,
    }),
    responses: new Counter({
      name: 'confab_http_responses_total',
      help: 'HTTP answers that are over, by route and status.',
      labelNames: ['route', 'status'],
      registers,
    }),

    eventLoopDelaySeconds: new Histogram({
      name: 'confab_event_loop_delay_seconds',
      help: 'How late a timer came that is due ten times a second: what everybody on this node waited.',
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),

    feedReads: new Counter({
      name: 'confab_feed_reads_total',
      help: 'Statements that read what changed in a watched chat: one for all feeds of this node that ask for the same.',
      registers,
    }),
    eventsMade: new Counter({
      name: 'confab_stream_events_made_total',
      help: 'Events of streams that were executed and serialised, by their type: once for all readers on this node (all), or for one of them (one). The words of a run take no execution.',
      labelNames: ['event', 'readers'],
      registers,
    }),

    hints: new Counter({
      name: 'confab_bus_hints_total',
      help: 'Hints that went to other nodes (sent) and came from them (received), through Redis.',
      labelNames: ['direction'],
      registers,
    }),
  };
}

/** A number that is looked up when it is asked for. With a label: one for each of its values. */
export function addGauge(
  { registry }: Meters,
  { name, help, label }: { name: string; help: string; label?: string },
  read: () => number | Readonly<Record<string, number>>,
): void {
  const gauge = new Gauge({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [],
    collect() {
      const value = read();
      if (typeof value === 'number') this.set(value);
      else for (const [key, number] of Object.entries(value)) this.set({ [label ?? '']: key }, number);
    },
  });
  registry.registerMetric(gauge);
}
