// The test part of the runner: node:test's test, it, describe, suite and hooks; node:assert; plain asserts at top level; a small expect.
// A function of the runner's tools, so that nothing of it hangs on the global object that a program can change.
(function (tools) {
  'use strict';
  const { nativeRequire, report, end, show, clip, inspect, apply, ownKeys, defineProperty, has, push, hrtime, number, codeOf, messageOf, placeOf,
    readable, printError, start, loaded, setTimer, clearTimer, immediately, then, PromiseType, ErrorType, indexOf, slice, reallyExit, process, AbortController } = tools;
  const realAssert = nativeRequire('assert');
  const AssertionError = realAssert.AssertionError;
  const isDeepStrictEqual = nativeRequire('util').isDeepStrictEqual;
  const DEFAULT_TIMEOUT = 60000;

  // ---- asserts that are counted ----

  let asserts = 0;
  const unreported = [];
  function counted(value) {
    if (typeof value !== 'function') return value;
    const wrapper = function (...args) {
      asserts++;
      return new.target ? Reflect.construct(value, args) : apply(value, this, args);
    };
    defineProperty(wrapper, 'name', { value: value.name });
    return wrapper;
  }
  function countedModule(module) {
    const wrapper = counted(module);
    for (const name of Object.getOwnPropertyNames(module)) {
      if (name === 'prototype' || name === 'length' || name === 'name') continue;
      wrapper[name] = name === 'AssertionError' || name === 'CallTracker' || name === 'Assert' ? module[name] : name === 'strict' ? undefined : counted(module[name]);
    }
    return wrapper;
  }
  const assert = countedModule(realAssert);
  const strict = countedModule(realAssert.strict);
  assert.strict = strict;
  strict.strict = strict;
  Object.freeze(assert);
  Object.freeze(strict);

  // console.assert of a test is an assertion; as in node, the program goes on after it.
  console.assert = function (condition, ...message) {
    asserts++;
    if (!condition) {
      const error = new AssertionError({ message: message.length ? clip(nativeRequire('util').format(...message)) : 'console.assert: the condition is false', actual: condition, expected: true, operator: 'console.assert', stackStartFn: console.assert });
      push(unreported, error);
      printError('Assertion failed' + (message.length ? ': ' + clip(nativeRequire('util').format(...message)) : ''));
    }
  };

  // ---- expect ----

  class Expectation {
    #value;
    #negated;
    constructor(value, negated = false) {
      this.#value = value;
      this.#negated = negated;
    }
    get not() { return new Expectation(this.#value, !this.#negated); }
    get resolves() { return later(then(PromiseType.resolve(this.#value), (v) => v), this.#negated); }
    get rejects() {
      return later(then(PromiseType.resolve(this.#value), (v) => { throw new AssertionError({ message: 'expected a rejection', actual: v, expected: 'a rejection' }); }, (e) => e), this.#negated, true);
    }
    #check(holds, what, expected, actual = this.#value) {
      asserts++;
      if (Boolean(holds) === this.#negated) {
        const error = new ErrorType('expect(' + show(this.#value) + ')' + (this.#negated ? '.not' : '') + '.' + what + (expected === undefined ? '' : ' ' + show(expected)));
        error.code = 'ERR_ASSERTION';
        error.expected = (this.#negated ? 'not ' : '') + (expected === undefined ? what : show(expected));
        error.actual = show(actual);
        error.shown = true;
        throw error;
      }
    }
    toBe(expected) { this.#check(Object.is(this.#value, expected), 'toBe', expected); }
    toEqual(expected) { this.#check(looselyEqual(this.#value, expected), 'toEqual', expected); }
    toStrictEqual(expected) { this.#check(isDeepStrictEqual(this.#value, expected), 'toStrictEqual', expected); }
    toBeTruthy() { this.#check(this.#value, 'toBeTruthy'); }
    toBeFalsy() { this.#check(!this.#value, 'toBeFalsy'); }
    toBeNull() { this.#check(this.#value === null, 'toBeNull'); }
    toBeUndefined() { this.#check(this.#value === undefined, 'toBeUndefined'); }
    toBeDefined() { this.#check(this.#value !== undefined, 'toBeDefined'); }
    toBeNaN() { this.#check(number.isNaN(this.#value), 'toBeNaN'); }
    toBeGreaterThan(n) { this.#check(this.#value > n, 'toBeGreaterThan', n); }
    toBeGreaterThanOrEqual(n) { this.#check(this.#value >= n, 'toBeGreaterThanOrEqual', n); }
    toBeLessThan(n) { this.#check(this.#value < n, 'toBeLessThan', n); }
    toBeLessThanOrEqual(n) { this.#check(this.#value <= n, 'toBeLessThanOrEqual', n); }
    toBeCloseTo(n, digits = 2) { this.#check(this.#value === n || Math.abs(this.#value - n) < 10 ** -digits / 2, 'toBeCloseTo', n); }
    toBeInstanceOf(type) { this.#check(this.#value instanceof type, 'toBeInstanceOf', type); }
    toContain(item) { this.#check(typeof this.#value === 'string' ? this.#value.includes(item) : [...this.#value].includes(item), 'toContain', item); }
    toContainEqual(item) { this.#check([...this.#value].some((each) => looselyEqual(each, item)), 'toContainEqual', item); }
    toHaveLength(n) { this.#check(this.#value?.length === n, 'toHaveLength', n, this.#value?.length); }
    toHaveProperty(path, ...value) {
      let at = this.#value;
      const parts = Array.isArray(path) ? path : String(path).split('.');
      const found = parts.every((part) => { const there = at !== null && at !== undefined && part in Object(at); at = there ? at[part] : undefined; return there; });
      this.#check(found && (value.length === 0 || looselyEqual(at, value[0])), 'toHaveProperty', path);
    }
    toMatch(pattern) { this.#check(typeof pattern === 'string' ? String(this.#value).includes(pattern) : pattern.test(this.#value), 'toMatch', pattern); }
    toMatchObject(part) { this.#check(matches(this.#value, part), 'toMatchObject', part); }
    toThrow(expected) {
      let thrown = null;
      if (typeof this.#value === 'function') {
        try { this.#value(); } catch (error) { thrown = { error }; }
      } else if (this.#value instanceof ErrorType) thrown = { error: this.#value };
      this.#check(thrown && fits(thrown.error, expected), 'toThrow', expected, thrown ? thrown.error : 'no exception');
    }
    toThrowError(expected) { this.toThrow(expected); }
  }
  function later(promise, negated) {
    return new Proxy({}, { get: (_, name) => name === 'not' ? later(promise, !negated) : (...args) => then(promise, (value) => new Expectation(value, negated)[name](...args)) });
  }
  function fits(error, expected) {
    if (expected === undefined) return true;
    const message = String(error?.message ?? error);
    if (typeof expected === 'string') return message.includes(expected);
    if (expected instanceof RegExp) return expected.test(message);
    if (typeof expected === 'function') return error instanceof expected;
    return message === expected?.message;
  }
  function matches(value, part) {
    if (part === null || typeof part !== 'object') return Object.is(value, part);
    return value !== null && typeof value === 'object' && Object.keys(part).every((name) => name in value && matches(value[name], part[name]));
  }
  // As Jest's toEqual: undefined members and prototypes do not count.
  function looselyEqual(a, b) { return isDeepStrictEqual(plain(a), plain(b)); }
  function plain(value, seen = new Map()) {
    if (value === null || typeof value !== 'object') return value;
    if (seen.has(value)) return seen.get(value);
    if (Array.isArray(value)) {
      const copy = [];
      seen.set(value, copy);
      for (let i = 0; i < value.length; i++) copy[i] = plain(value[i], seen);
      return copy;
    }
    if (value instanceof Date || value instanceof RegExp || value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof ErrorType) return value;
    const copy = {};
    seen.set(value, copy);
    for (const name of Object.keys(value)) if (value[name] !== undefined) copy[name] = plain(value[name], seen);
    return copy;
  }
  const expect = Object.freeze((value) => new Expectation(value));
  Object.freeze(Expectation.prototype);

  // ---- node:test ----

  class Suite {
    constructor(name, parent, options) {
      this.name = name;
      this.parent = parent;
      this.options = options;
      this.entries = [];
      this.hooks = { before: [], after: [], beforeEach: [], afterEach: [] };
    }
    get path() { return this.parent && this.parent.path ? this.parent.path + ' > ' + this.name : this.name; }
  }
  const root = new Suite('', null, {});
  let current = root;
  let usedTests = false;

  function argumentsOf(args) {
    const name = typeof args[0] === 'string' ? args[0] : args.find((a) => typeof a === 'function')?.name || '<anonymous>';
    return { name, options: { ...args.find((a) => a !== null && typeof a === 'object') }, body: args.find((a) => typeof a === 'function') };
  }
  function register(kind, args, extra) {
    usedTests = true;
    const { name, options, body } = argumentsOf(args);
    Object.assign(options, extra);
    if (kind === 'suite') {
      const suite = new Suite(name, current, options);
      current.entries.push(suite);
      const outer = current;
      current = suite;
      try {
        const result = body?.(suite);
        if (typeof result?.then === 'function') suite.pending = result;
      } catch (error) {
        suite.error = { error };
      } finally {
        current = outer;
      }
    } else {
      current.entries.push({ name, options, body, parent: current, get path() { return this.parent.path ? this.parent.path + ' > ' + this.name : this.name; } });
    }
    return PromiseType.resolve();
  }
  function variants(kind) {
    const make = (...args) => register(kind, args);
    make.skip = (...args) => register(kind, args, { skip: true });
    make.todo = (...args) => register(kind, args, { todo: true });
    make.only = (...args) => register(kind, args, { only: true });
    make.each = (rows) => (name, body) => rows.forEach((row, index) => {
      const values = Array.isArray(row) ? row : [row];
      register(kind, [nativeRequire('util').format(name, ...values.slice(0, (name.match(/%[sdifjoO]/g) || []).length)) + (/%|\$/.test(name) ? '' : ' [' + index + ']'), () => body(...values)]);
    });
    return make;
  }
  const test = variants('test');
  const describe = variants('suite');
  const hook = (name) => (body) => { current.hooks[name].push(body); };
  Object.assign(test, { test, it: test, describe, suite: describe, before: hook('before'), after: hook('after'), beforeEach: hook('beforeEach'), afterEach: hook('afterEach'), run: () => { throw new ErrorType('run() is the runner\'s own here'); } });
  defineProperty(test, 'mock', { enumerable: true, get: () => nativeRequire('node:test').mock });
  defineProperty(test, 'default', { get: () => test });
  for (const each of [test, describe]) Object.freeze(each);
  const modules = { __proto__: null, test, assert, 'assert/strict': strict };

  // ---- running ----

  const cases = { passed: 0, bad: 0, badCode: null };
  let extraTotal = 0;
  let captured = null;
  for (const [stream, field] of [[process.stdout, 'stdout'], [process.stderr, 'stderr']]) {
    const write = stream.write;
    stream.write = function (chunk, ...rest) {
      if (captured) captured[field] = (captured[field] + (typeof chunk === 'string' ? chunk : '')).slice(-4000);
      return apply(write, stream, [chunk, ...rest]);
    };
  }

  function shown(error, side) {
    if (error === null || typeof error !== 'object' || !has(error, side)) return undefined;
    return error.shown ? error[side] : show(error[side]);
  }
  function isAssertion(error) {
    return error instanceof AssertionError || (error !== null && typeof error === 'object' && error.code === 'ERR_ASSERTION');
  }
  function tell(name, status, began, error, message) {
    const durationMs = number(hrtime() - began) / 1e6;
    let place = {};
    if (error) {
      place = placeOf(error.error);
      message = messageOf(error.error) + (place.line ? ' (' + place.file + ', line ' + place.line + ')' : '');
      if (cases.badCode === null) cases.badCode = codeOf(error.error);
    }
    if (status === 'passed') cases.passed++;
    if (status === 'failed' || status === 'errored') cases.bad++;
    report('case', {
      name: clip(name, 300), status, durationMs, message, line: place.line,
      expected: error && isAssertion(error.error) ? shown(error.error, 'expected') : undefined,
      actual: error && isAssertion(error.error) ? shown(error.error, 'actual') : undefined,
      stdout: captured?.stdout ? clip(captured.stdout) : undefined, stderr: captured?.stderr ? clip(captured.stderr) : undefined,
    });
    captured = null;
  }

  function limited(body, context, timeout) {
    return new PromiseType((resolve, reject) => {
      const timer = timeout ? setTimer(() => reject(new ErrorType('the test did not end within ' + timeout + ' ms')), timeout) : null;
      const done = (settle) => (value) => { if (timer) clearTimer(timer); settle(value); };
      stopWith = done(reject);
      try {
        if (body.length > 1) {
          body(context, (error) => error ? done(reject)(error) : done(resolve)());
        } else {
          then(PromiseType.resolve(body(context)), done(resolve), done(reject));
        }
      } catch (error) {
        done(reject)(error);
      }
    });
  }
  let stopWith = null; // an error outside the test's own promise ends the test that runs now

  async function hooks(entry, name) {
    const chain = [];
    for (let suite = entry.parent; suite; suite = suite.parent) chain.unshift(suite);
    if (name === 'afterEach') chain.reverse();
    for (const suite of chain) for (const body of suite.hooks[name]) await limited(body, {}, DEFAULT_TIMEOUT);
  }

  async function runTest(entry, inherited) {
    const began = hrtime();
    const { options } = entry;
    captured = { stdout: '', stderr: '' };
    const skip = inherited || options.skip || (entry.options.todo && !entry.body);
    if (skip || !entry.body) {
      tell(entry.path, 'skipped', began, null, typeof skip === 'string' ? skip : typeof options.todo === 'string' ? options.todo : undefined);
      return;
    }
    let skipped = null;
    const subtests = [];
    const context = {
      name: entry.name,
      signal: new AbortController().signal,
      diagnostic: () => {},
      skip: (message) => { skipped = message ?? true; },
      todo: (message) => { skipped = message ?? true; },
      plan: (count) => { context.planned = count; },
      before: (body) => subtests.push(() => body()),
      after: (body) => { context.afters.push(body); },
      beforeEach: (body) => { context.each.push(body); },
      afterEach: () => {},
      afters: [],
      each: [],
      assert,
      get mock() { return nativeRequire('node:test').mock; },
      test: (...args) => {
        const { name, options: own, body } = argumentsOf(args);
        const inner = { name, options: own, body: body && (async (t, ...rest) => { for (const each of context.each) await each(); return body(t, ...rest); }), parent: { path: entry.path, hooks: { before: [], after: [], beforeEach: [], afterEach: [] }, parent: null }, path: entry.path + ' > ' + name };
        extraTotal++;
        const outer = captured;
        const running = then(previous, () => runTest(inner, false));
        previous = then(running, () => { captured = outer; }, () => { captured = outer; });
        return running;
      },
    };
    let previous = PromiseType.resolve();
    const before = unreported.length;
    try {
      await hooks(entry, 'beforeEach');
      try {
        await limited(entry.body, context, options.timeout ?? DEFAULT_TIMEOUT);
        await previous;
      } finally {
        for (const body of context.afters) await body();
        await hooks(entry, 'afterEach');
      }
      if (unreported.length > before) throw unreported.splice(before)[0];
      if (skipped !== null) tell(entry.path, 'skipped', began, null, typeof skipped === 'string' ? skipped : undefined);
      else tell(entry.path, 'passed', began);
    } catch (error) {
      unreported.length = before;
      if (options.todo) tell(entry.path, 'skipped', began, null, 'todo: ' + messageOf(error));
      else tell(entry.path, isAssertion(error) ? 'failed' : 'errored', began, { error });
    }
  }

  function count(suite) {
    return suite.entries.reduce((sum, each) => sum + (each instanceof Suite ? count(each) : 1), suite.error ? 1 : 0);
  }
  function hasOnly(suite) {
    return suite.entries.some((each) => each.options.only || (each instanceof Suite && hasOnly(each)));
  }
  async function settle(suite) {
    for (const each of suite.entries) {
      if (each instanceof Suite) {
        if (each.pending) try { await each.pending; } catch (error) { each.error = { error }; }
        await settle(each);
      }
    }
  }
  async function runSuite(suite, inherited, only) {
    if (suite.error) {
      tell(suite.path, 'errored', hrtime(), suite.error);
      return;
    }
    let broken = null;
    if (!inherited) {
      try {
        for (const body of suite.hooks.before) await limited(body, {}, DEFAULT_TIMEOUT);
      } catch (error) {
        broken = { error };
      }
    }
    for (const each of suite.entries) {
      const skip = inherited || each.options.skip || (only && !each.options.only && !(each instanceof Suite && hasOnly(each)) && 'only other tests were asked for');
      if (each instanceof Suite) await runSuite(each, skip, only && !each.options.only);
      else if (broken) tell(each.path, 'errored', hrtime(), broken);
      else await runTest(each, skip);
    }
    if (!inherited) {
      try {
        for (const body of suite.hooks.after) await limited(body, {}, DEFAULT_TIMEOUT);
      } catch (error) {
        extraTotal++;
        tell((suite.path || 'file') + ' (after)', 'errored', hrtime(), { error });
      }
    }
  }

  async function run(mainName, testNames) {
    // The solution must not replace them. A test file's own declarations still hide them.
    const supplied = { expect, test, it: test, describe, suite: describe, before: test.before, after: test.after, beforeEach: test.beforeEach, afterEach: test.afterEach, beforeAll: test.before, afterAll: test.after };
    for (const name of ownKeys(supplied)) defineProperty(globalThis, name, { value: supplied[name] });
    defineProperty(console, 'assert', { value: console.assert, writable: false, configurable: false });
    let stray = null;
    const onError = (error) => {
      if (stopWith) stopWith(error);
      else stray ??= { error };
    };
    process.on('uncaughtException', onError);
    process.on('unhandledRejection', onError);
    // Without the end record nothing counts, whoever calls exit and with whatever code.
    process.on('exit', (code) => reallyExit(code | 0));
    report('start', {});

    // 1. The solution.
    const began = hrtime();
    try {
      const record = start(mainName);
      if (record.pending) await record.pending;
      for (const name of ownKeys(record.names)) {
        if (has(supplied, name)) continue;
        defineProperty(globalThis, name, { configurable: true, enumerable: false, get: () => record.names[name](), set: (value) => defineProperty(globalThis, name, { configurable: true, writable: true, value }) });
      }
      if (record.isModule) {
        for (const name of ownKeys(record.module.exports)) {
          if (name !== 'default' && !has(record.names, name) && !has(supplied, name)) defineProperty(globalThis, name, { configurable: true, get: () => record.module.exports[name] });
        }
      }
    } catch (error) {
      report('collected', { total: 1, framework: 'asserts' });
      printError(readable(error));
      tell(mainName, 'errored', began, { error });
      const place = placeOf(error);
      report('error', { code: codeOf(error), message: messageOf(error), file: place.file, line: place.line });
      end(1);
      return;
    }

    // 2. The test files; what stands at top level runs now.
    const files = [];
    for (const name of testNames) {
      const before = asserts, started = hrtime(), failures = unreported.length;
      let error = null;
      captured = { stdout: '', stderr: '' };
      try {
        const record = start(name);
        if (record.pending) await record.pending;
        // Asserts of functions that were called without waiting for them belong to the file too.
        await new PromiseType((resolve) => immediately(resolve));
      } catch (caught) {
        error = { error: caught };
      }
      if (error === null && stray) error = stray;
      stray = null;
      if (error === null && unreported.length > failures) error = { error: unreported[failures] };
      unreported.length = failures;
      if (error !== null || asserts > before) files.push({ name, started, error, output: captured });
      captured = null;
    }
    await settle(root);
    const total = files.length + count(root);
    report('collected', { total, framework: files.length && usedTests ? 'mixed' : usedTests ? 'node:test' : files.length ? 'asserts' : 'none' });

    // 3. The cases.
    for (const { name, started, error, output } of files) {
      captured = output;
      if (error === null) tell(name, 'passed', started);
      else {
        printError(readable(error.error));
        tell(name, isAssertion(error.error) ? 'failed' : 'errored', started, error);
      }
    }
    await runSuite(root, false, hasOnly(root));
    stopWith = null;
    await new PromiseType((resolve) => immediately(resolve));
    if (stray) {
      extraTotal++;
      tell('after the tests', 'errored', hrtime(), stray);
    }
    if (extraTotal) report('collected', { total: total + extraTotal, framework: files.length && usedTests ? 'mixed' : usedTests ? 'node:test' : 'asserts' });
    if (cases.badCode !== null && cases.badCode !== 'exception') report('error', { code: cases.badCode, message: 'in a test' });
    end(cases.passed > 0 && cases.bad === 0 ? 0 : 1);
  }

  return { modules, run };
})
