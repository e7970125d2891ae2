import { EndpointProblem } from './problem';

/** Reads server-sent events out of pieces that may end anywhere: inside a line, inside a character. Comment lines are passed over. */
export class EventStream {
  private static readonly most = 16 * 1024 * 1024;
  private readonly decoder = new TextDecoder('utf-8');
  private rest = '';
  private data: string[] = [];
  private held = 0;

  /** The data of each event that the piece completes. */
  push(piece: Uint8Array): readonly string[] {
    this.rest += this.decoder.decode(piece, { stream: true });
    const events: string[] = [];
    const lineEnd = /\r\n|\n|\r(?!$)/g;
    let from = 0;
    // A carriage return at the very end may be half of a line end: it waits for the next piece.
    for (let match = lineEnd.exec(this.rest); match !== null; match = lineEnd.exec(this.rest)) {
      const done = this.take(this.rest.slice(from, match.index));
      from = lineEnd.lastIndex;
      if (done !== undefined) {
        events.push(done);
      }
    }

    this.rest = this.rest.slice(from);

    if (this.rest.length + this.held > EventStream.most) {
      throw new EndpointProblem(200, 'too_large', 'An event of the answer is larger than 16 MiB.');
    }

    return events;
  }

  private take(line: string): string | undefined {
    if (line === '') {
      const event = this.data.join('\n');
      const any = this.data.length > 0;
      this.data = [];
      this.held = 0;
      return any ? event : undefined;
    }

    if (line.startsWith('data:')) {
      this.data.push(line.startsWith('data: ') ? line.slice(6) : line.slice(5));
      this.held += line.length;
    }

    return undefined;
  }
}
