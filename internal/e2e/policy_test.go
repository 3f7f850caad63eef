package e2e_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

// A finding is a weakness of a policy that Google's csp_evaluator reports.
type finding struct {
	Description string `json:"description"`
	Severity    int    `json:"severity"`
	Directive   string `json:"directive"`
	Value       string `json:"value"`
}

// csp_evaluator has no objections to the policies that are really sent, apart from one: 'self'
// may be a problem if the same host serves uploads. It is not, because uploads are never
// served as scripts, which TestActiveContent_IsOnlyEverSaved verifies.
func TestPolicies_PassTheEvaluator(t *testing.T) {
	node := testenv.Node(t, "../../web", "evaluate-policies.mjs")
	const content = "https://content.example"
	s := startSite(t, sqliteAndDisk(t), "PUBLIC_URL=https://cloakroom.example", "CONTENT_ORIGIN="+content,
		"CONTENT_KEY="+strings.Repeat("k3y-", 8))
	ann := newUser(t, s, "ann")
	file := ann.mustUpload("a.txt", []byte("hello"))
	framed := ann.mustUpload("paper.pdf", paper())
	at := func(origin, url string) answer {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+strings.TrimPrefix(url, origin), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cookie := range ann.http.Jar.Cookies(request.URL) {
			request.AddCookie(cookie)
		}
		request.Host = strings.TrimPrefix(origin, "https://")
		return ann.want(request, http.StatusOK)
	}
	bytesOf := func(url string) answer { return at(content, ann.get(url, http.StatusSeeOther).header.Get("Location")) }
	answers := []struct {
		name string
		answer
		self bool // it allows scripts of the site itself
	}{
		{"page of a guest", newClient(t, s).get("/", http.StatusOK), true},
		{"page of a user", ann.get("/settings/profile", http.StatusOK), true},
		{"API", ann.get("/api/v1/posts", http.StatusOK), true},
		{"error", ann.get("/nowhere", http.StatusNotFound), true},
		{"page with a frame", at("https://cloakroom.example", "/files/"+framed.ID+"/preview?show=1"), true},
		{"file", bytesOf(file.URL), false},
		{"file in the frame", bytesOf(framed.URL), false},
	}
	policies := make([]string, len(answers))
	for i, a := range answers {
		if policies[i] = a.header.Get("Content-Security-Policy"); policies[i] == "" {
			t.Fatalf("%s has no policy", a.name)
		}
		framing := strings.Contains(policies[i], "frame-src") || !strings.Contains(policies[i], "frame-ancestors 'none'")
		if framing != strings.Contains(a.name, "frame") {
			t.Errorf("%s: the policy is %q", a.name, policies[i])
		}
	}
	input, err := json.Marshal(policies)
	if err != nil {
		t.Fatal(err)
	}
	node.Stdin, node.Stderr = bytes.NewReader(input), os.Stderr
	output, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var findings [][]finding
	if err := json.Unmarshal(output, &findings); err != nil || len(findings) != len(policies) {
		t.Fatalf("%v\n%s", err, output)
	}
	for i, a := range answers {
		for _, f := range findings[i] {
			if a.self && f.Directive == "script-src" && f.Value == "'self'" && f.Severity >= 50 {
				continue
			}
			t.Errorf("%s: %+v\n%s", a.name, f, policies[i])
		}
	}
}
