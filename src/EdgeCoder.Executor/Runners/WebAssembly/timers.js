// Timers on a clock that jumps: when nothing else can run, it is the time of the next timer.
(function (engine) {
  'use strict';
  const { apply, PromiseType } = engine;
  const trunc = Math.trunc, number = Number;
  const timers = { __proto__: null }; // by number
  let queue = []; // numbers, a heap by time and then by order
  let immediates = [], head = 0;
  let last = 0, order = 0, clock = 0;

  class Timeout {
    #number;
    constructor(value) { this.#number = value; }
    ref() { return this; }
    unref() { if (timers[this.#number]) timers[this.#number].weak = true; return this; }
    hasRef() { return !timers[this.#number]?.weak; }
    refresh() { return this; }
    close() { remove(this.#number); return this; }
    [Symbol.toPrimitive]() { return this.#number; }
    static numberOf(value) { return typeof value === 'object' && value !== null && #number in value ? value.#number : number(value); }
  }

  const before = (a, b) => timers[a].time < timers[b].time || (timers[a].time === timers[b].time && timers[a].order < timers[b].order);
  function swap(a, b) {
    const kept = queue[a];
    queue[a] = queue[b];
    queue[b] = kept;
  }
  function enqueue(id) {
    let at = queue.length;
    queue[at] = id;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!before(queue[at], queue[up])) break;
      swap(at, up);
      at = up;
    }
  }
  function dequeue() {
    const first = queue[0], moved = queue[queue.length - 1];
    queue.length--;
    if (queue.length === 0) return first;
    queue[0] = moved;
    for (let at = 0; ;) {
      const left = 2 * at + 1, right = left + 1;
      let least = at;
      if (left < queue.length && before(queue[left], queue[least])) least = left;
      if (right < queue.length && before(queue[right], queue[least])) least = right;
      if (least === at) break;
      swap(at, least);
      at = least;
    }
    return first;
  }
  function remove(id) {
    if (timers[id]) timers[id].body = null; // it stays in the heap until its time
  }
  function add(body, delay, repeat, args) {
    if (typeof body !== 'function') {
      const error = new TypeError('The "callback" argument must be of type function. Received ' + (body === null || body === undefined ? body : engine.inspect(body)));
      error.code = 'ERR_INVALID_ARG_TYPE';
      throw error;
    }
    delay = number(delay);
    delay = delay >= 1 && delay <= 2147483647 ? trunc(delay) : 1;
    const id = ++last;
    timers[id] = { body, delay, repeat, args, time: clock + delay, order: ++order, weak: false };
    enqueue(id);
    return new Timeout(id);
  }

  function turn() {
    // Immediates come first, but they do not keep out a timer for which enough has been done meanwhile.
    if (head < immediates.length && !(queue.length > 0 && timers[queue[0]].time <= engine.now())) {
      const one = immediates[head];
      immediates[head++] = null;
      if (head === immediates.length) {
        immediates = [];
        head = 0;
      }
      if (one.body !== null) apply(one.body, undefined, one.args);
      return true;
    }
    while (queue.length > 0) {
      const id = dequeue(), timer = timers[id];
      if (timer.body === null) {
        delete timers[id];
        continue;
      }
      if (timer.weak && head === immediates.length && onlyWeak()) return false;
      if (timer.time > clock) {
        clock = timer.time;
        engine.advance(clock);
      }
      const { body, args } = timer;
      if (timer.repeat) {
        timer.time = clock + timer.delay;
        timer.order = ++order;
        enqueue(id);
      } else {
        delete timers[id];
      }
      apply(body, undefined, args);
      return true;
    }
    return false;
  }
  const onlyWeak = () => {
    for (let i = 0; i < queue.length; i++) if (timers[queue[i]].body !== null && !timers[queue[i]].weak) return false;
    return true;
  };

  const setTimeout = function setTimeout(callback, delay, ...args) { return add(callback, delay, false, args); };
  const setInterval = function setInterval(callback, delay, ...args) { return add(callback, delay, true, args); };
  const clearTimeout = function clearTimeout(timer) { if (timer !== undefined && timer !== null) remove(Timeout.numberOf(timer)); };
  const setImmediate = function setImmediate(callback, ...args) {
    if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function');
    const one = { body: callback, args };
    immediates[immediates.length] = one;
    return { ref() { return this; }, unref() { return this; }, cancel: () => { one.body = null; } };
  };
  const clearImmediate = function clearImmediate(immediate) { immediate?.cancel?.(); };
  engine.turn = turn;
  engine.setTimeout = setTimeout;
  engine.clearTimeout = clearTimeout;
  engine.setImmediate = setImmediate;
  const microtask = queueMicrotask;
  const globals = {
    setTimeout, setInterval, clearTimeout, clearInterval: clearTimeout, setImmediate, clearImmediate,
    queueMicrotask(callback) {
      if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function');
      microtask(() => { try { callback(); } catch (error) { engine.uncaught(error); } });
    },
  };
  for (const name of engine.ownKeys(globals)) engine.defineProperty(globalThis, name, { value: globals[name], writable: true, configurable: true, enumerable: true });

  const wait = (delay, value) => new PromiseType((resolve) => setTimeout(resolve, delay, value));
  engine.modules['timers/promises'] = { setTimeout: wait, setImmediate: (value) => new PromiseType((resolve) => setImmediate(resolve, value)), scheduler: { wait } };
  engine.modules.timers = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval: clearTimeout, clearImmediate, promises: engine.modules['timers/promises'] };
})
