import { aborted } from "../api/client";

/**
 * Keeps one question under way. A new one takes the place of the one before,
 * whose answer then no longer counts.
 */
export class Latest {
  private controller: AbortController | undefined;

  /** Asks; `answered` and `failed` are called only if no newer question was asked meanwhile. */
  async ask<T>(question: (signal: AbortSignal) => Promise<T>, answered: (answer: T) => void, failed: (error: unknown) => void): Promise<void> {
    this.controller?.abort();
    const controller = new AbortController();
    this.controller = controller;
    try {
      const answer = await question(controller.signal);
      if (this.controller === controller) {
        this.controller = undefined;
        answered(answer);
      }
    } catch (error) {
      if (this.controller !== controller) return;
      this.controller = undefined;
      if (!aborted(error)) failed(error);
    }
  }

  /** Takes back the question that is under way. */
  stop(): void {
    this.controller?.abort();
    this.controller = undefined;
  }
}
