#!/usr/bin/env node
// Starts Qwen Code from where it is installed; a command's end is reported once its output has been read.
// canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
if (require.main === module) {
  process.env.NODE_OPTIONS = `--require ${__filename}`; // it works in a process of its own, which loads this file first
  import("REAL");
} else {
  delete process.env.NODE_OPTIONS;
  const { ChildProcess } = require("node:child_process");
  const emit = ChildProcess.prototype.emit;
  const ends = new WeakMap(); // ended child to what reports its end

  ChildProcess.prototype.emit = function (event, ...details) {
    const streams = [this.stdout, this.stderr].filter((each) => each && !each.readableEnded);
    if (event === "exit" && streams.length) {
      const read = () => streams.reduce((sum, each) => sum + each.bytesRead, 0);
      ends.set(this, () => ends.delete(this) && emit.call(this, event, ...details));
      // All of its output is in the pipes by now, so that it is read in the next turns of the event loop.
      const look = (before, quiet) => {
        if (quiet === 3) ends.get(this)?.();
        else setImmediate(() => look(read(), read() === before ? quiet + 1 : 0));
      };
      look(read(), 0);
      return true;
    }
    if (event === "close") ends.get(this)?.();
    return emit.call(this, event, ...details);
  };
}
