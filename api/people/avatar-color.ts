/** Dark enough for white initials on them: a contrast of 4.5:1 or more. */
const COLORS = [
  '#b3261e',
  '#9c4221',
  '#8a5a00',
  '#5b6b00',
  '#2e7d32',
  '#00796b',
  '#00708a',
  '#1565c0',
  '#4051b5',
  '#6b3fa0',
  '#8e24aa',
  '#ad1457',
];

/** The colour of a person's or an agent's initials, from the random digits at the end of the id. */
export function avatarColorOf(id: string): string {
  return COLORS[Number.parseInt(id.slice(-6), 16) % COLORS.length] ?? '#4051b5';
}
