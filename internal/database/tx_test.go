package database_test

import (
	"context"
	"errors"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func TestTx_AllOrNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, boom := newUser(t, db, "ann"), errors.New("boom")
		var kept models.File
		file := func(tx *database.DB) models.File { return newFile(t, tx, ann, models.Ready) }
		wantGone := func(what string, f models.File) {
			t.Helper()
			_, err := db.FileByID(t.Context(), f.ID)
			wantKind(t, what, err, problem.NotFound)
		}
		must(t, db.Tx(t.Context(), func(tx *database.DB) error { kept = file(tx); return nil }))
		_, err := db.FileByID(t.Context(), kept.ID)
		must(t, err)

		var lost models.File
		err = db.Tx(t.Context(), func(tx *database.DB) error { lost = file(tx); return boom })
		if !errors.Is(err, boom) {
			t.Errorf("err = %v, want boom", err)
		}
		wantGone("after an error", lost)

		err = db.Tx(t.Context(), func(tx *database.DB) error {
			if err := tx.Tx(t.Context(), func(tx *database.DB) error { lost = file(tx); return nil }); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("err = %v, want boom", err)
		}
		wantGone("inside, after an error outside", lost)

		func() {
			defer func() { _ = recover() }()
			_ = db.Tx(t.Context(), func(tx *database.DB) error { lost = file(tx); panic("boom") })
		}()
		wantGone("after a panic", lost)

		ctx, cancel := context.WithCancel(t.Context())
		err = db.Tx(ctx, func(tx *database.DB) error { lost = file(tx); cancel(); return nil })
		if err == nil {
			t.Error("a transaction whose context had ended was committed")
		}
		wantGone("after the context ended", lost)
		newUser(t, db, "bob") // the connection and the right to write were released
	})
}

func TestTx_ManyWritersGetTheirTurn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		wins := race(t, 64, func(i int) bool {
			err := db.Tx(t.Context(), func(tx *database.DB) error {
				u, err := tx.UserByID(t.Context(), ann.ID) // reads first, writes later
				if err != nil {
					return err
				}
				if db.Dialect() == database.SQLite { // readers do not wait for the writer
					if _, err := db.UserByID(t.Context(), u.ID); err != nil {
						return err
					}
				}
				_, err = tx.ReserveStorage(t.Context(), u.ID, 1, 1000)
				return err
			})
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
			return err == nil
		})
		u, err := db.UserByID(t.Context(), ann.ID)
		must(t, err)
		wantEqual(t, "writes", []int64{int64(wins), u.StorageUsed}, []int64{64, 64})
	})
}
