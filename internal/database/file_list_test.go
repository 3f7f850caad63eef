package database_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

// A search for accents alone finds nothing: names are found without them.
func TestFileLines_OfAccentsAlone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		listedFile(t, db, ann, "Café.txt", func(*models.File) {})
		for text, want := range map[string]int{"\u0301": 0, "e\u0301": 1, "": 1} {
			lines, err := db.FileLines(t.Context(), ann.ID, models.FileFilter{Sort: models.FilesByDate, Text: text}, 10, noon)
			if must(t, err); len(lines) != want {
				t.Errorf("%q finds %d files, want %d", text, len(lines), want)
			}
		}
	})
}

// Each order of a user's files is complete and without repetition across its pages, in both
// directions, finds parts of names whatever their case and accents, and skips what others own
// or what is removed.
func TestFileLines_PagesInEachOrder(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		names := []string{"Über.pdf", "apple.txt", "Apple.txt", "zebra.png", "ÜBUNG 2.pdf", "100% _x.txt", "日本語.txt", "ﷺ.txt"}
		kinds := []models.FileKind{models.KindPDF, models.KindText, models.KindText, models.KindImage}
		for i, name := range names {
			f := listedFile(t, db, ann, name, func(f *models.File) {
				f.Size, f.Kind, f.CreatedAt = int64(1000-i/2), kinds[i%len(kinds)], noon.Add(time.Duration(i/3)*time.Minute)
			})
			if i == 0 {
				share := models.Share{ID: models.NewShareID(), OwnerID: ann.ID, FileID: &f.ID, Hash: models.NewSecret().Hash(),
					Sealed: []byte("sealed"), Permission: models.ShareDownload, CreatedAt: noon, UpdatedAt: noon}
				_, err := db.CreateShare(t.Context(), &share, nil, models.MaxShares)
				must(t, err)
			}
		}
		listedFile(t, db, bob, "bob's.txt", func(*models.File) {})
		removed := listedFile(t, db, ann, "removed.txt", func(*models.File) {})
		_, err := db.SQLPool().ExecContext(t.Context(), `UPDATE files SET removed_at = created_at WHERE id = $1`, removed.ID)
		must(t, err)
		all := func(f models.FileFilter) (rows []models.FileRow) {
			for range len(names) + 1 {
				lines, err := db.FileLines(t.Context(), ann.ID, f, 3, noon)
				must(t, err)
				for _, line := range lines {
					row, err := line.Row()
					must(t, err)
					rows = append(rows, row)
				}
				if len(lines) < 3 {
					return rows
				}
				after, err := models.ParseFilePlace(rows[len(rows)-1].String(f.Sort), f.Sort)
				must(t, err)
				f.After = after
			}
			return rows
		}
		for sort, less := range map[models.FileSort]func(a, b models.FileRow) int{
			models.FilesByDate: func(a, b models.FileRow) int { return b.At.Compare(a.At) },
			models.FilesBySize: func(a, b models.FileRow) int { return int(b.Size - a.Size) },
			models.FilesByName: func(a, b models.FileRow) int { return compare(a.Key, b.Key) },
			models.FilesByKind: func(a, b models.FileRow) int { return compare(string(a.Kind)+"/"+a.Key, string(b.Kind)+"/"+b.Key) },
		} {
			rows, back := all(models.FileFilter{Sort: sort}), all(models.FileFilter{Sort: sort, Reverse: true})
			slices.Reverse(back)
			if len(rows) != len(names) || !slices.IsSortedFunc(rows, less) || fmt.Sprint(rows) != fmt.Sprint(back) {
				t.Errorf("by %s: %v\nback: %v", sort, rows, back)
			}
			for text, found := range map[string]int{"ub": 2, "APPLE": 2, "%": 1, "_": 1, "本": 1, "nothing": 0, "bob": 0, "removed": 0} {
				if got := all(models.FileFilter{Sort: sort, Text: text}); len(got) != found {
					t.Errorf("by %s, %q: %d files, want %d: %v", sort, text, len(got), found, got)
				}
			}
		}
		shared := all(models.FileFilter{Sort: models.FilesByName, Text: "uber"})[0]
		if shared.Links != 1 || shared.Latest.ID == "" || len(shared.Latest.Sealed) == 0 || shared.Name != "Über.pdf" {
			t.Errorf("a file with a link: %+v", shared)
		}
	})
}

