package models_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// The list of actions has every action that the code of the server names, and no other.
func TestAuditActions(t *testing.T) {
	named := regexp.MustCompile(`AuditAction = "([^"]*)"`)
	var want []models.AuditAction
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile("../" + path)
		for _, found := range named.FindAllStringSubmatch(string(text), -1) {
			want = append(want, models.AuditAction(found[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if want = slices.Compact(want); len(want) < 40 || !slices.Equal(models.AuditActions(), want) {
		t.Errorf("the list is\n%q, want\n%q", models.AuditActions(), want)
	}
}
