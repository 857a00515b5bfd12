/** What is on its way to the server, as this tab remembers it over a reload. Its storage may be full or closed to us. */

export interface Sending {
  /** The same over every attempt, so that the server recognises a repeated one. */
  clientId: string;
  viewerId: string;
  chatId: string;
  content: string;
  /** The answer that it follows: the last one that its person saw. */
  parentId?: string | null | undefined;
}

const KEY = 'confab.sendings';

export function sendingsOf(viewerId: string): Sending[] {
  return all().filter((each) => each.viewerId === viewerId);
}

export function rememberSending(sending: Sending): void {
  keep([...all().filter(({ clientId }) => clientId !== sending.clientId), sending]);
}

export function forgetSending(clientId: string): void {
  keep(all().filter((each) => each.clientId !== clientId));
}

function all(): Sending[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Sending[];
  } catch {
    return [];
  }
}

function keep(sendings: readonly Sending[]) {
  try {
    if (sendings.length > 0) sessionStorage.setItem(KEY, JSON.stringify(sendings));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Then a reload finds the text in the box, as any draft.
  }
}
