// Reads the events of `go test -json` on standard input. Prints what `go test`
// prints without -json: one line for each package, and the output of the tests
// that fail. The last line says how many tests and subtests passed, failed and
// were skipped. It exits with 0: `make` has the exit code of `go test` itself.
import { createInterface } from "node:readline";

const count = { pass: 0, fail: 0, skip: 0 };
const outputs = new Map(); // of the tests that run, by package and name
const failed = new Set(); // packages with a test that failed
const write = (text) => process.stdout.write(text);

function read(line) {
  let event;
  try {
    event = JSON.parse(line);
  } catch {
    write(line + "\n"); // not an event: a message of the go command
    return;
  }
  const test = event.Test && event.Package + " " + event.Test;
  switch (event.Action) {
    case "output":
      if (test) outputs.set(test, (outputs.get(test) ?? "") + event.Output);
      else if (event.Output !== "PASS\n") write(event.Output);
      break;
    case "build-output":
      write(event.Output);
      break;
    case "pass":
    case "fail":
    case "skip":
      if (test) endTest(event, test);
      else endPackage(event);
  }
}

function endTest(event, test) {
  count[event.Action]++;
  if (event.Action === "fail") {
    failed.add(event.Package);
    write(outputs.get(test) ?? "");
  }
  outputs.delete(test);
}

// A package can fail without a test that does: it does not compile, panics or
// takes too long. Then the tests that had not ended are the ones to look at.
function endPackage(event) {
  for (const [test, output] of outputs) {
    if (!test.startsWith(event.Package + " ")) continue;
    write(output);
    outputs.delete(test);
  }
  if (event.Action === "fail" && !failed.has(event.Package)) count.fail++;
}

for await (const line of createInterface({ input: process.stdin })) read(line);
write(`${count.pass} passed, ${count.fail} failed, ${count.skip} skipped\n`);
