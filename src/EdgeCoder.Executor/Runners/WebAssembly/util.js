// node:util, node:path and the small globals that programs expect: text encoders, structuredClone, AbortController, events' base.
(function (engine) {
  'use strict';
  const { uncurry, has, ownKeys, defineProperty, inspect, charCodeAt, slice, indexOf } = engine;
  const getPrototypeOf = Object.getPrototypeOf, is = Object.is, isArray = Array.isArray, keysOf = Object.keys, setPrototypeOf = Object.setPrototypeOf;
  const isEnumerable = uncurry({}.propertyIsEnumerable), tagOf = uncurry({}.toString), number = Number, text = String, stringify = JSON.stringify;
  const fromCharCode = String.fromCharCode, isView = ArrayBuffer.isView, ErrorType = Error, isError = Error.isError ?? ((value) => value instanceof ErrorType);

  // ---- format ----

  const ownsText = (value) => {
    // Whether the object has a toString of its own or of a class of the program.
    for (let at = value; at !== null; at = getPrototypeOf(at)) {
      if (has(at, 'toString')) {
        const type = at.constructor;
        return typeof type === 'function' && !/\[native code\]/.test(Function.prototype.toString.call(type)) || (at === value && has(value, 'toString'));
      }
    }
    return false;
  };
  const numberText = (value) => typeof value === 'bigint' ? value + 'n' : typeof value === 'symbol' ? 'NaN' : is(value, -0) ? '-0' : '' + value;
  function formatWith(options, args) {
    let out = '', at = 0;
    if (typeof args[0] === 'string') {
      const first = args[0];
      if (args.length === 1) return first;
      let last = 0, next = 0;
      for (let i = 0; i < first.length - 1; i++) {
        if (first[i] !== '%') continue;
        const letter = first[++i];
        if (letter === '%') {
          out += slice(first, last, i);
          last = i + 1;
          continue;
        }
        if (next + 1 === args.length) continue;
        let shown;
        switch (letter) {
          case 's': {
            const value = args[++next];
            if (typeof value === 'number' || typeof value === 'bigint') shown = numberText(value);
            else if (typeof value !== 'object' || value === null || ownsText(value)) shown = text(value);
            else shown = inspect(value, { ...options, depth: 0, compact: 3 });
            break;
          }
          case 'd': { const value = args[++next]; shown = typeof value === 'bigint' || typeof value === 'symbol' ? numberText(value) : numberText(number(value)); break; }
          case 'i': { const value = args[++next]; shown = typeof value === 'bigint' || typeof value === 'symbol' ? numberText(value) : numberText(parseInt(value)); break; }
          case 'f': { const value = args[++next]; shown = typeof value === 'symbol' ? 'NaN' : numberText(parseFloat(value)); break; }
          case 'j': try { shown = stringify(args[++next]); } catch (error) { if (indexOf('' + error?.message, 'circular') < 0) throw error; shown = '[Circular]'; } break;
          case 'O': shown = inspect(args[++next], options); break;
          case 'o': shown = inspect(args[++next], { ...options, showHidden: true, depth: 4 }); break;
          case 'c': next++; shown = ''; break;
          default: continue;
        }
        out += slice(first, last, i - 1) + shown;
        last = i + 1;
      }
      if (last === 0) {
        out = first;
      } else {
        out += slice(first, last);
      }
      at = next + 1;
      if (at < args.length) out += ' ';
    }
    for (let i = at; i < args.length; i++) out += (i > at ? ' ' : '') + (typeof args[i] === 'string' ? args[i] : inspect(args[i], options));
    return out;
  }
  const format = (...args) => formatWith(undefined, args);
  engine.formatWith = formatWith;

  // ---- deep equality ----

  const sizeOf = (value) => value instanceof Map || value instanceof Set ? value.size : -1;
  function equal(a, b, strict, pairs) {
    if (a === b) return a !== 0 || !strict || is(a, b);
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
      if (strict) return is(a, b) && typeof a !== 'object';
      if (typeof a === 'object' && a !== null || typeof b === 'object' && b !== null) return false;
      return a == b || (a !== a && b !== b);
    }
    if (strict && getPrototypeOf(a) !== getPrototypeOf(b)) return false;
    const tag = tagOf(a);
    if (tag !== tagOf(b) || isArray(a) !== isArray(b)) return false;
    if (isArray(a) && a.length !== b.length) return false;
    switch (tag) {
      case '[object Date]': if (!is(a.getTime(), b.getTime())) return false; break;
      case '[object RegExp]': if (text(a) !== text(b) || a.lastIndex !== b.lastIndex) return false; break;
      case '[object Number]': case '[object String]': case '[object Boolean]': case '[object BigInt]': case '[object Symbol]':
        if (!is(a.valueOf(), b.valueOf())) return false;
        break;
    }
    if (isError(a) || isError(b)) {
      if (!isError(a) || !isError(b) || a.message !== b.message || a.name !== b.name) return false;
      if (!equal(a.cause, b.cause, strict, pairs) || !equal(a.errors, b.errors, strict, pairs)) return false;
    }
    if (isView(a) && a.length !== undefined) {
      if (a.length !== b.length) return false;
      for (let i = 0; i < a.length; i++) if (strict ? !is(a[i], b[i]) : a[i] !== b[i] && (a[i] === a[i] || b[i] === b[i])) return false;
      return true;
    }
    if (a instanceof ArrayBuffer) return equal(new Uint8Array(a), new Uint8Array(b), strict, pairs);
    if (a instanceof WeakMap || a instanceof WeakSet || a instanceof Promise) return false;
    const ours = ownEnumerable(a, strict), theirs = ownEnumerable(b, strict);
    if (ours.length !== theirs.length || sizeOf(a) !== sizeOf(b)) return false;
    for (let i = 0; i < ours.length; i++) if (!isEnumerable(b, ours[i])) return false;
    for (let i = pairs.length - 2; i >= 0; i -= 2) if (pairs[i] === a && pairs[i + 1] === b) return true;
    pairs[pairs.length] = a;
    pairs[pairs.length] = b;
    const result = members(a, b, ours, strict, pairs);
    pairs.length -= 2;
    return result;
  }
  function ownEnumerable(value, strict) {
    const keys = keysOf(value);
    if (strict) {
      const symbols = Object.getOwnPropertySymbols(value);
      for (let i = 0; i < symbols.length; i++) if (isEnumerable(value, symbols[i])) keys[keys.length] = symbols[i];
    }
    return keys;
  }
  function members(a, b, keys, strict, pairs) {
    if (a instanceof Set) {
      const rest = [];
      for (const item of a) if (!b.has(item) || (!strict && typeof item !== 'object')) rest[rest.length] = item;
      const others = rest.length === 0 ? [] : [...b].filter((item) => !a.has(item) || (!strict && typeof item !== 'object'));
      for (const item of rest) {
        const at = others.findIndex((other) => equal(item, other, strict, pairs));
        if (at < 0) return false;
        others.splice(at, 1);
      }
    } else if (a instanceof Map) {
      const rest = [];
      for (const [key, item] of a) {
        if (b.has(key)) {
          if (!equal(item, b.get(key), strict, pairs)) return false;
        } else rest[rest.length] = [key, item];
      }
      const others = rest.length === 0 ? [] : [...b].filter(([key]) => !a.has(key));
      for (const [key, item] of rest) {
        const at = others.findIndex(([otherKey, other]) => equal(key, otherKey, strict, pairs) && equal(item, other, strict, pairs));
        if (at < 0) return false;
        others.splice(at, 1);
      }
    }
    for (let i = 0; i < keys.length; i++) if (!equal(a[keys[i]], b[keys[i]], strict, pairs)) return false;
    return true;
  }
  const isDeepStrictEqual = (a, b) => equal(a, b, true, []);
  const isDeepEqual = (a, b) => equal(a, b, false, []);
  engine.isDeepStrictEqual = isDeepStrictEqual;
  engine.isDeepEqual = isDeepEqual;

  // ---- text as UTF-8 ----

  function encode(string) {
    string = text(string).toWellFormed();
    const bytes = [];
    for (let i = 0; i < string.length; i++) {
      let code = charCodeAt(string, i);
      if (code >= 0xd800 && code < 0xdc00) code = 0x10000 + ((code - 0xd800) << 10) + (charCodeAt(string, ++i) - 0xdc00);
      if (code < 0x80) bytes[bytes.length] = code;
      else if (code < 0x800) { bytes[bytes.length] = 0xc0 | code >> 6; bytes[bytes.length] = 0x80 | code & 63; }
      else if (code < 0x10000) { bytes[bytes.length] = 0xe0 | code >> 12; bytes[bytes.length] = 0x80 | code >> 6 & 63; bytes[bytes.length] = 0x80 | code & 63; }
      else { bytes[bytes.length] = 0xf0 | code >> 18; bytes[bytes.length] = 0x80 | code >> 12 & 63; bytes[bytes.length] = 0x80 | code >> 6 & 63; bytes[bytes.length] = 0x80 | code & 63; }
    }
    return new Uint8Array(bytes);
  }
  function decode(input) {
    const bytes = isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);
    let out = '';
    for (let i = 0; i < bytes.length;) {
      const first = bytes[i];
      const length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
      let code = length === 1 ? first : first & (0x7f >> length), valid = length > 0, j = 1;
      for (; valid && j < length; j++) {
        const next = bytes[i + j];
        const low = j === 1 ? first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80 : 0x80, high = j === 1 ? first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf : 0xbf;
        if (next === undefined || next < low || next > high) { valid = false; break; }
        code = code << 6 | next & 63;
      }
      out += valid ? String.fromCodePoint(code) : '\ufffd';
      i += valid ? length : Math.max(1, j);
    }
    return out;
  }
  class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(string = '') { return encode(string); }
    encodeInto(string, target) {
      const bytes = encode(string);
      target.set(bytes.subarray(0, target.length));
      return { read: string.length, written: Math.min(bytes.length, target.length) };
    }
  }
  class TextDecoder {
    constructor(label = 'utf-8') {
      if (!/^utf-?8$/i.test(label)) throw new RangeError('The "' + label + '" encoding is not supported');
    }
    get encoding() { return 'utf-8'; }
    decode(input) {
      const string = input === undefined ? '' : decode(input);
      return charCodeAt(string, 0) === 0xfeff ? slice(string, 1) : string;
    }
  }
  engine.decode = decode;

  // ---- structuredClone ----

  function clone(value, seen) {
    if (typeof value === 'function' || typeof value === 'symbol') throw new DOMException((typeof value === 'symbol' ? text(value) : value) + ' could not be cloned.', 'DataCloneError');
    if (value === null || typeof value !== 'object') return value;
    if (seen.has(value)) return seen.get(value);
    const keep = (copy) => { seen.set(value, copy); return copy; };
    const tag = tagOf(value);
    if (isArray(value)) {
      const copy = keep(new Array(value.length));
      for (const key of keysOf(value)) copy[key] = clone(value[key], seen);
      return copy;
    }
    if (tag === '[object Date]') return keep(new Date(value.getTime()));
    if (tag === '[object RegExp]') return keep(new RegExp(value.source, value.flags));
    if (value instanceof Map) {
      const copy = keep(new Map());
      for (const [key, item] of [...value]) copy.set(clone(key, seen), clone(item, seen));
      return copy;
    }
    if (value instanceof Set) {
      const copy = keep(new Set());
      for (const item of [...value]) copy.add(clone(item, seen));
      return copy;
    }
    if (value instanceof ArrayBuffer) return keep(value.slice(0));
    if (isView(value)) return keep(value.length === undefined ? new DataView(value.buffer.slice(0), value.byteOffset, value.byteLength) : value.slice());
    if (isError(value)) {
      const type = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }[value.name] ?? Error;
      const copy = keep(new type(value.message));
      if (has(value, 'cause')) copy.cause = clone(value.cause, seen);
      return copy;
    }
    if (tag === '[object Number]' || tag === '[object String]' || tag === '[object Boolean]') return keep(Object(value.valueOf()));
    if (value instanceof WeakMap || value instanceof WeakSet || value instanceof Promise) throw new DOMException(tag.slice(8, -1) === 'Promise' ? '#<Promise> could not be cloned.' : '#<' + tag.slice(8, -1) + '> could not be cloned.', 'DataCloneError');
    const copy = keep({});
    for (const key of keysOf(value)) copy[key] = clone(value[key], seen);
    return copy;
  }
  function structuredClone(value) {
    if (arguments.length === 0) throw new TypeError("The \"value\" argument must be specified");
    return clone(value, new Map());
  }

  // ---- events of the web ----

  class Event {
    constructor(type, options) {
      this.type = text(type);
      this.defaultPrevented = false;
      this.cancelable = Boolean(options?.cancelable);
      this.target = null;
    }
    preventDefault() { if (this.cancelable) this.defaultPrevented = true; }
    stopImmediatePropagation() { this.stopped = true; }
  }
  class EventTarget {
    #listeners = new Map();
    addEventListener(type, listener, options) {
      const list = this.#listeners.get(type) ?? [];
      if (!list.some((each) => each.listener === listener)) list.push({ listener, once: Boolean(options?.once) });
      this.#listeners.set(type, list);
    }
    removeEventListener(type, listener) {
      this.#listeners.set(type, (this.#listeners.get(type) ?? []).filter((each) => each.listener !== listener));
    }
    dispatchEvent(event) {
      event.target = this;
      for (const { listener, once } of [...(this.#listeners.get(event.type) ?? [])]) {
        if (once) this.removeEventListener(event.type, listener);
        if (typeof listener === 'function') listener.call(this, event);
        else listener.handleEvent(event);
        if (event.stopped) break;
      }
      return !event.defaultPrevented;
    }
  }
  class AbortSignal extends EventTarget {
    aborted = false;
    reason = undefined;
    onabort = null;
    throwIfAborted() { if (this.aborted) throw this.reason; }
    static abort(reason) {
      const controller = new AbortController();
      controller.abort(reason);
      return controller.signal;
    }
    static timeout(milliseconds) {
      const controller = new AbortController();
      engine.setTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), milliseconds).unref();
      return controller.signal;
    }
  }
  class AbortController {
    signal = new AbortSignal();
    abort(reason = new DOMException('This operation was aborted', 'AbortError')) {
      if (this.signal.aborted) return;
      this.signal.aborted = true;
      this.signal.reason = reason;
      const event = new Event('abort');
      this.signal.onabort?.(event);
      this.signal.dispatchEvent(event);
    }
  }
  engine.AbortController = AbortController;

  // ---- node:util ----

  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  function btoa(value) {
    const string = text(value);
    let out = '';
    for (let i = 0; i < string.length; i += 3) {
      const [a, b, c] = [charCodeAt(string, i), charCodeAt(string, i + 1), charCodeAt(string, i + 2)];
      if (a > 255 || b > 255 || c > 255) throw new DOMException('Invalid character', 'InvalidCharacterError');
      out += ALPHABET[a >> 2] + ALPHABET[(a & 3) << 4 | (b || 0) >> 4] + (i + 1 < string.length ? ALPHABET[(b & 15) << 2 | (c || 0) >> 6] : '=') + (i + 2 < string.length ? ALPHABET[c & 63] : '=');
    }
    return out;
  }
  function atob(value) {
    const string = text(value).replace(/[\t\n\f\r ]/g, '').replace(/={1,2}$/, '');
    if (string.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(string)) throw new DOMException('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
    let out = '', bits = 0, count = 0;
    for (let i = 0; i < string.length; i++) {
      bits = bits << 6 | indexOf(ALPHABET, string[i]);
      count += 6;
      if (count >= 8) {
        count -= 8;
        out += fromCharCode(bits >> count & 255);
        bits &= (1 << count) - 1;
      }
    }
    return out;
  }
  const custom = Symbol.for('nodejs.util.promisify.custom');
  function promisify(original) {
    if (typeof original !== 'function') throw new TypeError('The "original" argument must be of type function');
    if (original[custom]) return original[custom];
    const promised = function (...args) {
      return new Promise((resolve, reject) => original.call(this, ...args, (error, value) => error ? reject(error) : resolve(value)));
    };
    defineProperty(promised, 'name', { value: original.name, configurable: true });
    return promised;
  }
  promisify.custom = custom;
  const callbackify = (original) => function (...args) {
    const callback = args.pop();
    original.apply(this, args).then((value) => engine.setTimeout(callback, 0, null, value), (error) => engine.setTimeout(callback, 0, error));
  };
  const tagged = (name) => (value) => tagOf(value) === '[object ' + name + ']';
  const types = {
    isDate: tagged('Date'), isRegExp: tagged('RegExp'), isMap: (value) => value instanceof Map, isSet: (value) => value instanceof Set, isPromise: (value) => value instanceof Promise,
    isNativeError: (value) => isError(value), isTypedArray: (value) => isView(value) && value.length !== undefined, isUint8Array: tagged('Uint8Array'), isArrayBuffer: tagged('ArrayBuffer'), isAnyArrayBuffer: (value) => value instanceof ArrayBuffer || value instanceof SharedArrayBuffer,
    isGeneratorFunction: (value) => typeof value === 'function' && /GeneratorFunction\]$/.test(tagOf(value)), isAsyncFunction: (value) => typeof value === 'function' && /Async/.test(tagOf(value)), isGeneratorObject: tagged('Generator'),
    isWeakMap: tagged('WeakMap'), isWeakSet: tagged('WeakSet'), isBoxedPrimitive: (value) => value !== null && typeof value === 'object' && /^\[object (Number|String|Boolean|BigInt|Symbol)\]$/.test(tagOf(value)), isSymbolObject: (value) => typeof value === 'object' && tagOf(value) === '[object Symbol]',
  };
  const util = {
    inspect, format, formatWithOptions: (options, ...args) => formatWith(options, args), isDeepStrictEqual, promisify, callbackify, types, TextEncoder, TextDecoder,
    inherits(type, parent) {
      defineProperty(type, 'super_', { value: parent, writable: true, configurable: true });
      setPrototypeOf(type.prototype, parent.prototype);
    },
    deprecate: (action) => action,
    isArray,
    stripVTControlCharacters: (string) => text(string).replace(/\u001b\[[0-9;]*[A-Za-z]/g, ''),
    toUSVString: (string) => text(string).toWellFormed(),
    debuglog: () => () => {},
  };
  util.default = util;
  engine.modules.util = util;
  engine.modules['util/types'] = types;

  // ---- node:path, as on POSIX ----

  const tidy = (path, rooted) => {
    const out = [];
    for (const part of path.split('/')) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
        else if (!rooted) out.push('..');
      } else out.push(part);
    }
    return out.join('/');
  };
  const path = {
    sep: '/', delimiter: ':',
    isAbsolute: (value) => value[0] === '/',
    normalize(value) {
      const rooted = value[0] === '/', tail = value.endsWith('/');
      let out = tidy(value, rooted);
      if (out === '' && !rooted) out = '.';
      if (out !== '' && tail) out += '/';
      return rooted ? '/' + out : out;
    },
    join(...parts) {
      const joined = parts.filter((part) => part !== '').join('/');
      return joined === '' ? '.' : path.normalize(joined);
    },
    resolve(...parts) {
      let out = '';
      for (let i = parts.length - 1; i >= 0 && out[0] !== '/'; i--) if (parts[i] !== '') out = parts[i] + (out ? '/' + out : '');
      if (out[0] !== '/') out = '/' + out;
      return '/' + tidy(out, true);
    },
    dirname(value) {
      const trimmed = value.length > 1 ? value.replace(/\/+$/, '') || '/' : value, at = trimmed.lastIndexOf('/');
      return at < 0 ? '.' : at === 0 ? '/' : trimmed.slice(0, at);
    },
    basename(value, ending) {
      const name = value.replace(/\/+$/, '').split('/').pop();
      return ending !== undefined && name !== ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
    },
    extname(value) {
      const name = path.basename(value), at = name.lastIndexOf('.');
      return at <= 0 ? '' : name.slice(at);
    },
    relative(from, to) {
      const a = path.resolve(from).split('/').filter(Boolean), b = path.resolve(to).split('/').filter(Boolean);
      let same = 0;
      while (same < a.length && same < b.length && a[same] === b[same]) same++;
      return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
    },
    parse(value) {
      const base = path.basename(value), ext = path.extname(value), root = value[0] === '/' ? '/' : '', dir = path.dirname(value);
      return { root, dir: dir === '.' && !value.includes('/') ? '' : dir, base, ext, name: ext ? base.slice(0, -ext.length) : base };
    },
    format(parts) {
      const dir = parts.dir || parts.root || '', base = parts.base || (parts.name || '') + (parts.ext || '');
      return dir === '' ? base : dir === parts.root ? dir + base : dir + '/' + base;
    },
  };
  path.posix = path;
  path.default = path;
  engine.modules.path = path;
  engine.modules['path/posix'] = path;

  const globals = { TextEncoder, TextDecoder, structuredClone, AbortController, AbortSignal, Event, EventTarget, btoa, atob, global: globalThis };
  for (const name of ownKeys(globals)) defineProperty(globalThis, name, { value: globals[name], writable: true, configurable: true, enumerable: false });
})
