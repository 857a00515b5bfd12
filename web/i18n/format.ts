import { language } from './index';

const DAY_MS = 86_400_000;

export function formatTime(iso: string): string {
  return dateFormat({ hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
}

export function formatMoment(iso: string): string {
  return dateFormat({ dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

/** To the second, as a log has it. */
export function formatMomentInDetail(iso: string): string {
  return dateFormat({ dateStyle: 'short', timeStyle: 'medium' }).format(new Date(iso));
}

/** A day by its name: “Saturday, November 21”, with the year where that is another one. */
export function formatDay(iso: string, now = new Date()): string {
  const when = new Date(iso);
  const day: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' };
  const isThisYear = when.getFullYear() === now.getFullYear();
  return dateFormat(isThisYear ? day : { ...day, year: 'numeric' }).format(when);
}

/** Names one after the other: “Ann, Bob and Eve”. */
export function formatNames(names: readonly string[]): string {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(names);
}

/** Short enough for a row of a list: the time of today, else the day. */
export function formatWhen(iso: string, now = new Date()): string {
  const when = new Date(iso);
  if (when.toDateString() === now.toDateString()) return formatTime(iso);
  const isThisYear = when.getFullYear() === now.getFullYear();
  const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };
  return dateFormat(isThisYear ? day : { ...day, year: 'numeric' }).format(when);
}

/** Whole days between then and now by the calendar: 0 is today, 1 yesterday. */
export function daysAgo(iso: string, now = new Date()): number {
  const start = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((start(now) - start(new Date(iso))) / DAY_MS);
}

export function formatNumber(value: number, fractionDigits = 0): string {
  return numberFormat({ maximumFractionDigits: fractionDigits }).format(value);
}

export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const unit = units[power] ?? 'byte';
  return numberFormat({ style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: power === 0 ? 0 : 1 }).format(
    bytes / 1000 ** power,
  );
}

export function formatCompact(value: number): string {
  return numberFormat({ notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** Of what is not nothing it does not say “0%”. */
export function formatPercent(value: number): string {
  const format = numberFormat({ style: 'percent', maximumFractionDigits: 1 });
  return value > 0 && value < 0.001 ? `<${format.format(0.001)}` : format.format(value);
}

export function formatSeconds(ms: number): string {
  const seconds = ms / 1000;
  return numberFormat({
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    maximumFractionDigits: seconds < 10 ? 2 : 0,
  }).format(seconds);
}

// To make a format takes longer than all else here, and a thread has a hundred moments.
const dateFormats = new Map<string, Intl.DateTimeFormat>();
const numberFormats = new Map<string, Intl.NumberFormat>();

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language() + JSON.stringify(options);
  const format = dateFormats.get(key) ?? new Intl.DateTimeFormat(language(), options);
  dateFormats.set(key, format);
  return format;
}

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language() + JSON.stringify(options);
  const format = numberFormats.get(key) ?? new Intl.NumberFormat(language(), options);
  numberFormats.set(key, format);
  return format;
}
