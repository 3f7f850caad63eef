package browserreports

import (
	"testing"

	"example.org/cloakroom/internal/problem"
)

func FuzzParse(f *testing.F) {
	f.Add("application/reports+json", []byte(`[{"type":"a","url":"https://x/y","body":{"blockedURL":"inline"}}]`))
	f.Add("application/csp-report", []byte(`{"csp-report":{"document-uri":"%zz"}}`))
	f.Fuzz(func(t *testing.T, mediaType string, raw []byte) {
		found, err := parse(mediaType, raw)
		if err != nil && problem.KindOf(err) == problem.Internal {
			t.Error(err)
		}
		for _, r := range found {
			_, _ = pageOf(r.URL), originOf(r.Body.BlockedURL)
		}
	})
}
