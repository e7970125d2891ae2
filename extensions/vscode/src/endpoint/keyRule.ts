import type { Address } from './address';

/** Whether a key may go to an address: at once, after the person's word, or never. */
export type KeyVerdict = { readonly may: 'send' } | { readonly may: 'ask'; readonly question: string } | { readonly may: 'never'; readonly reason: string };

/** A key goes to this machine. It goes elsewhere encrypted and after a person said so for that address; unencrypted it goes nowhere. */
export function judgeKey(address: Address, consented: ReadonlySet<string>): KeyVerdict {
  if (address.isLoopback) {
    return { may: 'send' };
  }

  if (!address.isEncrypted) {
    return { may: 'never', reason: `${address.origin} is not this machine and not encrypted, so your API key is not sent there. Use https.` };
  }

  return consented.has(address.origin)
    ? { may: 'send' }
    : { may: 'ask', question: `Send your EdgeCoder API key to ${address.origin}? It is not this machine: whoever runs it can use the key and sees what you send.` };
}
