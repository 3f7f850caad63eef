package e2e_test

import (
	"github.com/chromedp/chromedp"
)

// rules returns violations of accessibility rules (WCAG 2.2: 1.1.1, 1.3.1, 2.4.2, 3.1.1, 4.1.2),
// and broken links within the page.
const rules = `(() => {
	const wrong = [];
	const all = (selector) => [...document.querySelectorAll(selector)];
	const name = (e) => (e.getAttribute("aria-label") ||
		(e.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent || "").join(" ") ||
		[...(e.labels || [])].map((l) => l.textContent).join(" ") || e.textContent.trim() ||
		[...e.querySelectorAll("img")].map((i) => i.alt).join(" ")).trim();
	const told = (e) => e.outerHTML.slice(0, 200);
	if (document.documentElement.lang !== "en") wrong.push("the page does not say its language");
	if (document.title.trim() === "") wrong.push("the page has no title");
	if (all("h1").length !== 1) wrong.push(all("h1").length + " headings of the first rank");
	if (all("main").length !== 1) wrong.push(all("main").length + " elements main");
	let rank = 0;
	for (const h of all("h1, h2, h3, h4")) {
		const next = Number(h.tagName[1]);
		if (next > rank + 1) wrong.push("a heading skips a rank: " + told(h));
		rank = next;
	}
	for (const e of all("input:not([type=hidden]), select, textarea, meter, progress")) {
		if (!name(e)) wrong.push("no label: " + told(e));
	}
	for (const e of all("a[href]:not([aria-hidden=true]), button, summary, [role=button]")) if (!name(e)) wrong.push("no name: " + told(e));
	for (const e of all("img")) if (!e.hasAttribute("alt")) wrong.push("no alt: " + told(e));
	const ids = all("[id]").map((e) => e.id);
	for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) wrong.push("two elements " + id);
	for (const e of all("[aria-describedby], [aria-labelledby]")) {
		for (const id of [e.getAttribute("aria-describedby"), e.getAttribute("aria-labelledby")].join(" ").trim().split(/\s+/)) {
			if (id && !document.getElementById(id)) wrong.push("it names " + id + ", which is not there: " + told(e));
		}
	}
	for (const e of all("a[href^='#']")) {
		if (!document.querySelector(e.getAttribute("href"))) wrong.push("it leads to nowhere: " + told(e));
	}
	for (const e of all("[tabindex]")) if (e.tabIndex > 0) wrong.push("it comes out of turn: " + told(e));
	for (const e of all("[style], style, script:not([src])")) wrong.push("inline: " + told(e));
	return wrong;
})()`

// check fails the test if the page violates the rules, or the browser has reported an error.
func (b *tab) check() {
	b.t.Helper()
	for _, wrong := range append(eval[[]string](b, rules), b.troubles()...) {
		b.t.Errorf("%s: %s", b.path(), wrong)
	}
}

// checkNarrow fails the test if the page is wider than the screen of a phone.
func (b *tab) checkNarrow() {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(390, 844))
	defer b.do(chromedp.EmulateViewport(1280, 900))
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 390 {
		widest := eval[string](b, `[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > 391)`+
			`.map(e => e.outerHTML.slice(0, 120))[0] || ""`)
		b.t.Errorf("%s is %d pixels wide on a telephone of 390: %s", b.path(), wide, widest)
	}
}
