package site

import (
	"testing"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/preview"
)

// previewSample returns the preview of a text with everything around it.
func previewSample(base func(title, path string) page.Frame) filePreviewPage {
	return filePreviewPage{
		Frame: base("main.go", "/files/F1/preview"), File: pagetest.File("F1", models.KindText, "main.go"), Source: true, Get: true,
		Back: "/posts/POST0", BackTitle: "Minutes <b>", Folder: "/files/F1",
		Previous: &fileLink{"a <b>.txt", "/files/F0/preview"}, Next: &fileLink{"z.txt", "/files/F2/preview"},
		Preview: preview.Preview{Kind: preview.Text, Formatted: true, Cut: "This is the beginning.", Lines: []preview.Line{
			{Number: 1, Spans: []preview.Span{{Class: "tok-keyword", Text: "package"}, {Text: " main // </pre><script>"}}},
		}},
	}
}

// framedSample returns the page of a PDF that its owner asked to see.
func framedSample() filePreviewPage {
	return filePreviewPage{
		Frame: page.Frame{Title: "paper.pdf", User: pagetest.User("mira"), Path: "/files/F1/preview"},
		File:  pagetest.File("F1", models.KindPDF, "paper.pdf"), Get: true, Own: true, Frames: true, Framed: true,
		Back: "/files", BackTitle: "your files", Folder: "/files/F1", Badge: badge{"Only you", "/files/F1/access", ""},
	}
}

// Neighbours are the files before and after that others can open too.
func TestFilePreview_Neighbours(t *testing.T) {
	files := pagetest.Files()[:4]
	files[1].State = models.Processing
	for i, want := range map[int][2]string{0: {"", "/x/P3/preview"}, 2: {"/x/P1/preview", "/x/Faudio/preview"}, 3: {"/x/P3/preview", ""}} {
		p := filePreviewPage{File: files[i]}
		p.neighbours("/x/", files)
		var got [2]string
		for side, link := range []*fileLink{p.Previous, p.Next} {
			if link != nil {
				got[side] = link.URL
			}
		}
		if got != want {
			t.Errorf("beside %s: %v, want %v", files[i].Name, got, want)
		}
	}
	alone := filePreviewPage{File: files[1]}
	if alone.neighbours("/x/", files[1:2]); alone.Previous != nil || alone.Next != nil {
		t.Errorf("alone: %v %v", alone.Previous, alone.Next)
	}
}
