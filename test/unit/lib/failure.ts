import { BelfryError } from 'belfry';

/** What `work` throws or rejects with; empty words where it does neither. */
export async function failureOf(work: () => unknown): Promise<[code: string, message: string]> {
  try {
    await work();
    return ['', ''];
  } catch (error) {
    return error instanceof BelfryError
      ? [error.code, error.message]
      : ['not a BelfryError', String(error)];
  }
}
