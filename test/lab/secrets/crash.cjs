/** Loaded into lockstep by NODE_OPTIONS: brings it down in the way CRASH_HOW says, once the file CRASH_WHEN is there. */
const { existsSync } = require('node:fs');

const { CRASH_HOW, CRASH_WHEN } = process.env;
const secrets = Object.keys(process.env)
  .filter((name) => name.startsWith('CANARY_'))
  .map((name) => process.env[name]);

/** As a library's error quotes what it was sending: in its message, its fields and its cause. */
function failure() {
  const text = `cannot send ${secrets.join(' and ')}`;
  return Object.assign(new Error(text, { cause: new Error(text) }), { request: { secrets } });
}

const ways = {
  throw: () => {
    throw failure();
  },
  reject: () => void Promise.reject(failure()),
  abort: () => process.abort(),
  memory: () => {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill(secrets[0] + kept.length));
  },
};

const watch = setInterval(() => {
  if (!existsSync(CRASH_WHEN)) return;
  clearInterval(watch);
  ways[CRASH_HOW]?.();
}, 10);
watch.unref();
