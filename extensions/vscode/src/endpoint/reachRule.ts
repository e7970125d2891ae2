import type { Address } from './address';

/** Why work of a class may not go to an address; absent when it may. `local` means this machine, so an endpoint elsewhere gets none of it. */
export function reachRefusal(address: Address, dataClass: string): string | undefined {
  return address.isLoopback || dataClass === 'team' || dataClass === 'mesh'
    ? undefined
    : `Your work is of the class local, and ${address.origin} is not this machine. Nothing was sent. Set edgecoder.dataClass, or use the endpoint of this machine.`;
}
