// Times adaptive-expressions for `crates/riposte-expression/benches/peers`, one round at a time, so that the rounds of
// both programs take turns on one core.
//
// A line in that is { "template", "memory" } asks for the value; expressions in a template are { "$expression": "text" }.
// The line out is { "value" }, or { "failed": [[path, why], …] } with every expression that has no value here.
// A line in that is { "milliseconds" } asks for a round; the line out is the nanoseconds that an evaluation took.

import { createInterface } from 'node:readline';
import adaptive from 'adaptive-expressions';

const { Expression, SimpleObjectMemory } = adaptive;

/** A function that makes the value of a template; parts without expressions are shared. */
function compile(template, path, leaves) {
  if (template === null || typeof template !== 'object') return constant(template);
  if (typeof template.$expression === 'string') return expression(template.$expression, path, leaves);
  if (Array.isArray(template)) {
    const parts = template.map((item, i) => compile(item, `${path}[${i}]`, leaves));
    if (parts.every((part) => part.constant)) return constant(template);
    return (memory) => parts.map((part) => part(memory));
  }
  const parts = Object.entries(template).map(([name, item]) => [name, compile(item, `${path}.${name}`, leaves)]);
  if (parts.every(([, part]) => part.constant)) return constant(template);
  return (memory) => {
    const made = {};
    for (const [name, part] of parts) made[name] = part(memory);
    return made;
  };
}

function constant(value) {
  return Object.assign(() => value, { constant: true });
}

function expression(text, path, leaves) {
  let parsed;
  const leaf = (memory) => {
    const { value, error } = parsed.tryEvaluate(memory);
    if (error) throw new Error(error);
    return value;
  };
  try {
    parsed = Expression.parse(text);
    leaves.push([path, leaf]);
  } catch (error) {
    leaves.push([path, () => { throw error; }]);
  }
  return leaf;
}

/** The template ready to run, and the answer to the line that asked for it. */
function prepare(template, memory) {
  const leaves = [];
  const run = compile(template, '$', leaves);
  const failed = leaves.flatMap(([path, leaf]) => {
    try {
      leaf(memory);
      return [];
    } catch (error) {
      return [[path, `${error.message}`]];
    }
  });
  return { run, answer: failed.length === 0 ? { value: run(memory) } : { failed } };
}

let sink;

/** So much processor time, in milliseconds, goes before the first round: Node compiles what runs often. */
const WARM_UP = 500;

/**
 * Nanoseconds of processor time for each evaluation, that of the collector and the compiler included. A round lasts as
 * long in processor time too: on a busy machine it would else be too short for Node to learn anything.
 */
function time(run, memory, milliseconds) {
  let evaluations = 0;
  let taken = 0;
  const end = performance.now() + milliseconds;
  const before = process.cpuUsage();
  do {
    for (let i = 0; i < 50; i += 1) sink = run(memory);
    evaluations += 50;
    if (performance.now() < end) continue;
    const { user, system } = process.cpuUsage(before);
    taken = user + system;
  } while (taken < milliseconds * 1e3);
  return (taken * 1e3) / evaluations;
}

let memory;
let run;
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if (asked.template !== undefined) {
    memory = new SimpleObjectMemory(asked.memory);
    const prepared = prepare(asked.template, memory);
    run = prepared.run;
    if (prepared.answer.failed === undefined) time(run, memory, WARM_UP);
    console.log(JSON.stringify(prepared.answer));
  } else {
    console.log(String(time(run, memory, asked.milliseconds)));
  }
}
