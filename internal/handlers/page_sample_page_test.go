package handlers

import (
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/handlers/pagetest"
)

func TestPagePages(t *testing.T) {
	pagetest.Check(t, pagetest.Room{
		Funcs: Funcs, Owns: ownsPage, Full: pageSamples(), Empty: pageEmptySamples(),
		Fields: map[string][]string{},
	})
}

func ownsPage(name string) bool { return name == "problem" }

// pageSamples returns each page with everything on it.
func pageSamples() map[string]any {
	guest := func(title, path string) page { return page{Title: title, Path: path, Signup: true} }
	limits := uploadLimits{MaxSize: 100_000_000, MaxFiles: 10}
	return map[string]any{
		"problem": problemPage{page: guest("Too many requests", ""), Status: 429, Message: "You tried too often.", RetryIn: 90 * time.Second, RequestID: strings.Repeat("7F", 13), Again: "/posts/POST0",
			Kept: &savedForm{Limits: limits, Problems: pagetest.Problems("file"), SavedForm: &SavedForm{Action: "/posts/POST0/edit", Multipart: true, Files: true,
				Fields: []SavedField{{Name: "title", Value: "Title"}, {Name: "content", Label: "Text", Value: "\nSecond line"}, {Name: "file_ids", Value: "P1"}}}}},
	}
}

// pageEmptySamples returns each page with as little on it as there can be.
func pageEmptySamples() map[string]any {
	p := page{Title: "Empty"}
	return map[string]any{
		"problem": problemPage{page: p},
	}
}
