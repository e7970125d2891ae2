// node:assert and node:assert/strict.
(function (engine) {
  'use strict';
  const { apply, inspect, defineProperty, isDeepStrictEqual, isDeepEqual, has, PromiseType, then } = engine;
  const is = Object.is, ErrorType = Error, captureStack = Error.captureStackTrace;
  const WORDS = {
    strictEqual: 'Expected values to be strictly equal:', deepStrictEqual: 'Expected values to be strictly deep-equal:', deepEqual: 'Expected values to be loosely deep-equal:',
    notStrictEqual: 'Expected "actual" to be strictly unequal to:', notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:', notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  };
  const shown = (value) => inspect(value, { depth: 1000, compact: false, maxArrayLength: Infinity, maxStringLength: Infinity, sorted: true, getters: true });

  // Lines of both sides: those that only one has are marked.
  function difference(actual, expected) {
    const a = shown(actual).split('\n'), b = shown(expected).split('\n');
    if (a.length > 50 || b.length > 50) return [...a.slice(0, 25).map((line) => '+ ' + line), '...', ...b.slice(0, 25).map((line) => '- ' + line)].join('\n');
    const longest = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
    for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    const out = [];
    for (let i = 0, j = 0; i < a.length || j < b.length;) {
      if (i < a.length && j < b.length && a[i] === b[j]) { out.push('  ' + a[i++]); j++; }
      else if (i < a.length && (j === b.length || longest[i + 1][j] >= longest[i][j + 1])) out.push('+ ' + a[i++]);
      else out.push('- ' + b[j++]);
    }
    return out.join('\n');
  }
  function messageFor(actual, expected, operator) {
    const simple = (value) => value === null || (typeof value !== 'object' && typeof value !== 'function');
    switch (operator) {
      case 'strictEqual': case 'deepStrictEqual': case 'deepEqual':
        if (operator === 'strictEqual' && simple(actual) && simple(expected) && shown(actual).length + shown(expected).length < 62) return WORDS.strictEqual + '\n\n' + shown(actual) + ' !== ' + shown(expected) + '\n';
        if (operator !== 'deepEqual' && shown(actual) === shown(expected)) return 'Values have same structure but are not reference-equal:\n\n' + shown(actual) + '\n';
        return WORDS[operator] + '\n+ actual - expected\n\n' + difference(actual, expected) + (operator === 'deepEqual' ? '' : '\n');
      case '==': return inspect(actual) + ' == ' + inspect(expected);
      case '!=': return inspect(actual) + ' != ' + inspect(expected);
      default: return WORDS[operator] + ' ' + inspect(actual);
    }
  }
  class AssertionError extends ErrorType {
    constructor(options) {
      if (options === null || typeof options !== 'object') throw new TypeError('The "options" argument must be of type object.');
      const { message, operator, actual, expected, stackStartFn } = options;
      super(message !== undefined ? String(message) : messageFor(actual, expected, operator));
      this.generatedMessage = message === undefined;
      defineProperty(this, 'name', { value: 'AssertionError', writable: true, configurable: true });
      this.code = 'ERR_ASSERTION';
      this.actual = actual;
      this.expected = expected;
      this.operator = operator;
      if (captureStack && stackStartFn) captureStack(this, stackStartFn);
    }
    toString() { return this.name + ' [' + this.code + ']: ' + this.message; }
  }
  function fail(actual, expected, message, operator, from, fallback, generated = true) {
    if (message instanceof ErrorType) throw message;
    const error = new AssertionError({ actual, expected, message: message ?? fallback, operator, stackStartFn: from });
    if (message === undefined) error.generatedMessage = generated;
    throw error;
  }
  function needs(count, args) {
    if (args.length >= count) return;
    const error = new TypeError('The "actual" and "expected" arguments must be specified');
    error.code = 'ERR_MISSING_ARGS';
    throw error;
  }
  const check = (name, holds, operator = name) => {
    const method = function (actual, expected, message) {
      needs(2, arguments);
      if (!holds(actual, expected)) fail(actual, expected, message, operator, method);
    };
    defineProperty(method, 'name', { value: name });
    return method;
  };
  function ok(value, message) {
    if (value) return;
    fail(value, true, message, '==', ok, arguments.length === 0 ? 'No value argument passed to `assert.ok()`' : 'The expression evaluated to a falsy value:\n\n  ' + inspect(value) + '\n');
  }
  const loosely = (a, b) => a == b || (a !== a && b !== b);

  // What an error must be: a class, a pattern, a predicate, or an object of properties.
  function fits(error, expected, message, from, operator) {
    if (expected === undefined) return;
    if (typeof expected === 'function') {
      if (expected.prototype !== undefined && error instanceof expected) return;
      if (ErrorType === expected || ErrorType.isPrototypeOf(expected)) {
        fail(error, expected, message, operator, from, 'The error is expected to be an instance of "' + expected.name + '". Received "' + (error?.constructor?.name ?? inspect(error)) + '"\n\nError message:\n\n' + error?.message);
      }
      if (apply(expected, {}, [error]) === true) return;
      fail(error, expected, message, operator, from, 'The ' + (expected.name ? '"' + expected.name + '" ' : '') + 'validation function is expected to return "true".');
    }
    if (expected instanceof RegExp) {
      if (expected.test(String(error))) return;
      fail(error, expected, message, operator, from, 'The input did not match the regular expression ' + inspect(expected) + '. Input:\n\n' + inspect(String(error)) + '\n');
    }
    const keys = Object.keys(expected);
    if (expected instanceof ErrorType) keys.push('name', 'message');
    for (const key of keys) {
      const same = typeof error[key] === 'string' && expected[key] instanceof RegExp ? expected[key].test(error[key]) : key in error && isDeepStrictEqual(error[key], expected[key]);
      if (!same) {
        const [a, b] = [{}, {}];
        for (const each of keys) { if (each in error) a[each] = error[each]; b[each] = expected[each]; }
        fail(a, b, message, operator, from);
      }
    }
  }
  function thrown(action, name) {
    if (typeof action !== 'function') {
      const error = new TypeError('The "fn" argument must be of type function. Received ' + inspect(action));
      error.code = 'ERR_INVALID_ARG_TYPE';
      throw error;
    }
    try {
      action();
    } catch (error) {
      return { error };
    }
    return null;
  }
  const missing = (what, expected, message) => 'Missing expected ' + what + (expected?.name ? ' (' + expected.name + ')' : '') + (message ? ': ' + message : '.');
  function throws(action, expected, message) {
    if (typeof expected === 'string') { message = expected; expected = undefined; }
    const caught = thrown(action);
    if (caught === null) fail(undefined, expected, message instanceof ErrorType ? message : undefined, 'throws', throws, missing('exception', expected, message), false);
    fits(caught.error, expected, message, throws, 'throws');
  }
  function doesNotThrow(action, expected, message) {
    const caught = thrown(action);
    if (caught === null) return;
    if (typeof expected === 'string') { message = expected; expected = undefined; }
    if (typeof expected === 'function' && expected.prototype !== undefined && !(caught.error instanceof expected)) throw caught.error;
    fail(caught.error, expected, undefined, 'doesNotThrow', doesNotThrow, 'Got unwanted exception' + (message ? ': ' + message : '.') + '\nActual message: "' + caught.error?.message + '"');
  }
  const settled = async (action) => {
    const promise = typeof action === 'function' ? action() : action;
    if (typeof promise?.then !== 'function') {
      const error = new TypeError('Expected instance of Promise to be returned from the "promiseFn" function but got ' + inspect(promise) + '.');
      error.code = 'ERR_INVALID_RETURN_VALUE';
      throw error;
    }
    return then(PromiseType.resolve(promise), () => null, (error) => ({ error }));
  };
  async function rejects(action, expected, message) {
    if (typeof expected === 'string') { message = expected; expected = undefined; }
    const caught = await settled(action);
    if (caught === null) fail(undefined, expected, message instanceof ErrorType ? message : undefined, 'rejects', rejects, missing('rejection', expected, message), false);
    fits(caught.error, expected, message, rejects, 'rejects');
  }
  async function doesNotReject(action, expected, message) {
    const caught = await settled(action);
    if (caught !== null) fail(caught.error, expected, undefined, 'doesNotReject', doesNotReject, 'Got unwanted rejection' + (typeof message === 'string' ? ': ' + message : '.') + '\nActual message: "' + caught.error?.message + '"');
  }
  const matching = (name, wanted) => {
    const method = function (string, pattern, message) {
      if (!(pattern instanceof RegExp)) throw new TypeError('The "regexp" argument must be an instance of RegExp. Received ' + inspect(pattern));
      if (typeof string !== 'string' || pattern.test(string) !== wanted) {
        fail(string, pattern, message, name, method, typeof string !== 'string' ? 'The "string" argument must be of type string. Received ' + inspect(string) : (wanted ? 'The input did not match the regular expression ' : 'The input was expected to not match the regular expression ') + inspect(pattern) + '. Input:\n\n' + inspect(string) + '\n');
      }
    };
    defineProperty(method, 'name', { value: name });
    return method;
  };

  const shared = {
    ok, throws, doesNotThrow, rejects, doesNotReject, AssertionError,
    match: matching('match', true), doesNotMatch: matching('doesNotMatch', false),
    strictEqual: check('strictEqual', is), notStrictEqual: check('notStrictEqual', (a, b) => !is(a, b)),
    deepStrictEqual: check('deepStrictEqual', isDeepStrictEqual), notDeepStrictEqual: check('notDeepStrictEqual', (a, b) => !isDeepStrictEqual(a, b)),
    fail(message) {
      if (message instanceof ErrorType) throw message;
      throw new AssertionError({ message: message ?? 'Failed', operator: 'fail', stackStartFn: shared.fail });
    },
    ifError(value) {
      if (value === null || value === undefined) return;
      throw new AssertionError({ message: 'ifError got unwanted exception: ' + (value?.message ?? inspect(value)), actual: value, expected: null, operator: 'ifError', stackStartFn: shared.ifError });
    },
  };
  const module = (own) => {
    const assert = function (value, message) { return apply(ok, undefined, arguments.length === 0 ? [] : [value, message]); };
    defineProperty(assert, 'name', { value: 'ok' });
    return Object.assign(assert, shared, own);
  };
  const assert = module({
    equal: check('equal', loosely, '=='), notEqual: check('notEqual', (a, b) => !loosely(a, b), '!='),
    deepEqual: check('deepEqual', isDeepEqual), notDeepEqual: check('notDeepEqual', (a, b) => !isDeepEqual(a, b)),
  });
  const strict = module({ equal: shared.strictEqual, notEqual: shared.notStrictEqual, deepEqual: shared.deepStrictEqual, notDeepEqual: shared.notDeepStrictEqual });
  assert.strict = strict;
  strict.strict = strict;
  engine.modules.assert = assert;
  engine.modules['assert/strict'] = strict;
})
