// Shows a value as node's util.inspect does: the same words, the same line breaks.
(function (engine) {
  'use strict';
  const { apply, ownKeys, uncurry, has, slice, indexOf, charCodeAt } = engine;
  const getPrototypeOf = Object.getPrototypeOf, getOwnPropertyDescriptor = Object.getOwnPropertyDescriptor, is = Object.is, isArray = Array.isArray;
  const isEnumerable = uncurry({}.propertyIsEnumerable), functionText = uncurry(Function.prototype.toString);
  const regExpText = uncurry(RegExp.prototype.toString), isoText = uncurry(Date.prototype.toISOString), timeOf = uncurry(Date.prototype.getTime), symbolText = uncurry(Symbol.prototype.toString);
  const sizeOfMap = uncurry(getOwnPropertyDescriptor(Map.prototype, 'size').get), sizeOfSet = uncurry(getOwnPropertyDescriptor(Set.prototype, 'size').get);
  const eachOfMap = uncurry(Map.prototype.forEach), eachOfSet = uncurry(Set.prototype.forEach);
  const hasWeakMap = uncurry(WeakMap.prototype.has), hasWeakSet = uncurry(WeakSet.prototype.has);
  const TypedArray = getPrototypeOf(Uint8Array), tagOfTyped = uncurry(getOwnPropertyDescriptor(TypedArray.prototype, Symbol.toStringTag).get);
  const lengthOfBuffer = uncurry(getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get), lengthOfShared = uncurry(getOwnPropertyDescriptor(SharedArrayBuffer.prototype, 'byteLength').get);
  const valueOfNumber = uncurry(Number.prototype.valueOf), valueOfString = uncurry(String.prototype.valueOf), valueOfBoolean = uncurry(Boolean.prototype.valueOf), valueOfBigInt = uncurry(BigInt.prototype.valueOf), valueOfSymbol = uncurry(Symbol.prototype.valueOf);
  const test = uncurry(RegExp.prototype.test), join = uncurry([].join), sort = uncurry([].sort), repeat = uncurry(''.repeat), padStart = uncurry(''.padStart), padEnd = uncurry(''.padEnd), replace = uncurry(''.replace), includes = uncurry(''.includes), split = uncurry(''.split);
  const min = Math.min, max = Math.max, sqrt = Math.sqrt, round = Math.round, floor = Math.floor, hex = uncurry((0).toString), upper = uncurry(''.toUpperCase), dereference = uncurry(WeakRef.prototype.deref);
  const PromiseType = Promise, isDataView = uncurry(getOwnPropertyDescriptor(DataView.prototype, 'byteLength').get);
  const ErrorPrototype = Error.prototype, ObjectPrototype = Object.prototype, isError = Error.isError ?? ((value) => value instanceof Error);
  const toStringTag = Symbol.toStringTag, iteratorSymbol = Symbol.iterator;
  const custom = Symbol.for('nodejs.util.inspect.custom');
  const PLAIN_KEY = /^[a-zA-Z_][a-zA-Z_0-9]*$/, ESCAPED = /[\x00-\x1f\x27\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
  const attempt = (action) => { try { action(); return true; } catch { return false; } };
  const DEFAULTS = { depth: 2, breakLength: 80, compact: 3, maxArrayLength: 100, maxStringLength: 10000, showHidden: false, sorted: false, getters: false, colors: false, customInspect: true, numericSeparator: false };

  // ---- text ----

  const META = ['\\x00', '\\x01', '\\x02', '\\x03', '\\x04', '\\x05', '\\x06', '\\x07', '\\b', '\\t', '\\n', '\\x0B', '\\f', '\\r'];
  function escaped(text, quote) {
    let out = '';
    for (let i = 0; i < text.length; i++) {
      const code = charCodeAt(text, i);
      if (code === charCodeAt(quote, 0) || code === 92) out += '\\' + text[i];
      else if (code < 14) out += META[code];
      else if (code < 32 || (code > 126 && code < 160)) out += '\\x' + (code < 16 ? '0' : '') + upper(hex(code, 16));
      else if (code >= 0xd800 && code <= 0xdfff) {
        const next = i + 1 < text.length ? charCodeAt(text, i + 1) : 0;
        if (code <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) out += text[i] + text[++i];
        else out += '\\u' + hex(code, 16);
      } else out += text[i];
    }
    return out;
  }
  function quoted(text) {
    if (!test(ESCAPED, text)) return "'" + text + "'";
    const quote = !includes(text, "'") ? "'" : !includes(text, '"') ? '"' : !includes(text, '`') && !includes(text, '${') ? '`' : "'";
    return quote + escaped(text, quote) + quote;
  }
  function numberText(value) {
    return is(value, -0) ? '-0' : '' + value;
  }
  function primitive(context, value) {
    switch (typeof value) {
      case 'string': {
        let trailer = '';
        if (value.length > context.maxStringLength) {
          const rest = value.length - context.maxStringLength;
          value = slice(value, 0, context.maxStringLength);
          trailer = '... ' + rest + ' more character' + (rest > 1 ? 's' : '');
        }
        if (context.compact !== true && value.length > 16 && value.length > context.breakLength - context.indentation - 4 && includes(value, '\n')) {
          const lines = [];
          for (let start = 0; start < value.length;) {
            const at = indexOf(value, '\n', start), stop = at < 0 ? value.length : at + 1;
            lines[lines.length] = quoted(slice(value, start, stop));
            start = stop;
          }
          return join(lines, ' +\n' + repeat(' ', context.indentation + 2)) + trailer;
        }
        return quoted(value) + trailer;
      }
      case 'number': return numberText(value);
      case 'bigint': return value + 'n';
      case 'symbol': return symbolText(value);
      default: return '' + value;
    }
  }

  // ---- what a value is ----

  const isFunctionOwn = (descriptor) => descriptor !== undefined && typeof descriptor.value === 'function' && descriptor.value.name !== '';
  // Name of the constructor, or of that of the nearest prototype that has one.
  function constructorName(value) {
    for (let at = value, first = value; at !== null && at !== undefined; at = getPrototypeOf(at)) {
      const descriptor = getOwnPropertyDescriptor(at, 'constructor');
      if (isFunctionOwn(descriptor) && isInstance(first, descriptor.value)) return '' + descriptor.value.name;
    }
    return null;
  }
  function isInstance(value, type) {
    const prototype = getOwnPropertyDescriptor(type, 'prototype')?.value;
    if (prototype === null || prototype === undefined) return false;
    for (let at = getPrototypeOf(value); at !== null; at = getPrototypeOf(at)) if (at === prototype) return true;
    return false;
  }
  function prefix(constructor, tag, fallback, size = '') {
    if (constructor === null) return tag !== '' && fallback !== tag ? '[' + fallback + size + ': null prototype] [' + tag + '] ' : '[' + fallback + size + ': null prototype] ';
    return tag !== '' && constructor !== tag ? constructor + size + ' [' + tag + '] ' : constructor + size + ' ';
  }
  function keysOf(value, showHidden) {
    const keys = [], all = ownKeys(value);
    for (let i = 0; i < all.length; i++) if (showHidden || isEnumerable(value, all[i])) keys[keys.length] = all[i];
    return keys;
  }
  const isIndex = (key) => typeof key === 'string' && key !== '' && '' + (key >>> 0) === key && key >>> 0 !== 4294967295;
  function otherKeys(value, showHidden) {
    const keys = keysOf(value, showHidden), found = [];
    for (let i = 0; i < keys.length; i++) if (!isIndex(keys[i]) && !(showHidden && keys[i] === 'length')) found[found.length] = keys[i];
    return found;
  }

  // ---- values ----

  function format(context, value, level, typed) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return primitive(context, value);
    const proxied = value;
    if (context.customInspect) {
      const own = value[custom];
      if (typeof own === 'function' && own !== inspect && !(isFunctionOwn(getOwnPropertyDescriptor(value, 'constructor')) && value.constructor.prototype === value)) {
        const depth = context.depth === null ? null : context.depth - level;
        const shown = apply(own, proxied, [depth, optionsOf(context), inspect]);
        if (shown !== proxied) return typeof shown !== 'object' ? '' + shown : replace(format(context, shown, level), /\n/g, '\n' + repeat(' ', context.indentation));
      }
    }
    if (indexIn(context.seen, value) >= 0) {
      let index = 1;
      if (context.circular === undefined) {
        context.circular = [value];
      } else {
        index = indexIn(context.circular, value) + 1;
        if (index === 0) {
          context.circular[context.circular.length] = value;
          index = context.circular.length;
        }
      }
      return '[Circular *' + index + ']';
    }
    return formatRaw(context, value, level, typed);
  }
  function indexIn(list, value) {
    for (let i = 0; i < list.length; i++) if (list[i] === value) return i;
    return -1;
  }
  function optionsOf(context) {
    return { depth: context.depth, breakLength: context.breakLength, compact: context.compact, maxArrayLength: context.maxArrayLength, maxStringLength: context.maxStringLength, showHidden: context.showHidden, sorted: context.sorted, getters: context.getters, colors: false, customInspect: context.customInspect, stylize: (text) => '' + text };
  }

  function formatRaw(context, value, level, typed) {
    const constructor = constructorName(value);
    let tag = value[toStringTag];
    if (typeof tag !== 'string' || (tag !== '' && (context.showHidden ? has : isEnumerable)(value, toStringTag))) tag = '';
    let keys, base = '', entries = () => [], braces, isList = false;
    const own = () => keysOf(value, context.showHidden);

    if (isArray(value)) {
      const head = constructor !== 'Array' || tag !== '' ? prefix(constructor, tag, 'Array', '(' + value.length + ')') : '';
      keys = otherKeys(value, context.showHidden);
      braces = [head + '[', ']'];
      if (value.length === 0 && keys.length === 0) return braces[0] + ']';
      isList = true;
      entries = () => arrayEntries(context, value, level);
    } else if (typeof value !== 'function' && value[toStringTag] === undefined && tagOf(value) === '[object Object]') {
      // Nothing built in: most objects of programs.
      keys = own();
      const head = constructor === 'Object' ? '' : prefix(constructor, tag, 'Object');
      braces = [head + '{', '}'];
      if (keys.length === 0) return head + '{}';
    } else if (attempt(() => sizeOfSet(value))) {
      const size = sizeOfSet(value);
      keys = own();
      braces = [prefix(constructor, tag, 'Set', '(' + size + ')') + '{', '}'];
      entries = () => setEntries(context, value, level);
      if (size === 0 && keys.length === 0) return braces[0] + '}';
    } else if (attempt(() => sizeOfMap(value))) {
      const size = sizeOfMap(value);
      keys = own();
      braces = [prefix(constructor, tag, 'Map', '(' + size + ')') + '{', '}'];
      entries = () => mapEntries(context, value, level);
      if (size === 0 && keys.length === 0) return braces[0] + '}';
    } else if (tagOfTyped(value) !== undefined) {
      const name = tagOfTyped(value);
      keys = otherKeys(value, context.showHidden);
      braces = [prefix(constructor, tag, name, '(' + value.length + ')') + '[', ']'];
      if (value.length === 0 && keys.length === 0) return braces[0] + ']';
      isList = true;
      entries = () => typedEntries(context, value);
    } else if (tag === 'Map Iterator' || tag === 'Set Iterator') {
      keys = own();
      braces = ['[' + tag + '] {', '}'];
      entries = () => [];
    } else {
      const special = specialValue(context, value, constructor, tag, level, typed, own);
      if (typeof special === 'string') return special;
      ({ keys, base, braces, entries } = special);
    }

    if (context.depth !== null && level > context.depth) {
      const name = slice(prefix(constructor, tag, isArray(value) ? 'Array' : 'Object'), 0, -1);
      return constructor === null ? name : '[' + name + ']';
    }
    level++;
    context.seen[context.seen.length] = value;
    context.currentDepth = level;
    const output = entries();
    for (let i = 0; i < keys.length; i++) output[output.length] = property(context, value, keys[i], level, isList ? 1 : 0);
    context.seen.length--;
    if (context.circular !== undefined) {
      const index = indexIn(context.circular, value);
      if (index >= 0) {
        const reference = '<ref *' + (index + 1) + '>';
        if (context.compact !== true) base = base === '' ? reference : reference + ' ' + base;
        else braces[0] = reference + ' ' + braces[0];
      }
    }
    if (context.sorted) {
      if (isList) {
        const list = output.slice(0, output.length - keys.length), rest = sort(output.slice(output.length - keys.length), context.sorted === true ? undefined : context.sorted);
        output.length = 0;
        for (const each of list) output[output.length] = each;
        for (const each of rest) output[output.length] = each;
      } else sort(output, context.sorted === true ? undefined : context.sorted);
    }
    const result = reduce(context, output, base, braces, isList, level, value);
    const budget = context.budget[context.indentationLevel] || 0;
    context.budget[context.indentationLevel] = budget + result.length;
    if (budget + result.length > 2 ** 27) context.depth = -1;
    return result;
  }

  // Objects that are neither lists nor collections: a whole text, or how to go on.
  function specialValue(context, value, constructor, tag, level, typed, own) {
    const go = (keys, base, braces, entries = () => []) => ({ keys, base, braces, entries });
    if (typeof value === 'function') {
      const keys = own(), base = functionBase(value, constructor, tag);
      return keys.length === 0 ? base : go(keys, base, ['{', '}']);
    }
    if (attempt(() => timeOf(value))) {
      const keys = own(), time = timeOf(value);
      let base = time !== time ? 'Invalid Date' : isoText(value);
      const head = prefix(constructor, tag, 'Date');
      if (head !== 'Date ') base = head + base;
      return keys.length === 0 ? base : go(keys, base, ['{', '}']);
    }
    if (isRegExp(value)) {
      const keys = own();
      let base = regExpText(constructor !== null ? value : new RegExp(value));
      const head = prefix(constructor, tag, 'RegExp');
      if (head !== 'RegExp ') base = head + base;
      return keys.length === 0 || (context.depth !== null && level > context.depth) ? base : go(keys, base, ['{', '}']);
    }
    if (isError(value)) {
      const keys = own(), base = errorBase(context, value, constructor, tag, keys);
      return keys.length === 0 ? base : go(keys, base, ['{', '}']);
    }
    if (attempt(() => lengthOfBuffer(value)) || attempt(() => lengthOfShared(value))) {
      const shared = !attempt(() => lengthOfBuffer(value)), keys = own();
      const length = shared ? lengthOfShared(value) : lengthOfBuffer(value);
      const head = prefix(constructor, tag, shared ? 'SharedArrayBuffer' : 'ArrayBuffer');
      return go(keys, '', [head + '{', '}'], () => {
        const bytes = new Uint8Array(value);
        let text = '';
        const shown = min(max(0, context.maxArrayLength), length);
        for (let i = 0; i < shown; i++) text += (i ? ' ' : '') + padStart(hex(bytes[i], 16), 2, '0');
        if (length > shown) text += ' ... ' + (length - shown) + ' more byte' + (length - shown > 1 ? 's' : '');
        return ['[Uint8Contents]: <' + text + '>', 'byteLength: ' + length];
      });
    }
    if (attempt(() => isDataView(value))) {
      return go(own(), '', [prefix(constructor, tag, 'DataView') + '{', '}'], () => ['byteLength: ' + value.byteLength, 'byteOffset: ' + value.byteOffset, 'buffer: ' + indented(context, 2, () => format(context, value.buffer, level + 1))]);
    }
    if (isPromise(value)) return go(own(), '', [prefix(constructor, tag, 'Promise') + '{', '}'], () => ['<pending>']);
    if (attempt(() => hasWeakSet(value, ErrorPrototype))) return go(own(), '', [prefix(constructor, tag, 'WeakSet') + '{', '}'], () => ['<items unknown>']);
    if (attempt(() => hasWeakMap(value, ErrorPrototype))) return go(own(), '', [prefix(constructor, tag, 'WeakMap') + '{', '}'], () => ['<items unknown>']);
    if (attempt(() => dereference(value))) return go(own(), '', [prefix(constructor, tag, 'WeakRef') + '{', '}'], () => [indented(context, 2, () => format(context, dereference(value), level + 1))]);
    const boxed = boxedBase(context, value, constructor, tag);
    if (boxed !== null) {
      const keys = attempt(() => valueOfString(value)) ? otherKeys(value, context.showHidden) : own();
      return keys.length === 0 ? boxed : go(keys, boxed, ['{', '}']);
    }
    const keys = own();
    if (tag === 'Module') return go(keys, '', ['[' + tag + '] {', '}']);
    if (isArguments(value, tag)) return keys.length === 0 ? '[Arguments] {}' : go(keys, '', ['[Arguments] {', '}']);
    const head = constructor === 'Object' && tag === '' ? '' : prefix(constructor, tag, 'Object');
    if (keys.length === 0) return head + '{}';
    return go(keys, '', [head + '{', '}']);
  }
  const isArguments = (value, tag) => tag === '' && has(value, 'length') && has(value, 'callee') && !isEnumerable(value, 'callee') && apply(ObjectPrototype.toString, value, []) === '[object Arguments]';
  const regExpSource = uncurry(getOwnPropertyDescriptor(RegExp.prototype, 'source').get);
  const isRegExp = (value) => value !== RegExp.prototype && attempt(() => regExpSource(value));
  const isPromise = (value) => value instanceof PromiseType && tagOf(value) === '[object Promise]';
  const tagOf = (value) => apply(objectToString, value, []);
  const objectToString = ObjectPrototype.toString;

  function functionBase(value, constructor, tag) {
    const source = functionText(value);
    if (slice(source, 0, 5) === 'class' && slice(source, -1) === '}') {
      const name = has(value, 'name') && typeof value.name === 'string' && value.name !== '' ? value.name : '';
      let base = '[class ' + (name || '(anonymous)');
      if (constructor !== 'Function' && constructor !== null) base += ' [' + constructor + ']';
      if (tag !== '' && constructor !== tag) base += ' [' + tag + ']';
      const parent = getPrototypeOf(value);
      if (constructor === null) base += ' extends [null prototype]';
      else if (parent !== null && parent.name) base += ' extends ' + parent.name;
      return base + ']';
    }
    const kind = slice(tag === 'AsyncFunction' || tag === 'GeneratorFunction' || tag === 'AsyncGeneratorFunction' ? tag : 'Function', 0);
    let base = '[' + kind;
    if (constructor === null) base += ' (null prototype)';
    base += value.name === '' || typeof value.name !== 'string' ? ' (anonymous)' : ': ' + value.name;
    base += ']';
    if (constructor !== kind && constructor !== null && constructor !== 'Function') base += ' ' + constructor;
    if (tag !== '' && constructor !== tag && tag !== kind) base += ' [' + tag + ']';
    return base;
  }
  function boxedBase(context, value, constructor, tag) {
    let type, inner;
    if (attempt(() => { inner = valueOfNumber(value); })) type = 'Number';
    else if (attempt(() => { inner = valueOfString(value); })) type = 'String';
    else if (attempt(() => { inner = valueOfBoolean(value); })) type = 'Boolean';
    else if (attempt(() => { inner = valueOfBigInt(value); })) type = 'BigInt';
    else if (attempt(() => { inner = valueOfSymbol(value); })) type = 'Symbol';
    else return null;
    let base = '[' + type;
    if (type !== constructor) base += constructor === null ? ' (null prototype)' : ' (' + constructor + ')';
    base += ': ' + primitive({ ...context, maxStringLength: Infinity, compact: true }, inner) + ']';
    if (tag !== '' && tag !== constructor) base += ' [' + tag + ']';
    return base;
  }

  // The stack with its first line, as V8 has it; without frames of the program only the first line, in brackets.
  function errorBase(context, error, constructor, tag, keys) {
    const name = error.name !== undefined && error.name !== null ? '' + error.name : 'Error';
    const message = error.message !== undefined && error.message !== null ? '' + error.message : '';
    for (const hidden of ['name', 'message', 'stack']) {
      const at = indexIn(keys, hidden);
      if (at >= 0 && (hidden === 'stack' || includes('' + error.stack + name + message, '' + error[hidden]))) keys.splice(at, 1);
    }
    if ('cause' in error && has(error, 'cause') && indexIn(keys, 'cause') < 0) keys[keys.length] = 'cause';
    if (isArray(error.errors) && has(error, 'errors') && indexIn(keys, 'errors') < 0) keys[keys.length] = 'errors';
    let shown = name;
    if (constructor === null) shown = '[' + name + ': null prototype]';
    else if (!includes(name, constructor) && !includes(constructor, 'AssertionError')) shown = (name === 'Error' || includes(constructor, name)) ? constructor : constructor + ' [' + name + ']';
    if (typeof error.code === 'string' && slice(error.code, 0, 4) === 'ERR_' && !includes(shown, error.code)) shown += ' [' + error.code + ']';
    let text = shown + (message === '' ? '' : ': ' + message);
    const frames = engine.frames(error);
    for (let i = 0; i < frames.length; i++) {
      const frame = frames[i], place = frame.file + ':' + frame.line + ':' + frame.column;
      text += '\n    at ' + (frame.name && frame.name !== '<anonymous>' && frame.name !== '<eval>' ? frame.name + ' (' + place + ')' : place);
    }
    if (frames.length === 0) text = '[' + text + ']';
    if (context.indentation !== 0) text = join(split(text, '\n'), '\n' + repeat(' ', context.indentation));
    return text;
  }

  // ---- entries ----

  function indented(context, by, action) {
    context.indentation += by;
    const result = action();
    context.indentation -= by;
    return result;
  }
  function more(rest, what = 'item') { return '... ' + rest + ' more ' + what + (rest > 1 ? 's' : ''); }
  function arrayEntries(context, value, level) {
    const length = value.length, shown = min(max(0, context.maxArrayLength), length), output = [];
    let index = 0;
    for (; index < length && output.length < shown; index++) {
      if (has(value, index)) {
        output[output.length] = property(context, value, index, level, 1);
        continue;
      }
      let holes = 0;
      while (index + holes < length && !has(value, index + holes)) {
        holes++;
        if (holes > 100000) { holes = nextIndex(value, index) - index; break; }
      }
      output[output.length] = '<' + holes + ' empty item' + (holes > 1 ? 's' : '') + '>';
      index += holes - 1;
    }
    if (index < length) output[output.length] = more(length - index);
    return output;
  }
  function nextIndex(value, from) {
    const keys = ownKeys(value);
    for (let i = 0; i < keys.length; i++) if (isIndex(keys[i]) && +keys[i] >= from) return +keys[i];
    return value.length;
  }
  function typedEntries(context, value) {
    const shown = min(max(0, context.maxArrayLength), value.length), output = [];
    for (let i = 0; i < shown; i++) output[i] = typeof value[i] === 'bigint' ? value[i] + 'n' : numberText(value[i]);
    if (value.length > shown) output[shown] = more(value.length - shown);
    return output;
  }
  function setEntries(context, value, level) {
    const output = [], shown = min(max(0, context.maxArrayLength), sizeOfSet(value));
    context.indentation += 2;
    let i = 0;
    eachOfSet(value, (item) => { if (i++ < shown) output[output.length] = format(context, item, level); });
    context.indentation -= 2;
    if (i > shown) output[output.length] = more(i - shown);
    return output;
  }
  function mapEntries(context, value, level) {
    const output = [], shown = min(max(0, context.maxArrayLength), sizeOfMap(value));
    context.indentation += 2;
    let i = 0;
    eachOfMap(value, (item, key) => { if (i++ < shown) output[output.length] = format(context, key, level) + ' => ' + format(context, item, level); });
    context.indentation -= 2;
    if (i > shown) output[output.length] = more(i - shown);
    return output;
  }
  // kind 1: an element of a list, which shows no index.
  function property(context, value, key, level, kind) {
    const descriptor = getOwnPropertyDescriptor(value, key) ?? { value: value[key], enumerable: true };
    let shown, extra = ' ';
    if (descriptor.value !== undefined || has(descriptor, 'value')) {
      const by = context.compact !== true || kind !== 0 ? 2 : 3;
      context.indentation += by;
      shown = format(context, descriptor.value, level);
      if (by === 3 && context.breakLength < shown.length) extra = '\n' + repeat(' ', context.indentation);
      context.indentation -= by;
    } else if (descriptor.get !== undefined) {
      const label = descriptor.set !== undefined ? 'Getter/Setter' : 'Getter';
      if (context.getters === true) {
        const inner = apply(descriptor.get, value, []);
        shown = inner === null || typeof inner !== 'object' ? '[' + label + ': ' + primitive(context, inner) + ']' : '[' + label + '] ' + indented(context, 2, () => format(context, inner, level));
      } else shown = '[' + label + ']';
    } else shown = descriptor.set !== undefined ? '[Setter]' : 'undefined';
    if (kind === 1 && (typeof key === 'number' || isIndex(key))) return shown;
    const name = typeof key === 'symbol' ? '[' + escaped(symbolText(key), '') + ']' : key === '__proto__' ? "['__proto__']"
      : descriptor.enumerable === false ? '[' + key + ']' : test(PLAIN_KEY, key) ? key : quoted('' + key);
    return name + ':' + extra + shown;
  }

  // ---- line breaks ----

  function reduce(context, output, base, braces, isList, level, value) {
    if (context.compact !== true) {
      if (typeof context.compact === 'number' && context.compact >= 1) {
        const entries = output.length;
        if (isList && entries > 6) output = grouped(context, output, value);
        if (context.currentDepth - level < context.compact && entries === output.length) {
          const start = output.length + context.indentation + braces[0].length + base.length + 10;
          if (fits(context, output, start, base)) {
            const joined = join(output, ', ');
            if (!includes(joined, '\n')) return (base ? base + ' ' : '') + braces[0] + ' ' + joined + ' ' + braces[1];
          }
        }
      }
      const indentation = '\n' + repeat(' ', context.indentation);
      return (base ? base + ' ' : '') + braces[0] + indentation + '  ' + join(output, ',' + indentation + '  ') + indentation + braces[1];
    }
    if (fits(context, output, 0, base)) return braces[0] + (base ? ' ' + base : '') + ' ' + join(output, ', ') + ' ' + braces[1];
    const indentation = '\n' + repeat(' ', context.indentation);
    const line = base === '' && braces[0].length === 1 ? ' ' : (base ? ' ' + base : '') + '\n' + indentation + '  ';
    return braces[0] + line + join(output, ',' + indentation + '  ') + ' ' + braces[1];
  }
  function fits(context, output, start, base) {
    let total = output.length + start;
    if (total + output.length > context.breakLength) return false;
    for (let i = 0; i < output.length; i++) {
      total += output[i].length;
      if (total > context.breakLength) return false;
    }
    return base === '' || !includes(base, '\n');
  }
  // Short elements of a long list stand in columns.
  function grouped(context, output, value) {
    let total = 0, longest = 0, i = 0, count = output.length;
    if (context.maxArrayLength < output.length) count--; // the line that tells how many more
    const widths = [];
    for (; i < count; i++) {
      const width = widthOf(output[i]);
      widths[i] = width;
      total += width + 2;
      if (longest < width) longest = width;
    }
    const actual = longest + 2;
    if (actual * 3 + context.indentation >= context.breakLength || !(total / actual > 5 || longest <= 6)) return output;
    const bias = sqrt(actual - total / output.length), biased = max(actual - 3 - bias, 1);
    const columns = min(
      // Ideally a square.
      round(sqrt(2.5 * biased * count) / biased),
      floor((context.breakLength - context.indentation) / actual),
      context.compact * 4,
      15,
    );
    if (columns <= 1) return output;
    const result = [], lineWidths = [];
    for (let c = 0; c < columns; c++) {
      let width = 0;
      for (let j = c; j < count; j += columns) if (widths[j] > width) width = widths[j];
      lineWidths[c] = width + 2;
    }
    let pad = padStart;
    if (value !== undefined) {
      for (let j = 0; j < count; j++) {
        if (typeof value[j] !== 'number' && typeof value[j] !== 'bigint') {
          pad = padEnd;
          break;
        }
      }
    }
    for (let start = 0; start < count; start += columns) {
      const stop = min(start + columns, count);
      let text = '', j = start;
      for (; j < stop - 1; j++) text += pad(output[j] + ', ', lineWidths[j - start] + output[j].length - widths[j], ' ');
      if (pad === padStart) text += padStart(output[j], lineWidths[j - start] + output[j].length - widths[j] - 2, ' ');
      else text += output[j];
      result[result.length] = text;
    }
    if (count < output.length) result[result.length] = output[count];
    return result;
  }
  // Columns of a terminal: wide characters take two, combining ones none.
  function widthOf(text) {
    let width = 0;
    for (let i = 0; i < text.length; i++) {
      let code = charCodeAt(text, i);
      if (code < 127 && code > 31) { width++; continue; }
      if (code >= 0xd800 && code < 0xdc00 && i + 1 < text.length) code = 0x10000 + ((code - 0xd800) << 10) + (charCodeAt(text, ++i) - 0xdc00);
      if (code < 32 || (code >= 0x7f && code < 0xa0) || (code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || (code >= 0x20d0 && code <= 0x20ff) || (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xfe20 && code <= 0xfe2f)) continue;
      width += code >= 0x1100 && (code <= 0x115f || code === 0x2329 || code === 0x232a || (code >= 0x2e80 && code <= 0x3247 && code !== 0x303f) || (code >= 0x3250 && code <= 0x4dbf) || (code >= 0x4e00 && code <= 0xa4c6) || (code >= 0xa960 && code <= 0xa97c)
        || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe10 && code <= 0xfe19) || (code >= 0xfe30 && code <= 0xfe6b) || (code >= 0xff01 && code <= 0xff60) || (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1b000 && code <= 0x1b001)
        || (code >= 0x1f200 && code <= 0x1f251) || (code >= 0x1f300 && code <= 0x1f64f) || (code >= 0x1f900 && code <= 0x1f9ff) || (code >= 0x20000 && code <= 0x3fffd)) ? 2 : 1;
    }
    return width;
  }

  // ---- what others call ----

  function inspect(value, options, depth) {
    const context = { ...DEFAULTS, seen: [], circular: undefined, indentation: 0, indentationLevel: 0, currentDepth: 0, budget: { __proto__: null } };
    if (typeof options === 'boolean') {
      context.showHidden = options;
      if (depth !== undefined) context.depth = depth;
    } else if (options !== null && typeof options === 'object') {
      const keys = ownKeys(options);
      for (let i = 0; i < keys.length; i++) if (has(DEFAULTS, keys[i]) && options[keys[i]] !== undefined) context[keys[i]] = options[keys[i]];
    }
    if (context.maxArrayLength === null) context.maxArrayLength = Infinity;
    if (context.maxStringLength === null) context.maxStringLength = Infinity;
    if (context.depth === Infinity) context.depth = null;
    return format(context, value, 0, false);
  }
  inspect.custom = custom;
  inspect.defaultOptions = { ...DEFAULTS };
  engine.inspect = inspect;
})
