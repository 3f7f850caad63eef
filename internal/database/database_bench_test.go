package database_test

import (
	"syscall"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

// The size of the site that the performance goals refer to.
const (
	benchUsers    = 1000
	benchPosts    = 100_000
	benchComments = 1_000_000
)

// BenchmarkReads measures the reads of nearly every request on a large site. Run it
// with -cpu 1,2.
func BenchmarkReads(b *testing.B) {
	db := databasetest.New(b)
	fill := time.Now()
	size := databasetest.Size{Users: benchUsers, Posts: benchPosts, Comments: benchComments, Events: 1}
	if err := databasetest.Fill(b.Context(), db, size); err != nil {
		b.Fatal(err)
	}
	b.Logf("filled in %v", time.Since(fill).Round(time.Second))
	read(b, db)
}

func read(b *testing.B, db *database.DB) {
	ctx := b.Context()
	page, err := db.Feed(ctx, models.Cursor{}, 20)
	if err != nil {
		b.Fatal(err)
	}
	post := page.Items[0]
	for _, v := range page.Items {
		if len(v.Files) > 0 {
			post = v
		}
	}
	session := models.Session{Hash: secret, UserID: post.AuthorID,
		UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(time.Hour)}
	if err := db.CreateSession(ctx, &session); err != nil {
		b.Fatal(err)
	}
	middle := models.Cursor{At: noon.AddDate(0, 0, 30), ID: "A"}
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"SessionByHash", func() error { _, _, err := db.SessionByHash(ctx, secret, noon, noon.Add(-time.Hour)); return err }},
		{"ServedFile", func() error { _, err := db.ServedFile(ctx, "", post.Files[0].ID); return err }},
		{"SessionWithFile", func() error {
			_, _, _, err := db.SessionWithFile(ctx, secret, noon, noon.Add(-time.Hour), post.Files[0].ID)
			return err
		}},
		{"FileFor", func() error { _, err := db.FileFor(ctx, "", post.Files[0].ID); return err }},
		{"Feed", func() error { _, err := db.Feed(ctx, models.Cursor{}, 20); return err }},
		{"FeedInTheMiddle", func() error { _, err := db.Feed(ctx, middle, 20); return err }},
		{"PostsByTag", func() error { _, err := db.PostsByTag(ctx, "tag7", models.Cursor{}, 20); return err }},
		{"PostFor", func() error { _, err := db.PostFor(ctx, "", post.ID); return err }},
		{"CommentsOf", func() error { _, err := db.CommentsOf(ctx, "", post.ID, models.Cursor{}, 50); return err }},
		{"SearchRare", func() error {
			_, err := db.SearchPosts(ctx, "", []string{"walk", "77123"}, models.Cursor{}, 20)
			return err
		}},
		{"SearchCommon", func() error { _, err := db.SearchPosts(ctx, "", []string{"lake"}, models.Cursor{}, 20); return err }},
		{"Tags", func() error { _, err := db.Tags(ctx, "", "", 50); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpuTime()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := c.run(); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpuTime returns the processor time that this process has used. On a busy machine it
// says more than elapsed time.
func cpuTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // fails only for wrong arguments
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
