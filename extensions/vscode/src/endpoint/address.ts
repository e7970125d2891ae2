/** Where the endpoint is. */
export interface Address {
  /** Scheme, host, port and path, without a slash at the end. */
  readonly base: string;
  /** For people and for remembering a consent: scheme, host and port. */
  readonly origin: string;
  /** Whether it is this machine. */
  readonly isLoopback: boolean;
  /** Whether what is sent is encrypted on the way. */
  readonly isEncrypted: boolean;
}

/** Why a text is no address, for a person. */
export interface AddressFault {
  readonly fault: string;
}

/**
 * Reads the setting `providerUrl`. Names are not looked up: only a literal loopback address or `localhost` is this machine, so `127.0.0.1.example.org`
 * is somebody else's. The URL parser has already normalised other spellings of an IPv4 address.
 */
export function readAddress(text: string): Address | AddressFault {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return { fault: 'edgecoder.providerUrl is no URL. Its default is http://127.0.0.1:4304.' };
  }

  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { fault: 'edgecoder.providerUrl must begin with http:// or https://.' };
  }

  if (url.username !== '' || url.password !== '') {
    return { fault: 'edgecoder.providerUrl must not carry a name or a password. Use the command EdgeCoder: Set API Key.' };
  }

  if (url.search !== '' || url.hash !== '') {
    return { fault: 'edgecoder.providerUrl must be an address alone, without ? and #.' };
  }

  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  return { base: url.origin + path, origin: url.origin, isLoopback: isLoopbackHost(url.hostname), isEncrypted: url.protocol === 'https:' };
}

/** Whether a host, as the URL parser gives it, is this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
