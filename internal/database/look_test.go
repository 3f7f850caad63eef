package database_test

import (
	"context"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

// Each write of what nodes hold in memory counts a change of its topic, and no other.
func TestLook_CountsEachChange(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		entry := &models.CertificateEntry{Authority: "A", Name: "N", Sealed: []byte("s"), UpdatedAt: noon}
		failure := &models.CertificateFailure{Authority: "A", Name: "N", FailedAt: noon, NextAt: noon.Add(time.Hour)}
		rule := models.IPRule{Prefix: "192.0.2.0/24", Action: models.Block, CreatedAt: noon}
		for _, step := range []struct {
			name  string
			topic database.Topic
			do    func(context.Context) error
		}{
			{"edit", database.TopicSettings, func(ctx context.Context) error {
				return db.SetSettingEdit(ctx, models.SettingEdit{Name: "A", Value: "1", UpdatedAt: noon})
			}},
			{"reset", database.TopicSettings, func(ctx context.Context) error { return db.SetSettingEdit(ctx, models.SettingEdit{Name: "A"}) }},
			{"rule", database.TopicIPRules, func(ctx context.Context) error { return db.CreateIPRule(ctx, rule, 10) }},
			{"no rule", database.TopicIPRules, func(ctx context.Context) error { return db.DeleteIPRule(ctx, rule.Prefix) }},
			{"entry", database.TopicCertificates, func(ctx context.Context) error { return db.PutCertificateEntry(ctx, entry) }},
			{"no entry", database.TopicCertificates, func(ctx context.Context) error { return db.DeleteCertificateEntry(ctx, "A", "N") }},
			{"no entries", database.TopicCertificates, db.DeleteCertificateEntries},
			{"failure", database.TopicCertificates, func(ctx context.Context) error { return db.PutCertificateFailure(ctx, failure) }},
			{"no wait", database.TopicCertificates, func(ctx context.Context) error { return db.EndCertificateWait(ctx, "A", "N", noon) }},
			{"no failure", database.TopicCertificates, func(ctx context.Context) error { return db.DeleteCertificateFailure(ctx, "A", "N") }},
		} {
			before, err := db.Look(ctx, noon)
			must(t, err)
			must(t, step.do(ctx))
			after, err := db.Look(ctx, noon)
			must(t, err)
			wantEqual(t, "topics", len(after), 3)
			for topic, n := range after {
				want := before[topic]
				if topic == step.topic {
					want++
				}
				wantEqual(t, step.name+": changes of "+string(topic), n, want)
			}
		}
	})
}

// What an earlier owner of a job says no longer counts once another has claimed it.
func TestClaimJob_FencesTheEarlierOwner(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		must(t, db.Tx(ctx, func(tx *database.DB) error {
			return tx.AddJob(ctx, models.NewJob{Kind: "k", Args: "{}", Queue: "q", Priority: 1, RunAt: noon})
		}))
		first, found, err := db.ClaimJob(ctx, "q", noon, noon.Add(time.Minute))
		must(t, err)
		wantEqual(t, "found", found, true)
		_, found, err = db.ClaimJob(ctx, "q", noon.Add(time.Minute-time.Microsecond), noon.Add(time.Hour))
		must(t, err)
		wantEqual(t, "found before its time is over", found, false)
		second, found, err := db.ClaimJob(ctx, "q", noon.Add(time.Minute), noon.Add(time.Hour))
		must(t, err)
		wantEqual(t, "found when it is over", found, true)
		wantEqual(t, "try", second.Try, 2)
		must(t, db.PutJobBack(ctx, first, models.JobGivenUp, 1, noon, "late"))
		must(t, db.DeleteJob(ctx, first))
		jobs, err := db.Jobs(ctx, models.JobRunning, 100, 10)
		must(t, err)
		wantEqual(t, "running jobs", len(jobs), 1)
		must(t, db.DeleteJob(ctx, second))
		jobs, err = db.Jobs(ctx, "", 100, 10)
		must(t, err)
		wantEqual(t, "jobs", len(jobs), 0)
	})
}
