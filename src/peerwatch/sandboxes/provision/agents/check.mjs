// check.mjs FOLDER: what must happen after `npm install --ignore-scripts` in FOLDER, before anything in it is run.
// canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
//
// `npm ci` would insist that the lock names the packages of every platform, and not every registry has them all. So
// packages are installed by `npm install`, which checks the hash of every package that is in the lock, and this program
// makes sure that there is no other: npm's own list of what it installed is compared with the lock. No script of a package
// has run by then. What the scripts of two packages would have done is done here: a native program takes the place of the
// stub that says it is missing.
import { chmodSync, existsSync, linkSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"

const folder = process.argv[2]
const read = (...path) => JSON.parse(readFileSync(join(folder, ...path), "utf8"))
const locked = read("package-lock.json").packages
const refused = []
for (const [place, entry] of Object.entries(read("node_modules", ".package-lock.json").packages)) {
  if (place === "") continue // the folder itself
  const wanted = locked[place]
  if (entry.integrity && wanted?.version === entry.version && wanted.integrity === entry.integrity) continue
  const inside = place.startsWith("node_modules/") && !place.split("/").includes("..")
  if (!wanted && entry.optional && inside) {
    rmSync(join(folder, place), { recursive: true, force: true })
    console.log(`removed, since the lock does not have it: ${place} ${entry.version}`)
  } else {
    refused.push(`${place} ${entry.version}`)
  }
}
if (refused.length) {
  console.error(`not as in the lock: ${refused.join(", ")}`)
  process.exit(1)
}

// A processor without AVX2 needs the build of OpenCode for older ones.
const modern = process.arch !== "x64" || /\savx2\s/.test(readFileSync("/proc/cpuinfo", "utf8"))
for (const [stub, natives] of Object.entries(read("package.json").natives)) {
  const places = natives.map((each) => join(folder, "node_modules", each.replace("ARCH", process.arch)))
  const native = (modern ? places : [...places].reverse()).find(existsSync)
  if (native === undefined) continue
  rmSync(join(folder, "node_modules", stub), { force: true })
  linkSync(native, join(folder, "node_modules", stub))
}

// A tool of Qwen Code's arrives without the right to be run.
const tools = join(folder, "node_modules/@qwen-code/qwen-code/vendor/ripgrep")
for (const each of existsSync(tools) ? readdirSync(tools) : []) {
  if (existsSync(join(tools, each, "rg"))) chmodSync(join(tools, each, "rg"), 0o755)
}
