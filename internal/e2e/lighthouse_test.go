package e2e_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

// lighthouse is the command that runs Lighthouse, with its first arguments.
var lighthouse = flag.String("lighthouse", "", "the command that runs Lighthouse, for TestLighthouse")

// lighthouseCategories are what Lighthouse gives points for, out of 100.
var lighthouseCategories = []string{"performance", "accessibility", "best-practices", "seo"}

// TestLighthouse has Lighthouse look at the main pages as on a phone, on a site with demo data, and
// prints their points. `make lighthouse` runs it, on a machine without other work; without the flag it
// is skipped. Pages that search engines must not list lose points for that.
func TestLighthouse(t *testing.T) {
	if *lighthouse == "" {
		return
	}
	s := startSite(t, sqliteAndDisk(t))
	if out, code := run(t, s.command("seed"), ""); code != 0 {
		t.Fatalf("seed: %s", out)
	}
	wantDemo(t, s)
	newAdmin(t, s)
	guest, user, admin := newClient(t, s), newClient(t, s), newClient(t, s)
	user.post("/login", url.Values{"username": {"ines"}, "password": {"cloakroom for a look round"}}, 303)
	admin.logIn("boss")
	post := user.first("/tags/coast", `href="(/posts/[A-Z0-9]+)"`)
	preview := user.first("/files", `class="file-name" href="([^"]+)"`)
	for _, page := range []struct {
		name, path string
		by         *client
		listed     bool // by search engines
		want       int
	}{
		{"landing", "/", guest, true, 100},
		{"post", post, guest, true, 100},
		{"share", user.linkFor(guest), guest, false, 100},
		{"log in", "/login", guest, false, 100},
		{"feed of a user", "/", user, false, 100},
		{"files", "/files", user, false, 100},
		{"preview", preview, user, false, 100},
		{"panel", "/admin", admin, false, 95},
		{"users in the panel", "/admin/users", admin, false, 95},
		{"settings in the panel", "/admin/settings", admin, false, 95},
	} {
		scores := page.by.scores(page.path)
		line := fmt.Sprintf("| %s |", page.name)
		for _, category := range lighthouseCategories {
			score := scores[category]
			line += fmt.Sprintf(" %d |", score)
			if score < page.want && (page.listed || category != "seo") {
				t.Errorf("%s: %s has %d points, want %d", page.name, category, score, page.want)
			}
		}
		t.Log(line)
	}
}

// first returns the first part of a page that the pattern captures.
func (c *client) first(path, pattern string) string {
	c.t.Helper()
	found := regexp.MustCompile(pattern).FindSubmatch(c.get(path, 200).body)
	if found == nil {
		c.t.Fatalf("%s has no %s", path, pattern)
	}
	return string(found[1])
}

// linkFor returns the path of a link of the user's that the friend opens without a password.
func (c *client) linkFor(friend *client) string {
	c.t.Helper()
	for _, found := range regexp.MustCompile(`<h3><a href="(/shares/[^"]+)"`).FindAllSubmatch(c.get("/shares", 200).body, -1) {
		link, err := url.Parse(c.first(string(found[1]), `id="share-link"[^>]*>([^<]+)<`))
		if err != nil {
			c.t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.site.url+link.Path, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		if got, err := friend.do(req); err == nil && got.status == 200 {
			return link.Path
		}
	}
	c.t.Fatal("no link is open")
	return ""
}

// scores returns the points of a page, which Lighthouse opens with the cookies of the client, and
// logs what it finds wrong.
func (c *client) scores(path string) map[string]int {
	c.t.Helper()
	site, err := url.Parse(c.site.url)
	if err != nil {
		c.t.Fatal(err)
	}
	cookies := []string{}
	for _, cookie := range c.http.Jar.Cookies(site) {
		cookies = append(cookies, cookie.Name+"="+cookie.Value)
	}
	headers, err := json.Marshal(map[string]string{"Cookie": strings.Join(cookies, "; ")})
	if err != nil {
		c.t.Fatal(err)
	}
	command := append(strings.Fields(*lighthouse), c.site.url+path, "--output=json", "--quiet",
		"--chrome-flags=--headless=new --no-sandbox --disable-gpu", "--extra-headers="+string(headers))
	cmd := exec.CommandContext(c.t.Context(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "CHROME_PATH="+testenv.Chromium(c.t))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("%v: %v", command, err)
	}
	var report struct {
		Categories map[string]struct {
			Score     float64
			AuditRefs []struct {
				ID     string
				Weight float64
			}
		}
		Audits map[string]struct {
			Title string
			Score *float64
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		c.t.Fatal(err)
	}
	scores := map[string]int{}
	for name, category := range report.Categories {
		scores[name] = int(math.Round(100 * category.Score))
		for _, ref := range category.AuditRefs {
			if audit := report.Audits[ref.ID]; ref.Weight > 0 && audit.Score != nil && *audit.Score < 0.9 {
				c.t.Logf("%s: %s: %s", path, name, audit.Title)
			}
		}
	}
	return scores
}
