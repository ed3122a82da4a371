/** The programs of bench/peers: started once each, one JSON line to ask, one to answer. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { packageRoot } from '../src/native.js';
import type { Peer } from './harness.js';

export interface PeerRequest {
  workload: string;
  sizes: readonly number[];
  /** Begins a case: the answer holds name and sample. */
  first?: boolean;
  /** Calls in the timed run. */
  repeat: number;
}

export interface PeerAnswer {
  /** What is not installed. */
  missing?: string;
  /** With the first answer of a case. */
  peer?: string;
  sample?: number[];
  /** One call. */
  seconds?: number;
}

/** Threads of OpenBLAS spin for up to 26 ms after their work, those of OpenMP for a few. */
const settleMs = 30;

class PeerProgram implements Peer {
  readonly #name: string;
  readonly #threads: number;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  #errors = '';

  constructor(command: string, script: string, threads: number) {
    this.#name = script;
    this.#threads = threads;
    const path = join(packageRoot, 'bench', 'peers', script);
    this.#process = spawn(command, [path, String(threads)]);
    this.#process.stderr.on('data', (text) => {
      this.#errors += text;
    });
    this.#process.on('error', (error) => {
      this.#errors += error.message;
    });
    this.#process.stdin.on('error', () => {}); // a program that ended: `ask` says so
    this.#lines = createInterface({ input: this.#process.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  async ask(request: PeerRequest): Promise<PeerAnswer> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done !== true) return JSON.parse(value) as PeerAnswer;
    const reason = this.#errors.trim().split('\n').at(-1) ?? '';
    return { missing: `${this.#name} (${reason})` };
  }

  async settle(): Promise<void> {
    if (this.#threads > 1) await sleep(settleMs);
  }

  close(): void {
    this.#lines.close();
    this.#process.kill();
  }
}

export interface Peers {
  python: PeerProgram;
  onnx: PeerProgram;
  tfjs: PeerProgram;
}

/** Debian's packages belong to its own Python, which need not be the first of PATH. */
export function defaultPython(): string {
  return existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
}

export function peersAreHere(): boolean {
  return existsSync(join(packageRoot, 'bench', 'peers', 'peers.py'));
}

export function startPeers(threads: number, python: string): Peers {
  return {
    python: new PeerProgram(python, 'peers.py', threads),
    onnx: new PeerProgram(process.execPath, 'onnx.mjs', threads),
    tfjs: new PeerProgram(process.execPath, 'tfjs.mjs', 1),
  };
}

export function stopPeers(peers: Peers): void {
  peers.python.close();
  peers.onnx.close();
  peers.tfjs.close();
}
