/** The filter as it stands in the address, so that it can be kept and passed on. */
import { useSearchParams } from '@solidjs/router';
import type { Accessor } from 'solid-js';
import type { ChangeFilter, ChangeOperation } from '../generated/graphql';

/** All texts; empty: any. Times are local, as their fields have them: `2026-11-29T10:00`. */
export interface AddressFilter {
  table: string;
  operation: string;
  actor: string;
  chat: string;
  request: string;
  since: string;
  until: string;
}

export const OPERATIONS: readonly ChangeOperation[] = ['INSERT', 'UPDATE', 'DELETE', 'MIGRATION'];

const empty: AddressFilter = { table: '', operation: '', actor: '', chat: '', request: '', since: '', until: '' };

export const filterNames = Object.keys(empty) as (keyof AddressFilter)[];

export function createFilter(): { filter: Accessor<AddressFilter>; change: (part: Partial<AddressFilter>) => void } {
  const [search, setSearch] = useSearchParams<Partial<Record<keyof AddressFilter, string>>>();
  const filter = () => {
    const given = filterNames.map((name) => [name, ([search[name]].flat()[0] ?? '').trim()]);
    return Object.fromEntries(given) as unknown as AddressFilter;
  };
  return {
    filter,
    change: (part) =>
      setSearch(Object.fromEntries(Object.entries(part).map(([name, value]) => [name, value || undefined])), {
        replace: true,
        scroll: false,
      }),
  };
}

/** What anybody may have put into the address is passed on only where it has the right form. */
export function queryOf({ table, operation, actor, chat, request, since, until }: AddressFilter): ChangeFilter {
  const known = OPERATIONS.find((each) => each === operation);
  return {
    ...(table && { tables: [table.slice(0, 63)] }),
    ...(known && { operations: [known] }),
    ...(actor && { actorId: actor }),
    ...(chat && { chatId: chat }),
    ...(request && { requestId: request.slice(0, 200) }),
    ...(timeOf(since) && { since: timeOf(since) }),
    ...(timeOf(until) && { until: timeOf(until) }),
  };
}

function timeOf(local: string): string | undefined {
  const time = new Date(local);
  return local === '' || Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

export function isEmpty(filter: AddressFilter): boolean {
  return filterNames.every((name) => filter[name] === '');
}
