'use strict';
// Runs one snippet inside the sandbox. Reads its job on descriptor 3, reports on descriptor 4, ends.
// It shares the realm with the program, so what it needs after the program has run it takes now. It protects against accidents and
// plain cheating (early exit, changed prototypes, printed reports), not against a program that takes the process apart; what protects
// the machine is outside.
const fs = require('fs');
const vm = require('vm');
const JOB = 3, REPORT = 4;
// Where the program may write, and where this file is.
const BASE = process.argv[2] ?? '/tmp', WORK = BASE + '/work', HERE = __dirname + '/';
const { writeSync, readSync, closeSync, mkdirSync, writeFileSync } = fs;
const { apply, ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
const uncurry = (f) => (self, ...rest) => apply(f, self, rest);
const charCodeAt = uncurry(''.charCodeAt), slice = uncurry(''.slice), indexOf = uncurry(''.indexOf), lastIndexOf = uncurry(''.lastIndexOf), split = uncurry(''.split);
const hex = uncurry((0).toString), fixed = uncurry((0).toFixed), push = uncurry([].push), has = uncurry({}.hasOwnProperty);
const text = String, bytes = uncurry(Buffer.prototype.subarray), from = Buffer.from;
const parseJson = JSON.parse;
const { isArray } = Array, hrtime = process.hrtime.bigint, number = Number;
const reallyExit = process.reallyExit.bind(process);
const waitOn = Atomics.wait, quiet = new Int32Array(new SharedArrayBuffer(4));
const nativeRequire = require;
const ErrorType = Error, SyntaxErrorType = SyntaxError, RangeErrorType = RangeError, PromiseType = Promise;
const then = uncurry(Promise.prototype.then);
const inspect = nativeRequire('util').inspect;
const setTimer = setTimeout, clearTimer = clearTimeout, immediately = setImmediate;

// Half of a surrogate pair: no text, and no reader of JSON has to take it.
function isHalf(string, i, code) {
  if (code < 0xd800 || code > 0xdfff) return false;
  const other = charCodeAt(string, code < 0xdc00 ? i + 1 : i - 1);
  return code < 0xdc00 ? !(other >= 0xdc00 && other <= 0xdfff) : !(other >= 0xd800 && other <= 0xdbff);
}

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
  const string = '' + value;
  let out = '"';
  for (let i = 0; i < string.length; i++) {
    const code = charCodeAt(string, i);
    if (code === 34) out += '\\"';
    else if (code === 92) out += '\\\\';
    else if (code < 32 || code > 126) out += '\\u' + slice('0000' + hex(isHalf(string, i, code) ? 0xfffd : code, 16), -4);
    else out += string[i];
  }
  return out + '"';
}

function clip(string, limit = 2000) {
  return string.length <= limit ? string : slice(string, 0, limit) + '… (' + (string.length - limit) + ' characters more)';
}

function show(value) {
  try {
    return clip(inspect(value, { depth: 6, maxArrayLength: 200, maxStringLength: 2000, breakLength: 120 }));
  } catch {
    return '<' + typeof value + ' that cannot be shown>';
  }
}

// ---- the channel ----

let key = '';
let ended = false;
function report(kind, content) {
  let line = from(key + ' ' + kind + ' ' + jsonText(content) + '\n', 'latin1');
  while (line.length > 0) line = bytes(line, writeSync(REPORT, line));
}

function end(code) {
  if (ended) return;
  ended = true;
  report('end', { exit: code | 0 });
  // The host ends this process as soon as it has asked the kernel what was used; one that had left would have no account.
  waitOn(quiet, 0, 0, 500);
  reallyExit(code | 0);
}

function readJob() {
  const pieces = [];
  for (;;) {
    const piece = Buffer.allocUnsafe(1 << 16);
    const count = readSync(JOB, piece, 0, piece.length);
    if (count === 0) break;
    pieces.push(piece.subarray(0, count));
  }
  closeSync(JOB);
  const data = Buffer.concat(pieces);
  if (data.length < 4) reallyExit(0); // the host is gone
  const fields = [];
  let at = 4;
  for (let left = data.readUInt32BE(0); left > 0; left--) {
    const size = data.readUInt32BE(at);
    fields.push(data.toString('utf8', at + 4, at + 4 + size));
    at += 4 + size;
  }
  return fields;
}

// ---- errors ----

function stackOf(error) {
  try {
    return typeof error === 'object' && error !== null && typeof error.stack === 'string' ? error.stack : 'Uncaught ' + show(error);
  } catch {
    return 'Uncaught value';
  }
}

const FRAME = WORK + '/';
function placeOf(error) {
  const stack = stackOf(error);
  const at = indexOf(stack, FRAME);
  if (at < 0) return {};
  const stop = indexOf(stack, ':', at);
  const file = slice(stack, at + FRAME.length, stop);
  return { file, line: number.parseInt(slice(stack, stop + 1, stop + 12), 10) | 0 };
}

