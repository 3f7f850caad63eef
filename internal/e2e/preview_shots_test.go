package e2e_test

import (
	"os"
	"testing"
)

// TestPreviewScreenshots takes screenshots of the preview of each kind of file, if -screenshots is set.
func TestPreviewScreenshots(t *testing.T) {
	if *screenshots == "" {
		return
	}
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	s := startSite(t, sqliteAndDisk(t), "UPLOAD_TYPES=*")
	ann := newUser(t, s, "ann")
	code, err := os.ReadFile("preview_test.go")
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	for name, content := range map[string][]byte{
		"code.go": code, "README.md": []byte("# A title\n\nSome *words*, a [link](https://example.org) and `code`.\n\n- one\n- two\n\n> A quote\n\n|a|b|\n|-|-|\n|1|2|\n"),
		"table.csv": []byte("Name,Town,Size\nAnna,Kiel,12\n\"B, C\",Ulm,3\n"), "names.zip": zipNamed(t, []string{"folder/", "folder/a long name of a file.txt", "../x"}),
		"paper.pdf": []byte("%PDF-1.7\n%%EOF"),
	} {
		paths[name] = "/files/" + ann.mustUpload(name, content).ID + "/preview"
	}
	browser := startBrowser(t)
	for _, scheme := range []string{"light", "dark"} {
		for name, width := range map[string]int64{"wide": 1280, "phone": 390} {
			b := newTab(t, browser, s, true)
			take := camera(b, scheme, name, width)
			b.logIn("ann", password)
			for file, path := range paths {
				b.open(path, 200)
				take("preview-" + file)
			}
		}
	}
}
