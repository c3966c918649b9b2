// Evaluates expressions with adaptive-expressions: JSON lines in, JSON lines out, in the same order.
// In: {"expression": "concat(a, b)", "memory": {"a": "x", "b": 1}}. Out: {"value": …} or {"error": "…"}.

import { createInterface } from 'node:readline';
import { Expression } from 'adaptive-expressions';

const parsed = new Map();

function parse(text) {
  if (!parsed.has(text)) parsed.set(text, Expression.parse(text));
  return parsed.get(text);
}

function plain(value) {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value?.toJSNumber === 'function') return value.toJSNumber();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
  }
  return value ?? null;
}

function answer(line) {
  try {
    const { expression, memory } = JSON.parse(line);
    const { value, error } = parse(expression).tryEvaluate(memory);
    if (error) return { error: String(error) };
    if (typeof value === 'number' && !Number.isFinite(value)) return { error: `not a JSON number: ${value}` };
    return { value: plain(value) };
  } catch (error) {
    return { error: String(error?.message ?? error) };
  }
}

const answers = [];
for await (const line of createInterface({ input: process.stdin })) {
  answers.push(JSON.stringify(answer(line)));
}
process.stdout.write(answers.join('\n') + '\n');
