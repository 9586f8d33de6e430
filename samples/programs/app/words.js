// Counts words in a worker thread; a loop that the compiler finds hot.
const { Worker, isMainThread, parentPort, workerData } = require("node:worker_threads");
const { readFileSync } = require("node:fs");

if (isMainThread) {
  new Worker(__filename, { workerData: process.argv[2] }).on("message", (count) => console.log(JSON.stringify({ count })));
} else {
  const text = readFileSync(workerData, "utf8");
  let count = 0;
  for (let i = 0; i < 10000; i++) {
    count = text.split(/\s+/).filter((word) => word.length > 0).length;
  }
  parentPort.postMessage(count);
}
