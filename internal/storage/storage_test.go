package storage_test

import (
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
	"example.org/cloakroom/internal/storage/storagetest"
)

func TestCheckKey(t *testing.T) {
	for range 100 {
		if key := models.NewBlobKey(); storage.CheckKey(key) != nil {
			t.Errorf("CheckKey(%q) = %v", key, storage.CheckKey(key))
		}
	}
	for _, key := range storagetest.BadKeys() {
		if err := storage.CheckKey(key); err == nil || problem.KindOf(err) != problem.Internal {
			t.Errorf("CheckKey(%q) = %v, want an internal error", key, err)
		}
	}
}