// The stack without this file's frames, with file names as the person gave them.
function readable(error) {
  let out = '';
  const stack = stackOf(error);
  let start = 0;
  while (start <= stack.length) {
    let stop = indexOf(stack, '\n', start);
    if (stop < 0) stop = stack.length;
    let line = slice(stack, start, stop);
    start = stop + 1;
    if (indexOf(line, HERE) >= 0 || indexOf(line, '(node:') >= 0 || indexOf(line, ' node:') >= 0) continue;
    for (let at = indexOf(line, FRAME); at >= 0; at = indexOf(line, FRAME)) line = slice(line, 0, at) + slice(line, at + FRAME.length);
    out += (out ? '\n' : '') + line;
  }
  return out;
}

function codeOf(error) {
  try {
    const message = typeof error === 'object' && error !== null ? text(error.message) : '';
    const code = typeof error === 'object' && error !== null ? error.code : undefined;
    if (error instanceof RangeErrorType && (message === 'Array buffer allocation failed' || message === 'Invalid string length' && false || indexOf(message, 'could not allocate memory') >= 0 || indexOf(message, 'Out of memory') >= 0)) return 'memory';
    if (code === 'ERR_MEMORY_ALLOCATION_FAILED' || code === 'ENOMEM' || code === 'ERR_WORKER_OUT_OF_MEMORY') return 'memory';
    if (code === 'EPERM' || code === 'EACCES' || code === 'EROFS') {
      const call = text(error.syscall);
      if (call === 'connect' || call === 'listen' || call === 'bind' || call === 'socket' || call === 'getaddrinfo') return 'denied_network';
      if (indexOf(call, 'spawn') === 0 || call === 'kill' || call === 'uv_thread_create') return 'denied_process';
      return typeof error.path === 'string' ? 'denied_file' : 'denied';
    }
    if (code === 'ENETUNREACH' || code === 'ECONNREFUSED' || code === 'EAI_AGAIN' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH') return 'denied_network';
    if (code === 'EFBIG' || code === 'ENOSPC') return 'file_size';
  } catch { /* a hostile error object */ }
  return 'exception';
}

function messageOf(error) {
  try {
    if (typeof error === 'object' && error !== null && typeof error.message === 'string') return clip(text(error.name || 'Error') + ': ' + error.message);
  } catch { /* a hostile error object */ }
  return clip('Uncaught ' + show(error));
}

function printError(string) {
  try {
    writeSync(2, string + '\n');
  } catch { /* nobody reads */ }
}

// ---- loading the snippet's files ----

const files = new Map();
const fileOf = uncurry(Map.prototype.get);
let testing = null;

function builtin(specifier) {
  const name = slice(specifier, 0, 5) === 'node:' ? slice(specifier, 5) : specifier;
  if (testing !== null && has(testing.modules, name)) return testing.modules[name];
  if (specifier === 'module' || specifier === 'node:module') return nativeRequire('module');
  return nativeRequire(specifier);
}

const { start, loaded } = new vm.Script(fs.readFileSync(HERE + 'loading.js', 'utf8'), { filename: HERE + 'loading.js' }).runInThisContext()({
  apply, ownKeys, defineProperty, has, lastIndexOf, slice, split, text, then, parseJson, ErrorType, SyntaxErrorType, builtin, directory: WORK,
  fileOf: (name) => fileOf(files, name),
  make: (file, name) => new vm.Script(file.code, { filename: WORK + '/' + name, columnOffset: -file.prefix }).runInThisContext(),
  isMain: (name) => name === mainName, pathOf: (name) => WORK + '/' + name, urlOf: (name) => 'file://' + WORK + '/' + name,
});

// ---- the two ways to run ----

let mainName = '';
let mainEnd = [0, 0];
let reached = false;

function failed(error) {
  printError(readable(error));
  const place = placeOf(error);
  report('error', { code: codeOf(error), message: messageOf(error), file: place.file, line: place.line });
}

// Whether the top level of the main file has come to its last statement: exiting from there is an ordinary end.
function atLastStatement() {
  const stack = stackOf(new ErrorType());
  let at = -1, line = 0, column = 0;
  for (;;) {
    at = indexOf(stack, FRAME + mainName + ':', at + 1);
    if (at < 0) break;
    const begin = at + FRAME.length + mainName.length + 1;
    line = number.parseInt(slice(stack, begin, begin + 12), 10);
    column = number.parseInt(slice(stack, indexOf(stack, ':', begin) + 1, begin + 24), 10);
  }
  return line > mainEnd[0] || (line === mainEnd[0] && column >= mainEnd[1]);
}

function runProgram() {
  let fault = false;
  const onError = (error) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    fault = true;
    failed(error);
    end(1);
  };
  // At the top level it is this function that catches: a handler of the program's own must get it all the same, and then the program goes on.
  const atTopLevel = (error) => {
    if (process.listenerCount('uncaughtException') === 1) return onError(error);
    reached = true;
    immediately(() => { throw error; });
  };
  process.on('uncaughtException', onError);
  const exit = process.exit;
  process.exit = (code) => {
    reached = reached || atLastStatement();
    return exit(code);
  };
  const onExit = (code) => {
    if (!reached && (code | 0) === 0) reallyExit(0); // no end record: exited early
    // This listener is the first and ends the process, so it calls those of the program.
    for (const own of process.rawListeners('exit')) {
      if (own === onExit) continue;
      try {
        apply(own, process, [code]);
      } catch (error) {
        fault = true;
        failed(error);
      }
    }
    end(fault ? 1 : (process.exitCode ?? code) | 0);
  };
  process.on('exit', onExit);
  report('start', {});
  try {
    const record = start(mainName);
    if (record.pending) then(record.pending, () => { reached = true; }, atTopLevel);
    else reached = true;
  } catch (error) {
    atTopLevel(error);
  }
}

