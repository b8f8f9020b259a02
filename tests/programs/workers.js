// node: worker threads, files, timers, child processes' absence, and code compiled while it runs.
const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
const fs = require("fs");
const os = require("os");
const path = require("path");
const crypto = require("crypto");

function fibonacci(n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

if (!isMainThread) {
    parentPort.postMessage(fibonacci(workerData));
} else {
    const results = [15, 20, 25, 27].map(n => new Promise((resolve, reject) => {
        const worker = new Worker(__filename, { workerData: n });
        worker.once("message", resolve);
        worker.once("error", reject);
    }));
    Promise.all(results).then(async values => {
        console.log(values.join(" "));
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-"));
        await Promise.all([...Array(20).keys()].map(i => fs.promises.writeFile(path.join(folder, `file${i}`), "x".repeat(i))));
        console.log(fs.readdirSync(folder).length, fs.statSync(path.join(folder, "file7")).size);
        fs.rmSync(folder, { recursive: true });
        console.log(crypto.createHash("sha256").update("text").digest("hex"));
        await new Promise(resolve => setTimeout(resolve, 5));
        console.log([3, 1, 2].sort(), JSON.stringify({ a: [1, { b: null }] }));
    });
}
