package transfer

import (
	"mime"
	"strings"
	"testing"
)

func FuzzContentDisposition(f *testing.F) {
	for _, name := range []string{"a.txt", `a"; filename="b`, "отчёт.pdf", "100%.txt", "a\r\nX: y", "a'b.txt", `back\slash`} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		header := Disposition("attachment", name)
		if strings.ContainsAny(header, "\r\n\x00") {
			t.Fatalf("%q gives %q", name, header)
		}
		kind, params, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" || len(params) != 1 {
			t.Fatalf("%q gives %q: %q %v, %v", name, header, kind, params, err)
		}
		if params["filename"] != name {
			t.Errorf("%q comes back as %q", name, params["filename"])
		}
	})
}
