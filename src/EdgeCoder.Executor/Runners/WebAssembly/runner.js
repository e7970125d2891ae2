// Runs one snippet in QuickJS in WebAssembly. It is loaded once, and its memory is copied for every program: what it needs later it takes now, before any
// program can change it. The host functions stay in variables of this function; they are called and never passed on, so that no program can hold one.
'use strict';
(function (hostWrite, hostZero, hostReport, hostAdvance, hostWork, hostExhausted, hostStop, ...parts) {
  const { apply, ownKeys, defineProperty } = Reflect;
  const uncurry = (f) => (self, ...rest) => apply(f, self, rest);
  const charCodeAt = uncurry(''.charCodeAt), slice = uncurry(''.slice), indexOf = uncurry(''.indexOf), lastIndexOf = uncurry(''.lastIndexOf), wellFormed = uncurry(''.toWellFormed);
  const hex = uncurry((0).toString), fixed = uncurry((0).toFixed), push = uncurry([].push), has = uncurry({}.hasOwnProperty), split = uncurry(''.split);
  const text = String, number = Number, big = BigInt, round = Math.round;
  const ErrorType = Error, SyntaxErrorType = SyntaxError, InternalErrorType = InternalError, PromiseType = Promise, then = uncurry(Promise.prototype.then);
  const parseJson = JSON.parse, create = Object.create;
  const engine = { __proto__: null, apply, ownKeys, defineProperty, uncurry, charCodeAt, slice, indexOf, lastIndexOf, push, has, ErrorType, PromiseType, then };

  // ---- output and report ----

  function emit(stream, string) {
    string = wellFormed(string);
    let start = 0;
    for (let at = indexOf(string, '\0'); at >= 0; at = indexOf(string, '\0', start)) {
      hostWrite(stream, slice(string, start, at));
      hostZero(stream);
      start = at + 1;
    }
    hostWrite(stream, start === 0 ? string : slice(string, start));
  }
  const streamOf = (stream) => ({
    isTTY: false,
    columns: undefined,
    write(chunk) {
      emit(stream, typeof chunk === 'string' ? chunk : engine.decode ? engine.decode(chunk) : text(chunk));
      return true;
    },
  });
  const listeners = { __proto__: null };
  const process = {
    stdout: streamOf(1), stderr: streamOf(2),
    on(name, listener) { listeners[name] = listener; return process; },
  };
  engine.process = process;

  function jsonText(value) {
    if (value === true) return 'true';
    if (value === false) return 'false';
    if (typeof value === 'number') return value === (value | 0) ? '' + value : value === value && value > -1e300 && value < 1e300 ? fixed(value, 3) : '0';
    if (value !== null && typeof value === 'object') {
      let out = '';
      const keys = ownKeys(value);
      for (let i = 0; i < keys.length; i++) if (value[keys[i]] !== undefined) out += (out ? ',' : '') + jsonText(keys[i]) + ':' + jsonText(value[keys[i]]);
      return '{' + out + '}';
    }
    const string = wellFormed('' + value);
    let out = '"';
    for (let i = 0; i < string.length; i++) {
      const code = charCodeAt(string, i);
      if (code === 34) out += '\\"';
      else if (code === 92) out += '\\\\';
      else if (code < 32 || code > 126) out += '\\u' + slice('0000' + hex(code, 16), -4);
      else out += string[i];
    }
    return out + '"';
  }
  const report = (kind, content) => hostReport(kind, jsonText(content));
  // Nothing of the program counts after the end record. Stopping at once costs more than returning, so it is for programs that have not come to their end.
  const end = (code) => report('end', { exit: code | 0 });
  const printError = (string) => emit(2, string + '\n');
  const clip = (string, limit = 2000) => string.length <= limit ? string : slice(string, 0, limit) + '… (' + (string.length - limit) + ' characters more)';
  function show(value) {
    try {
      return clip(engine.inspect(value, { depth: 6, maxArrayLength: 200, maxStringLength: 2000, breakLength: 120 }));
    } catch {
      return '<' + typeof value + ' that cannot be shown>';
    }
  }

  // Time is work done and time waited for: the same on every machine.
  let clock = 0;
  engine.advance = (milliseconds) => { clock = milliseconds; hostAdvance(milliseconds); };
  engine.now = () => clock + hostWork();
  const hrtime = () => big(round(engine.now() * 1e6));
  engine.hrtime = hrtime;

  // ---- errors ----

  // Frames of QuickJS are "    at name (file:line:column)"; the runner's own files begin with "edgecoder:".
  function stackOf(error) {
    try {
      return typeof error === 'object' && error !== null && typeof error.stack === 'string' ? error.stack : '';
    } catch {
      return '';
    }
  }
  function frames(error) {
    const found = [];
    const lines = split(clip(stackOf(error), 20000), '\n');
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i];
      const open = lastIndexOf(line, '('), close = lastIndexOf(line, ')');
      const place = open >= 0 && close > open ? slice(line, open + 1, close) : indexOf(line, '    at ') === 0 ? slice(line, 7) : '';
      const column = lastIndexOf(place, ':'), row = lastIndexOf(place, ':', column - 1);
      if (row <= 0) continue;
      const file = slice(place, 0, row), known = files[file];
      if (known === undefined) continue;
      const lineNumber = number(slice(place, row + 1, column)) | 0, columnNumber = number(slice(place, column + 1)) | 0;
      const shift = lineNumber === 1 ? known.prefix : 0;
      // A function's frame without a place of its own has column 1; the function around the file has one before its text.
      if (lineNumber === 1 && columnNumber > 1 && columnNumber <= shift) continue;
      found[found.length] = { file, line: lineNumber, column: columnNumber > shift ? columnNumber - shift : 1, name: open > 7 ? slice(line, 7, open - 1) : '' };
    }
    return found;
  }
  function placeOf(error) {
    const all = frames(error);
    return all.length === 0 ? {} : { file: all[0].file, line: all[0].line };
  }
  function headOf(error) {
    if (isOutOfMemory(error)) return 'InternalError: out of memory';
    try {
      if (typeof error !== 'object' || error === null || typeof error.message !== 'string') return 'Uncaught ' + show(error);
      const name = text(error.name || 'Error'), code = typeof error.code === 'string' && indexOf(error.code, 'ERR_') === 0 ? ' [' + error.code + ']' : '';
      return name + code + (error.message === '' ? '' : ': ' + error.message);
    } catch {
      return 'Uncaught value';
    }
  }
  function readable(error) {
    let out = headOf(error);
    const all = frames(error);
    for (let i = 0; i < all.length; i++) {
      const { file, line, column, name } = all[i];
      out += '\n    at ' + (name && name !== '<anonymous>' && name !== '<eval>' ? name + ' (' + file + ':' + line + ':' + column + ')' : file + ':' + line + ':' + column);
    }
    return out;
  }
  engine.frames = frames;
  // Without memory for an error QuickJS throws null.
  const isOutOfMemory = (error) => error === null && hostExhausted() > 0;
  function codeOf(error) {
    if (isOutOfMemory(error)) return 'memory';
    try {
      if (error instanceof InternalErrorType && error.message === 'out of memory') return 'memory';
    } catch { /* a hostile error object */ }
    return 'exception';
  }
  function messageOf(error) {
    if (isOutOfMemory(error)) return 'InternalError: out of memory';
    try {
      if (typeof error === 'object' && error !== null && typeof error.message === 'string') return clip(text(error.name || 'Error') + ': ' + error.message);
    } catch { /* a hostile error object */ }
    return clip('Uncaught ' + show(error));
  }

  // ---- loading the snippet's files ----

  const files = { __proto__: null };
  const names = [];
  const modules = { __proto__: null };
  engine.modules = modules;
  let testing = null;
  let mainName = '';

  function builtin(specifier) {
    const name = slice(specifier, 0, 5) === 'node:' ? slice(specifier, 5) : specifier;
    if (testing !== null && has(testing.modules, name)) return testing.modules[name];
    if (modules[name] !== undefined) return modules[name];
    const error = new ErrorType("Cannot find module '" + specifier + "'");
    error.code = 'MODULE_NOT_FOUND';
    throw error;
  }
  const { start, loaded } = parts[0]({
    apply, ownKeys, defineProperty, has, lastIndexOf, slice, split, text, then, parseJson, ErrorType, SyntaxErrorType, builtin, directory: '',
    fileOf: (name) => files[name], make: (file) => file.make, isMain: (name) => name === mainName, pathOf: (name) => name, urlOf: (name) => 'file:///' + name,
  });

  // ---- the two ways to run ----

  let reached = false, ended = false;
  function failed(error) {
    hostExhausted();
    const place = placeOf(error);
    printError(readable(error));
    report('error', { code: codeOf(error), message: messageOf(error), file: place.file, line: place.line });
  }
  function uncaught(error, kind) {
    const listener = listeners[kind] ?? listeners.uncaughtException;
    if (listener) return listener(error);
    if (ended) return;
    ended = true;
    failed(error);
    end(1);
    hostStop();
  }
  engine.uncaught = (error) => uncaught(error, 'uncaughtException');

  function runProgram() {
    report('start', {});
    try {
      const record = start(mainName);
      // A rejection of the module's own promise is one that nobody handles: it comes back as such.
      if (record.pending) then(record.pending, () => { reached = true; }, engine.uncaught);
      else reached = true;
    } catch (error) {
      engine.uncaught(error);
    }
  }
  const makeTesting = parts[parts.length - 1];
  for (let i = 1; i < parts.length - 1; i++) parts[i](engine);
  // The tests' part is made ahead too. It counts asserts and keeps the output of each test: a program without tests gets the plain ones back.
  const plain = { assert: console.assert, out: process.stdout.write, err: process.stderr.write };
  testing = makeTesting({ nativeRequire: builtin, report, end, show, clip, inspect: engine.inspect, apply, ownKeys, defineProperty, has, push, hrtime, number, codeOf, messageOf, placeOf, readable, printError, start, loaded, setTimer: engine.setTimeout, clearTimer: engine.clearTimeout, immediately: engine.setImmediate, then, PromiseType, ErrorType, indexOf, slice, reallyExit: () => {}, process, AbortController: engine.AbortController });
  function withoutTests() {
    testing = null;
    console.assert = plain.assert;
    process.stdout.write = plain.out;
    process.stderr.write = plain.err;
  }
  const runTurn = engine.turn;

  // What the host calls: a command and its values. The result tells whether there is more to do.
  return function entry(command, first, second, third, fourth, fifth) {
    switch (command) {
      case 'file':
        files[first] = { text: second, isModule: third === 'module', prefix: fourth, make: fifth };
        names[names.length] = first;
        return 0;
      case 'refused': {
        const message = messageOf(second);
        files[first] = { prefix: 0 };
        report('syntax', { message, file: first, line: placeOf(second).line ?? 1, column: 1 });
        return 0;
      }
      case 'start': {
        mainName = names[0];
        if (first === 'tests') {
          const testNames = [];
          for (let i = second; i < names.length; i++) testNames[testNames.length] = names[i];
          testing.run(mainName, testNames);
        } else {
          withoutTests();
          runProgram();
        }
        return 1;
      }
      case 'failed':
        uncaught(first, 'uncaughtException');
        return 1;
      case 'rejected':
        uncaught(first, 'unhandledRejection');
        return 1;
      default:
        try {
          if (runTurn()) return 1;
        } catch (error) {
          uncaught(error, 'uncaughtException');
          return 1;
        }
        // Nothing is left. A program whose top level still waits has not reached its end, and has no end record.
        if (reached && testing === null) end(0);
        return 0;
    }
  };
})