// A converted image is found by its name and by the one that is shown and downloaded, also after
// it was renamed. With other content it has its own name alone.
func TestFileLines_FindTheShownName(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		f := listedFile(t, db, ann, "Été.HEIC", func(f *models.File) { f.State = models.Processing })
		finds := func(when string, want map[string]int) {
			t.Helper()
			for text, n := range want {
				for _, sort := range []models.FileSort{models.FilesByDate, models.FilesByName, models.FilesBySize, models.FilesByKind} {
					lines, err := db.FileLines(t.Context(), ann.ID, models.FileFilter{Sort: sort, Text: text}, 10, noon)
					if must(t, err); len(lines) != n {
						t.Errorf("%s, by %s: %q finds %d files, want %d", when, sort, text, len(lines), n)
					}
				}
			}
		}
		finds("while it is processed", map[string]int{"ete.heic": 1, ".jpg": 0})
		ok, err := db.FileReady(t.Context(), f.ID, f.Blob, database.FileResult{Clean: "CLEAN", CleanType: "image/jpeg"}, noon)
		must(t, err)
		wantEqual(t, "FileReady", ok, true)
		ok, err = db.FileReady(t.Context(), f.ID, f.Blob, database.FileResult{CleanType: "image/png"}, noon)
		must(t, err)
		wantEqual(t, "FileReady, again", ok, false)
		finds("when it is a JPEG", map[string]int{"ete.heic": 1, "ÉTÉ.jpg": 1, ".jpg": 1, "heic": 1, ".png": 0})
		long := strings.Repeat("ü", 125) // with the extension, as long as a name can be
		must(t, db.RenameFile(t.Context(), ann.ID, f.ID, models.Filename(long+".heic"), noon))
		finds("renamed", map[string]int{long + ".heic": 1, long + ".jpg": 1, "ete": 0})
		must(t, db.ReplaceFile(t.Context(), models.File{ID: f.ID, OwnerID: ann.ID, Blob: "NEW", State: models.Ready, UpdatedAt: noon}, f.Blob))
		finds("replaced", map[string]int{long + ".heic": 1, ".jpg": 0})
	})
}

// The longest key still has a place in the list, and the pages go on behind it.
func TestFileLines_LongestKey(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		long := strings.Repeat("\u4e00", 84)
		for _, name := range []string{long + "a", long + "b", "\U0010fffd"} {
			listedFile(t, db, ann, name, func(f *models.File) { f.Clean, f.CleanType = models.NewBlobKey(), "image/jpeg" })
		}
		for _, sort := range []models.FileSort{models.FilesByName, models.FilesByKind} {
			f := models.FileFilter{Sort: sort}
			for range 3 {
				lines, err := db.FileLines(t.Context(), ann.ID, f, 1, noon)
				if must(t, err); len(lines) != 1 {
					t.Fatalf("by %s: the list ends early", sort)
				}
				row, err := lines[0].Row()
				must(t, err)
				if f.After, err = models.ParseFilePlace(row.String(sort), sort); err != nil {
					t.Fatalf("by %s, %d bytes: %v", sort, len(row.Key), err)
				}
			}
		}
	})
}

// listedFile returns a new ready file of that name, changed by change before it is stored.
func listedFile(t *testing.T, db *database.DB, owner models.User, name string, change func(*models.File)) models.File {
	t.Helper()
	f := models.File{ID: models.NewFileID(), OwnerID: owner.ID, Name: models.Filename(name), Blob: models.NewBlobKey(), Size: 1,
		MediaType: "text/plain", Kind: models.KindText, State: models.Ready, CreatedAt: noon, UpdatedAt: noon}
	change(&f)
	must(t, db.CreateFile(t.Context(), &f))
	return f
}

func compare(a, b string) int {
	if a < b {
		return -1
	} else if a > b {
		return 1
	}
	return 0
}
