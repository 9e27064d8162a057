import type { TestFn } from 'ava';
import { transportFileCases } from './transport-file-cases.js';
import { caseRegistry, type TransportUnderTest } from './transport-harness.js';
import { transportNameCases } from './transport-name-cases.js';
import { transportReadCases } from './transport-read-cases.js';
import { transportWriteCases } from './transport-write-cases.js';

/** Every test that a `Transport` must pass against a real server; `name` stands in front of their titles. */
export function transportContract(test: TestFn, name: string, under: TransportUnderTest): void {
  const register = caseRegistry(test, name, under);
  transportFileCases(register, under.abilities);
  transportReadCases(register, under.abilities);
  transportWriteCases(register, under.abilities);
  transportNameCases(register, under);
}
