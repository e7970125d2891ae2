/** Reads an unknown JSON value without trusting it: what is absent or of another type is `undefined` here, and never gets into a text for people. */
export class Fields {
  private constructor(private readonly members: Readonly<Record<string, unknown>>) {}

  /** The members of an object; none for anything else. */
  static of(value: unknown): Fields {
    return new Fields(isRecord(value) ? value : {});
  }

  text(name: string): string | undefined {
    const value = this.member(name);
    return typeof value === 'string' ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.member(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  flag(name: string): boolean | undefined {
    const value = this.member(name);
    return typeof value === 'boolean' ? value : undefined;
  }

  fields(name: string): Fields | undefined {
    const value = this.member(name);
    return isRecord(value) ? new Fields(value) : undefined;
  }

  /** Its objects; anything else in the list is left out. */
  list(name: string): readonly Fields[] {
    return this.values(name).filter(isRecord).map((value) => new Fields(value));
  }

  /** Its texts. */
  texts(name: string): readonly string[] {
    return this.values(name).filter((value): value is string => typeof value === 'string');
  }

  /** Names of its members. */
  get names(): readonly string[] {
    return Object.keys(this.members);
  }

  /** As JSON for a person, indented; capped. */
  json(name: string, most = 20_000): string {
    const text = visible(JSON.stringify(this.member(name) ?? {}, null, 2));
    return text.length <= most ? text : `${text.slice(0, most)}\n… ${text.length - most} more characters`;
  }

  private member(name: string): unknown {
    return Object.hasOwn(this.members, name) ? this.members[name] : undefined;
  }

  private values(name: string): readonly unknown[] {
    const value = this.member(name);
    return Array.isArray(value) ? value : [];
  }
}

/** A text with the marks that turn the direction of writing spelled out: they could make an action read as another one. */
export function visible(text: string): string {
  return text.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
