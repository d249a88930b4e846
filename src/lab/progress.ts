/** Where a piece of long work tells how far it is. */
export interface Progress {
  /** What is being done now; the same phase again is no news. */
  phase(text: string): void;
  /** The work is over: leaves the terminal's line free. */
  end(): void;
}

interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** At a terminal one line that counts the time; elsewhere a line a phase. Goes to stderr: stdout is for results. */
export function showProgress(screen: Screen, now: () => number = Date.now): Progress {
  const start = now();
  let current = '';
  const elapsed = () => `${Math.floor((now() - start) / 1000)} s`.padStart(5);
  const draw = () => screen.write(`\r${elapsed()}  ${current}\u001b[K`);
  const timer = screen.isTTY ? setInterval(() => current && draw(), 500) : undefined;
  timer?.unref();
  return {
    phase(text) {
      if (text === current) return;
      current = text;
      if (screen.isTTY) draw();
      else screen.write(`${elapsed()}  ${text}\n`);
    },
    end() {
      clearInterval(timer);
      if (screen.isTTY && current) screen.write('\r\u001b[K');
    },
  };
}

export const silentProgress: Progress = { phase() {}, end() {} };
