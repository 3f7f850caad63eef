package e2e_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// paper returns a PDF with one red page. Its script would open a dialog in a viewer that ran it in
// the page, and the site's tab would be lost to its link.
func paper() []byte {
	const red = "1 0 0 rg 0 0 300 300 re f"
	var b bytes.Buffer
	var at []int
	b.WriteString("%PDF-1.7\n")
	for i, object := range []string{
		"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(try { top.__xss = 1; parent.__xss = 1; top.location = 'about:blank' } " +
			"finally { app.alert('a script of the PDF'); this.submitForm('/logout'); this.getURL('/logout') })>>>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(red), red),
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj%sendobj\n", i+1, object)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF", len(at)+1, xref)
	return b.Bytes()
}

// The browser's viewer shows a PDF in the page, from the site and from a content origin, without
// and with JavaScript. Nothing of the PDF reaches the page.
func TestPreview_PDFInAFrame(t *testing.T) {
	browser := startBrowser(t)
	for _, apart := range []bool{false, true} {
		extra := []string{}
		if apart {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			addr := listener.Addr().String()
			listener.Close()
			extra = append(extra, "ADDR="+addr, "PUBLIC_URL=http://"+addr,
				"CONTENT_ORIGIN=http://localhost"+addr[strings.LastIndex(addr, ":"):], "CONTENT_KEY="+strings.Repeat("k3y-", 8))
		}
		s := startSite(t, sqliteAndDisk(t), extra...)
		file := newUser(t, s, "ann").mustUpload("paper.pdf", paper())
		for _, js := range []bool{true, false} {
			b := newTab(t, browser, s, js)
			b.logIn("ann", password)
			path := "/files/" + file.ID + "/preview"
			b.open(path, http.StatusOK)
			b.wantCount("iframe", 0)
			alerts := b.acceptDialogs()
			b.submit(`a[href="`+path+`?show=1"]`, http.StatusOK)
			eventually(t, "the script of the PDF opens its dialog", func() bool { return alerts.Load() > 0 })
			eventually(t, fmt.Sprintf("the page is shown: a content origin is %t, JavaScript is %t", apart, js), func() bool {
				return b.redPixels() > 10_000
			})
			if b.path() != path || js && eval[bool](b, `window.__xss !== undefined`) {
				t.Errorf("the page is %s", b.path())
			}
			b.open("/files", http.StatusOK) // still signed in
		}
		s.wantNoErrors()
	}
}

// acceptDialogs closes each dialog that opens, and counts them.
func (b *tab) acceptDialogs() *atomic.Int32 {
	b.t.Helper()
	count := new(atomic.Int32)
	err := chromedp.Listen(b.ctx, func(event any) {
		if _, ok := event.(*page.EventJavascriptDialogOpening); ok {
			count.Add(1)
			go call(b, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return count
}

// redPixels returns how many pixels of what the tab shows are red.
func (b *tab) redPixels() (n int) {
	b.t.Helper()
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	image, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Fatal(err)
	}
	for y := range image.Bounds().Dy() {
		for x := range image.Bounds().Dx() {
			if r, g, bl, _ := image.At(x, y).RGBA(); r > 0xc000 && g < 0x4000 && bl < 0x4000 {
				n++
			}
		}
	}
	return n
}