// The canaries of this process, tried before anything of the program: each must fail. False when one got through: then the program does not run.
function contained(memory) {
  const tcp = () => {
    const { TCP, constants } = process.binding('tcp_wrap');
    if (new TCP(constants.SOCKET).bind('127.0.0.1', 0) < 0) throw new ErrorType('refused');
  };
  const write = () => {
    for (const place of ['/', '/usr/lib/', '/var/tmp/', '/etc/']) try { return closeSync(fs.openSync(place + 'edgecoder-canary', 'wx')); } catch { /* as it must */ }
    throw new ErrorType('refused');
  };
  const attempts = [
    ['read outside', () => closeSync(fs.openSync('/etc/passwd'))], ['write outside', write], ['connect', tcp],
    ['execute a program', () => { const { error } = nativeRequire('child_process').spawnSync(process.execPath, ['-e', '']); if (error) throw error; }],
    ['exceed memory', () => Buffer.alloc(memory)],
  ];
  let held = true;
  for (const [name, attempt] of attempts) {
    let failed = false;
    try { attempt(); } catch { failed = true; }
    report('canary', { name, contained: failed });
    held = held && failed;
  }
  return held;
}

// Does what node does lazily at a program's first use, so that a process that waits for its job has done it.
function rehearse() {
  // Node queues what a full pipe does not take, in memory and until the event loop turns: a loop that prints would end at the wrong limit.
  for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);
  inspect({ a: [1, 'x', null], b: new Map([[1, new Set([2])]]), c: new ErrorType('e'), d() {} });
  nativeRequire('util').format('%s %d %j', 'x', 1, {});
  new vm.Script('(function (a) { return { a }; })', { filename: 'rehearsal.js' }).runInThisContext()(1);
  console.assert(true);
  hrtime();
  stackOf(new ErrorType('e'));
  jsonText({ a: 1, b: 'x' });
}

function main() {
  rehearse();
  writeSync(REPORT, 'ready\n');
  const fields = readJob();
  key = fields[0];
  const [canary, mode] = indexOf(fields[1], 'canary ') === 0 ? [slice(fields[1], 7, 20), slice(fields[1], 21)] : ['', fields[1]];
  if (canary !== '' && !contained(number(canary))) return end(1);
  mainEnd = [number(fields[2]), number(fields[3])];
  const count = number(fields[4]);
  const names = [];
  for (let i = 5; i + 4 < fields.length; i += 5) {
    const [name, original, code, prefix, kind] = fields.slice(i, i + 5);
    files.set(name, { text: original, code, prefix: number(prefix), isModule: kind === 'module' });
    names.push(name);
  }
  mainName = names[0];
  mkdirSync(BASE + '/home', 0o700);
  mkdirSync(WORK, 0o700);
  process.chdir(WORK);
  for (const name of names) {
    const slash = name.lastIndexOf('/');
    if (slash > 0) mkdirSync(name.slice(0, slash), { recursive: true });
    writeFileSync(name, fileOf(files, name).text);
  }
  process.argv.length = 1;
  process.argv[1] = WORK + '/' + mainName;
  globalThis.require = undefined;
  delete globalThis.require;
  if (mode === 'tests') {
    const create = new vm.Script(fs.readFileSync(HERE + 'testing.js', 'utf8'), { filename: HERE + 'testing.js' }).runInThisContext();
    testing = create({ nativeRequire, report, end, show, clip, inspect, apply, ownKeys, defineProperty, has, push, hrtime, number, codeOf, messageOf, placeOf, readable, printError, start, loaded, setTimer, clearTimer, immediately, then, PromiseType, ErrorType, indexOf, slice, reallyExit, process, AbortController });
    testing.run(mainName, names.slice(count));
  } else {
    runProgram();
  }
}

main();
