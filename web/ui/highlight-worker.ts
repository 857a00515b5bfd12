/** A worker that colours one code after the other: preparing a grammar alone takes some 300 ms. */
import { highlight, type Token } from './highlight';

export interface HighlightRequest {
  code: string;
  language: string;
}

/** Some lines; null after the last of them. */
export type HighlightAnswer = Token[][] | null;

addEventListener('message', ({ data }: MessageEvent<HighlightRequest>) => {
  const answer = (lines: HighlightAnswer) => postMessage(lines);
  // What fails stays plain.
  void highlight(data.code, data.language, answer).finally(() => answer(null));
});
