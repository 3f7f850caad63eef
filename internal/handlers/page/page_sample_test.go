package page

import (
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/pagetest"
)

func TestPagePages(t *testing.T) {
	pagetest.Check(t, pagetest.Room{
		Funcs: Funcs, Owns: ownsPage, Full: pageSamples(), Empty: pageEmptySamples(), Other: pageOtherSamples(),
		Fields: map[string][]string{},
	})
}

func ownsPage(name string) bool { return name == "problem" || name == "kept" }

// pageSamples returns each page with everything on it.
func pageSamples() map[string]any {
	guest := func(title, path string) Frame { return Frame{Title: title, Path: path, Signup: true} }
	limits := UploadLimits{MaxSize: 100_000_000, MaxFiles: 10}
	kept := &savedForm{Limits: limits, Problems: pagetest.Problems("file"), Text: `{"Action":"/posts"}`, SavedForm: &gate.SavedForm{
		Action: "/posts/POST0/edit", Multipart: true, Files: true, Fields: []gate.SavedField{
			{Name: "title", Value: "Title"}, {Name: "content", Label: "Text", Value: "\nSecond line"}, {Name: "file_ids", Value: "P1"},
		},
	}}
	return map[string]any{
		"kept": keptPage{Frame: Frame{Title: "Welcome back", User: pagetest.User("mara")}, Kept: kept},
		"problem": problemPage{
			Frame: guest("Too many requests", ""), Status: 429, Message: "You tried too often.", RetryIn: 90 * time.Second,
			RequestID: strings.Repeat("7F", 13), Again: "/posts/POST0", Help: "/file-types",
			Kept: kept,
		},
	}
}

// pageOtherSamples returns the page of a form that was sent without a session, with a password in it and one to sign in.
func pageOtherSamples() map[string]any {
	kept := &savedForm{Text: `{"Action":"/requests"}`, SavedForm: &gate.SavedForm{
		Action: "/requests", Fields: []gate.SavedField{{Name: "title", Value: "Title"}, {Name: "password", Label: "Password", Secret: true}},
	}}
	return map[string]any{"problem": problemPage{Frame: Frame{Title: "Sign in"}, Status: 401, Message: "Sign in.", Kept: kept}}
}

// pageEmptySamples returns each page with as little on it as possible.
func pageEmptySamples() map[string]any {
	p := Frame{Title: "Empty"}
	return map[string]any{
		"problem": problemPage{Frame: p},
		"kept":    keptPage{Frame: p, Kept: &savedForm{SavedForm: &gate.SavedForm{Action: "/posts"}}},
	}
}
