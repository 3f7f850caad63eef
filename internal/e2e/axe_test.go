package e2e_test

import (
	"context"
	"os"
	"sync"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axeSource returns axe-core, the accessibility rules of Deque, which make assets installs.
var axeSource = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile("../../web/node_modules/axe-core/axe.min.js")
	return string(source), err
})

// allRules are the rules that axe applies by itself, and that what can be hit has 24 by 24 pixels (WCAG 2.2, 2.5.8).
const allRules = `{rules: {"target-size": {enabled: true}}}`

// axeModes are the ways in which axe looks at a page. Colors are all that dark pages change.
var axeModes = []struct {
	scheme, rules string
	width         int64
}{
	{"light", allRules, 1280},
	{"dark", `{runOnly: ["color-contrast", "link-in-text-block"]}`, 1280},
	{"light", allRules, 390},
	{"dark", `{runOnly: ["color-contrast", "link-in-text-block"]}`, 390},
}

// checkAxe fails the test for everything that axe finds on the page, in light and dark, wide and
// on a phone.
func (b *tab) checkAxe() {
	b.t.Helper()
	source, err := axeSource()
	if err != nil {
		b.t.Fatalf("axe-core is missing: run `make assets`: %v", err)
	}
	eval[bool](b, source+`; true`)
	for _, mode := range axeModes {
		b.do(chromedp.EmulateViewport(mode.width, 900))
		b.scheme(mode.scheme)
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`axe.run(document, Object.assign({resultTypes: ["violations"]}, `+
			mode.rules+`)).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target.join(" ") + ": " + `+
			`(n.any[0] ?? n.all[0] ?? n.none[0])?.message)))`, chromedp.EvalAwaitPromise))
		cancel()
		if err != nil {
			b.t.Fatalf("axe at %s: %v", b.path(), err)
		}
		for _, wrong := range found {
			b.t.Errorf("axe at %s, %s, %d pixels: %s", b.path(), mode.scheme, mode.width, wrong)
		}
	}
	b.scheme("light")
	b.do(chromedp.EmulateViewport(1280, 900))
}

// scheme sets the color scheme that the visitor's system prefers.
func (b *tab) scheme(name string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}
