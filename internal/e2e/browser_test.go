package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"example.org/cloakroom/internal/testenv"
)

// shared is the one browser of the package. Starting a browser takes seconds of
// processor time, and each tab has its own cookies and storage anyway.
var shared struct {
	once sync.Once
	ctx  context.Context
	stop func()
	err  error
}

// startBrowser returns the browser, and starts it at the first call. The browser
// sends no requests of its own, which would fail and fill its log.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path := testenv.Chromium(t)
	shared.once.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := chromedp.NewContext(allocator)
		shared.ctx, shared.err = ctx, chromedp.Do(ctx)
		shared.stop = func() { cancel(); stop() }
	})
	if shared.err != nil {
		t.Fatalf("starting the browser: %v", shared.err)
	}
	return shared.ctx
}

// stopBrowser ends the browser, if a test started it.
func stopBrowser() {
	if shared.stop != nil {
		shared.stop()
	}
}

// A tab is a browser window with its own cookies.
type tab struct {
	t    *testing.T
	site *site
	ctx  context.Context
	js   bool

	mu      sync.Mutex
	trouble []string // errors that the browser has reported
}

// newTab opens a tab. Any error that the browser reports on its pages fails the test.
func newTab(t *testing.T, browser context.Context, s *site, js bool) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, site: s, ctx: ctx, js: js}
	if err := chromedp.Listen(ctx, b.notice); err != nil {
		t.Fatal(err)
	}
	call(b, audits.Enable, struct{}{})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !js})
	b.do(chromedp.EmulateViewport(1280, 900))
	t.Cleanup(func() {
		for _, trouble := range b.troubles() {
			t.Errorf("in a tab: %s", trouble)
		}
	})
	return b
}

// troubles returns the errors reported since the last call.
func (b *tab) troubles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := b.trouble
	b.trouble = nil
	return found
}

func (b *tab) complain(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = append(b.trouble, fmt.Sprintf(format, args...))
}

// notice records errors and warnings of the console, violations of the content security
// policy, and failed requests. The status of the document itself is checked by load.
func (b *tab) notice(event any) {
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelError && e.Entry.Level != log.EntryLevelWarning {
			return
		}
		if !strings.HasPrefix(e.Entry.Text, "Failed to load resource: the server responded") { // reported below
			b.complain("log %s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		text, _ := json.Marshal(e.Args)
		b.complain("console %s: %s", e.Type, text)
	case *runtime.EventExceptionThrown:
		b.complain("exception: %s", e.ExceptionDetails.Text)
	case *audits.EventIssueAdded:
		details, _ := json.Marshal(e.Issue.Details)
		b.complain("issue %s: %s", e.Issue.Code, details)
	case *network.EventLoadingFailed:
		if !e.Canceled {
			b.complain("%s failed: %s %s", e.Type, e.ErrorText, e.BlockedReason)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 && e.Type != network.ResourceTypeDocument {
			b.complain("%s %s: status %d", e.Type, e.Response.URL, e.Response.Status)
		}
	}
}
