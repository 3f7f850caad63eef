// Judges Content-Security-Policies, a JSON list of them on standard input, by
// Google's csp_evaluator, and writes a list of findings for each. The lower a
// severity, the worse: from 50 on the evaluator itself says "maybe".
import { text } from "node:stream/consumers";
import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { CspParser } from "csp_evaluator/dist/parser.js";

const policies = JSON.parse(await text(process.stdin));
const findings = policies.map((policy) => new CspEvaluator(new CspParser(policy).csp).evaluate());
process.stdout.write(JSON.stringify(findings));
