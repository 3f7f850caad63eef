package handlers

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/web"
)

func parsePages(t testing.TB) *web.Pages {
	t.Helper()
	pages, err := web.Parse(Funcs)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// pageNames returns the names of all page templates.
func pageNames(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../../web/templates/pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d templates: %v", len(files), err)
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".html"))
	}
	return names
}

// eachPage renders every sample, full and empty, and hands on its elements.
func eachPage(t *testing.T, check func(t *testing.T, elements []*html.Node)) {
	t.Helper()
	pages := parsePages(t)
	for kind, set := range map[string]map[string]any{"full": samples(), "empty": emptySamples()} {
		for _, name := range pageNames(t) {
			t.Run(name+" "+kind, func(t *testing.T) {
				data, ok := set[name]
				if !ok {
					t.Fatal("the page has no sample")
				}
				page, err := pages.Render(name, data)
				if err != nil {
					t.Fatal(err)
				}
				root, err := html.Parse(bytes.NewReader(page))
				if err != nil {
					t.Fatal(err)
				}
				var elements []*html.Node
				for node := range root.Descendants() {
					if node.Type == html.ElementNode {
						elements = append(elements, node)
					}
				}
				check(t, elements)
			})
		}
	}
}

func TestEveryPageHasItsFrame(t *testing.T) {
	eachPage(t, func(t *testing.T, elements []*html.Node) {
		counts := map[atom.Atom]int{}
		for _, e := range elements {
			counts[e.DataAtom]++
			if e.DataAtom == atom.Html && attribute(e, "lang") != "en" {
				t.Error("the page does not say its language")
			}
		}
		for _, one := range []atom.Atom{atom.H1, atom.Title, atom.Main} {
			if counts[one] != 1 {
				t.Errorf("got %d of <%s>, want one", counts[one], one)
			}
		}
	})
}

// The policy that the pages are sent with forbids everything this looks for.
func TestNothingIsInline(t *testing.T) {
	eachPage(t, func(t *testing.T, elements []*html.Node) {
		for _, e := range elements {
			if e.DataAtom == atom.Style || e.DataAtom == atom.Script && attribute(e, "src") == "" {
				t.Errorf("inline <%s>", e.Data)
			}
			for _, a := range e.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "srcdoc" ||
					strings.HasPrefix(a.Val, "javascript:") || strings.HasPrefix(a.Val, "data:") {
					t.Errorf("<%s %s=%q>", e.Data, a.Key, a.Val)
				}
			}
		}
	})
}

// A script or style that was changed on its way is not run.
func TestAssets_HaveTheirHashes(t *testing.T) {
	assets, err := web.Static()
	if err != nil {
		t.Fatal(err)
	}
	eachPage(t, func(t *testing.T, elements []*html.Node) {
		for _, e := range elements {
			address := attribute(e, "src")
			if e.DataAtom == atom.Link && attribute(e, "rel") == "stylesheet" {
				address = attribute(e, "href")
			} else if e.DataAtom != atom.Script {
				continue
			}
			content, err := fs.ReadFile(assets, strings.TrimPrefix(address, web.StaticPrefix))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha512.Sum384(content)
			if got, want := attribute(e, "integrity"), "sha384-"+base64.StdEncoding.EncodeToString(sum[:]); got != want {
				t.Errorf("%s has the hash %q, want %q", address, got, want)
			}
		}
	})
}

func TestEveryFieldHasALabel(t *testing.T) {
	eachPage(t, func(t *testing.T, elements []*html.Node) {
		labels := map[string]bool{}
		for _, e := range elements {
			if e.DataAtom == atom.Label {
				labels[attribute(e, "for")] = true
			}
		}
		for _, e := range elements {
			isField := e.DataAtom == atom.Input && attribute(e, "type") != "hidden" || e.DataAtom == atom.Textarea || e.DataAtom == atom.Select
			if isField && !labels[attribute(e, "id")] && attribute(e, "aria-label") == "" && !isInside(e, atom.Label) {
				t.Errorf("field %q has no label", attribute(e, "name"))
			}
			if e.DataAtom == atom.Button && strings.TrimSpace(text(e)) == "" {
				t.Error("a button says nothing")
			}
			if e.DataAtom == atom.Img && !slices.ContainsFunc(e.Attr, func(a html.Attribute) bool { return a.Key == "alt" }) {
				t.Errorf("picture %q has no alt", attribute(e, "src"))
			}
		}
	})
}

// What points at an id, points at one that is there, once.
func TestReferencesLead(t *testing.T) {
	eachPage(t, func(t *testing.T, elements []*html.Node) {
		ids := map[string]int{}
		for _, e := range elements {
			if id := attribute(e, "id"); id != "" {
				if ids[id]++; ids[id] == 2 {
					t.Errorf("id %q is there twice", id)
				}
			}
		}
		for _, e := range elements {
			for _, key := range []string{"for", "aria-describedby", "aria-labelledby", "data-copy"} {
				for _, id := range strings.Fields(attribute(e, key)) {
					if ids[id] == 0 {
						t.Errorf("<%s %s> leads to %q, which is not there", e.Data, key, id)
					}
				}
			}
			if id, found := strings.CutPrefix(attribute(e, "href"), "#"); found && ids[id] == 0 {
				t.Errorf("a link leads to %q, which is not there", id)
			}
		}
	})
}

