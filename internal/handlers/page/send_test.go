package page

import (
	"crypto/sha256"
	"math/rand/v2"
	"testing"
)

// Only small pages are kept compressed.
func TestSqueezedPages_KeepsNoLargeOnes(t *testing.T) {
	hard := make([]byte, squeezedPageKept) // grows by compression
	_, _ = rand.NewChaCha8([32]byte{}).Read(hard)
	for _, html := range [][]byte{hard, hard[:squeezedPageKept-64]} {
		var p squeezedPages
		small := p.of(sha256.Sum256(html), html)
		if kept := len(p.younger) == 1; kept != (len(small) <= squeezedPageKept) || kept != (len(html) < squeezedPageKept) {
			t.Errorf("a page of %d bytes, compressed %d, is kept: %t", len(html), len(small), kept)
		}
	}
}

func TestAcceptsCoding(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip": true, "br, GZIP": true, "gzip;q=0.5": true, "gzip ; Q = 1": true, "deflate,gzip;q=0.001": true,
		"": false, "br": false, "gzip;q=0": false, "gzip;q=0.0, br": false, "gzip;q=2": false, "gzip;q=x": false, "gzip;level=9": false,
		"xgzip": false, "*": false, "gzip;q=NaN": false,
	} {
		if got := AcceptsCoding([]string{header}, "gzip"); got != want {
			t.Errorf("Accept-Encoding %q: %t, want %t", header, got, want)
		}
	}
	if !AcceptsCoding([]string{"br", "gzip"}, "gzip") {
		t.Error("the second of two headers does not count")
	}
}

func FuzzAcceptsCoding(f *testing.F) {
	f.Add("gzip, br;q=0.5")
	f.Add("gzip;q=0,*;q=1")
	f.Fuzz(func(t *testing.T, header string) {
		if AcceptsCoding([]string{header}, "gzip") && AcceptsCoding([]string{header}, "no such coding") {
			t.Errorf("%q accepts everything", header)
		}
	})
}

func TestMatches(t *testing.T) {
	for header, want := range map[string]bool{
		`W/"a"`: true, `"a"`: true, `"b", W/"a"`: true, `*`: true, ``: false, `"b"`: false, `a`: false, `W/"aa"`: false,
	} {
		if got := matches([]string{header}, `W/"a"`); got != want {
			t.Errorf("If-None-Match %s: %t, want %t", header, got, want)
		}
	}
}
