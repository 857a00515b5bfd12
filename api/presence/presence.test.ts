import { expect, onTestFinished, test } from 'vitest';

import { connectRedis } from '../redis/connections.ts';
import { RedisServer, whyNoRedis } from '../testing/redis-server.ts';
import { Presences } from './presence.ts';
import { RedisPresenceWire } from './redis-presence.ts';

async function nodeAt(url: string, name: string, lifeMs?: number) {
  const connections = await connectRedis(url);
  const presences = new Presences();
  const stop = presences.use(new RedisPresenceWire(connections, name, lifeMs));
  const die = () => {
    stop();
    connections.close();
  };
  onTestFinished(die);
  return { presences, die, connections };
}

test.skipIf(whyNoRedis)('each node knows who is on the others, and takes those of a dead one for offline', async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const here = await nodeAt(redis.url, 'here');
  const there = await nodeAt(redis.url, 'there', 300);
  there.presences.open('ann', true);
  there.presences.open('bob', false);
  here.presences.open('bob', false);
  const changes: [string, string][] = [];
  here.presences.onChange((changed) => changes.push(...changed));
  const rounds = async () => {
    await there.presences.round();
    await here.presences.round();
  };
  await rounds();
  expect([here.presences.of('ann'), here.presences.of('bob'), here.presences.of('cid')]).toEqual([
    'ONLINE',
    'AWAY',
    'OFFLINE',
  ]);
  there.presences.open('bob', true);
  await rounds();
  expect(changes.map(String).toSorted()).toEqual(['ann,ONLINE', 'bob,AWAY', 'bob,ONLINE']);

  there.die();
  await expect.poll(async () => (await here.presences.round(), here.presences.of('ann'))).toBe('OFFLINE');
  expect(here.presences.of('bob')).toBe('AWAY');
});

test.skipIf(whyNoRedis)(
  'a round is one call, which is short where nothing has changed, and says all again after Redis lost it',
  async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.stop());
    const [here, there] = [await nodeAt(redis.url, 'here'), await nodeAt(redis.url, 'there')];
    for (let person = 0; person < 500; person += 1) there.presences.open(crypto.randomUUID(), true);
    there.presences.open('ann', true);
    await there.presences.round();
    await here.presences.round();
    const { commands } = there.connections;
    const calls: number[] = [];
    const send = commands.sendCommand.bind(commands);
    commands.sendCommand = (command, ...more) => {
      calls.push(JSON.stringify(command.args).length);
      return send(command, ...more);
    };
    await there.presences.round();
    await there.presences.round();
    expect(calls.filter((size) => size > 100)).toHaveLength(2);
    expect(Math.max(...calls)).toBeLessThan(3_000);

    await commands.flushall();
    await expect
      .poll(async () => (await there.presences.round(), await here.presences.round(), here.presences.of('ann')))
      .toBe('ONLINE');
  },
);