// Each problem with a field stands at the field, and the field says so.
func TestProblemsStandAtTheirFields(t *testing.T) {
	fields := map[string][]string{
		"admin_audit": {"actor", "user"}, "admin_content": {"user", "state", "q"}, "admin_subject": {"why", "reason"}, "reset": {"password"}, "forgot": {"account"}, "admin_invitations": {"role", "tier", "days", "email", "note"}, "admin_users": {"q", "role", "tier", "sort"}, "admin_user": {"tier", "role", "quota", "why"}, "admin_ip_rules": {"prefix", "action", "note", "for"}, "admin_limit": {"guest", "free", "premium", "admin"},
		"post_form": {"title", "content", "tags", "file"}, "post_show": {"body"}, "file_list": {"file"}, "register": {"username", "email", "password"},
		"login": {"username", "password"}, "confirm": {"password"}, "login_factor": {"code"}, "settings_factor": {"code", "name"}, "settings_profile": {"avatar", "email", "phone", "website", "bio"},
		"settings_security": {"current_password", "password"}, "settings_tokens": {"name", "scope", "expires", "until"}, "settings_data": {"username"}, "setup": {"username", "email", "password"},
	}
	pages := parsePages(t)
	for name, wanted := range fields {
		page, err := pages.Render(name, samples()[name])
		if err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range wanted {
			found := false
			for e := range root.Descendants() {
				if attribute(e, "name") == field && attribute(e, "aria-invalid") == "true" &&
					slices.Contains(strings.Fields(attribute(e, "aria-describedby")), field+"-problem") {
					found = true
				}
			}
			if !found {
				t.Errorf("%s: the field %s does not tell its problem", name, field)
			}
		}
	}
}

func TestEveryStatusHasAdvice(t *testing.T) {
	for _, status := range statuses {
		if (problemPage{Status: status}).Advice() == "" {
			t.Errorf("status %d has no advice", status)
		}
	}
}

func TestAPictureThatIsNotReadyIsNotShown(t *testing.T) {
	card := cardOf(&models.PostView{Files: []models.File{
		{ID: "A", Kind: models.KindImage, State: models.Processing, ThumbSmall: "s", ThumbLarge: "l"},
		{ID: "B", Kind: models.KindImage, State: models.Rejected, ThumbSmall: "s", ThumbLarge: "l"},
		{ID: "C", Kind: models.KindPDF, State: models.Processing},
	}})
	if card.Image != "" || card.Files[0] != "" {
		t.Errorf("the card shows %q and %q", card.Image, card.Files)
	}
}

// A card is kept by what it shows: a change of anything must change its text.
func TestACardFollowsItsPost(t *testing.T) {
	pages := parsePages(t)
	view := samplePosts(1).Items[0]
	seen := map[string]string{}
	for change, apply := range map[string]func(*models.PostView){
		"nothing":    func(*models.PostView) {},
		"title":      func(v *models.PostView) { v.Title = "Other" },
		"excerpt":    func(v *models.PostView) { v.Excerpt = "Other" },
		"visibility": func(v *models.PostView) { v.Visibility = models.Private },
		"comments":   func(v *models.PostView) { v.CommentCount++ },
		"tags":       func(v *models.PostView) { v.Tags = v.Tags[1:] },
		"files":      func(v *models.PostView) { v.Files = v.Files[1:] },
		"author":     func(v *models.PostView) { v.Author.Username = "other" },
		"avatar":     func(v *models.PostView) { v.Author.Avatar = "" },
	} {
		changed := view
		apply(&changed)
		data := feedPage{List: postListOf(models.Page[models.PostView]{Items: []models.PostView{changed}}, "/")}
		for range 2 { // the second comes from what was kept
			page, err := pages.Render("feed", data)
			if err != nil {
				t.Fatal(err)
			}
			if other, ok := seen[string(page)]; ok && other != change {
				t.Errorf("%s and %s look the same", change, other)
			}
			seen[string(page)] = change
		}
	}
}

// BenchmarkFeedPage is the feed as it is most of the time: its cards are known.
func BenchmarkFeedPage(b *testing.B) {
	pages := parsePages(b)
	posts := samplePosts(20)
	for b.Loop() {
		renderFeed(b, pages, posts)
	}
}

// BenchmarkFeedPageOfNewPosts is the feed with no card that was shown before.
func BenchmarkFeedPageOfNewPosts(b *testing.B) {
	pages := parsePages(b)
	posts := samplePosts(20)
	for n := 0; b.Loop(); n++ {
		for i := range posts.Items {
			posts.Items[i].CommentCount = n
		}
		renderFeed(b, pages, posts)
	}
}

func renderFeed(b *testing.B, pages *web.Pages, posts models.Page[models.PostView]) {
	b.Helper()
	data := feedPage{page: page{Title: "Feed", Path: "/"}, List: postListOf(posts, "/")}
	if err := pages.With("feed", data, func([]byte) error { return nil }); err != nil {
		b.Fatal(err)
	}
}

func attribute(e *html.Node, key string) string {
	for _, a := range e.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func isInside(e *html.Node, outer atom.Atom) bool {
	for parent := range e.Ancestors() {
		if parent.DataAtom == outer {
			return true
		}
	}
	return false
}

func text(e *html.Node) string {
	var words strings.Builder
	for node := range e.Descendants() {
		if node.Type == html.TextNode {
			words.WriteString(node.Data)
		}
	}
	return words.String()
}
