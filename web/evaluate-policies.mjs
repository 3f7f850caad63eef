// Evaluates content security policies with Google's csp_evaluator. It reads a JSON
// list of policies from standard input, and writes the list of findings for each. A
// lower severity is worse; from 50 on the evaluator itself says "maybe".
import { text } from "node:stream/consumers";
import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { CspParser } from "csp_evaluator/dist/parser.js";

const policies = JSON.parse(await text(process.stdin));
const findings = policies.map((policy) => new CspEvaluator(new CspParser(policy).csp).evaluate());
process.stdout.write(JSON.stringify(findings));
