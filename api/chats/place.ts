/** A member in a chat, for what is read of many at once. */
export interface Place {
  chatId: string;
  viewerId: string;
}

export function keyOf({ chatId, viewerId }: Place): string {
  return `${chatId} ${viewerId}`;
}
