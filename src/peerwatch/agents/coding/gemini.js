#!/usr/bin/env node
// Starts Gemini CLI from where it is installed; its version is known already.
// canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
if (process.argv[2] === "--version") console.log("VERSION");
else import("REAL");
