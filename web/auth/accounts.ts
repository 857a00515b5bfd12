import { endSession } from '../graphql/client';
import { failureWords } from '../graphql/words';
import { authWords } from './words';

export interface DeviceSession {
  id: string;
  token: string;
  userAgent: string | null;
  ipAddress: string | null;
  createdAt: string;
  updatedAt: string;
}

interface SessionInfo {
  session: { id: string; token: string };
}

/** What went wrong with an account, in words and by the code that better-auth gave it. */
export class AccountError extends Error {
  override name = 'AccountError';
  readonly code: string;

  constructor(code: string, words: string) {
    super(words);
    this.code = code;
  }
}

export const signUp = (input: { name: string; email: string; password: string }) => post('/sign-up/email', input);
export const signIn = (input: { email: string; password: string }) => post('/sign-in/email', input);
export const signOut = () => post('/sign-out', {});
export const rename = (name: string) => post('/update-user', { name });
export const changePassword = (input: { currentPassword: string; newPassword: string }) =>
  post('/change-password', { ...input, revokeOtherSessions: true });
export const revokeSession = (token: string) => post('/revoke-session', { token });
export const listSessions = () => request<DeviceSession[]>('/list-sessions', { method: 'GET' });
export const currentSession = () => request<SessionInfo | null>('/get-session', { method: 'GET' });

function post(path: string, body: object): Promise<unknown> {
  return request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function request<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`/api/auth${path}`, { credentials: 'same-origin', ...init }).catch(() => null);
  if (!response) throw new AccountError('NETWORK', failureWords().network);
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  // Of a sign-in it says that the password is wrong.
  if (response.status === 401 && !path.startsWith('/sign-')) endSession();
  throw accountError(response, answer ?? {});
}

function accountError(response: Response, { code = '', message }: { code?: string; message?: string }): AccountError {
  if (response.status === 429) {
    const wait = Number(response.headers.get('retry-after') ?? response.headers.get('x-retry-after')) || 60;
    return new AccountError('TOO_MANY_REQUESTS', failureWords().rateLimit(wait));
  }
  return new AccountError(code, sayCode(code) ?? message ?? failureWords().unexpected);
}

function sayCode(code: string): string | undefined {
  const words = authWords();
  const known: Record<string, string> = {
    INVALID_EMAIL_OR_PASSWORD: words.wrongCredentials,
    INVALID_PASSWORD: words.wrongPassword,
    INVALID_EMAIL: words.invalidEmail,
    USER_ALREADY_EXISTS: words.emailTaken,
    USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: words.emailTaken,
    PASSWORD_TOO_SHORT: words.passwordShort,
    PASSWORD_TOO_LONG: words.passwordLong,
    EMAIL_PASSWORD_SIGN_UP_DISABLED: words.closed,
    SIGN_UP_CLOSED: words.closed,
    ACCOUNT_DISABLED: words.disabled,
    INVALID_TEXT: failureWords().badText,
    INVALID_ORIGIN: failureWords().badOrigin,
  };
  return known[code];
}
