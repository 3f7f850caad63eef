package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
)

// Size of the site for the feed case.
const (
	feedUsers    = 1000
	feedPosts    = 100_000
	feedComments = 1_000_000
)

// startFeed starts another instance of our server, over a large database.
func (b *bench) startFeed(ctx context.Context) (*child, error) {
	if err := os.MkdirAll(b.feedDir(), 0o700); err != nil {
		return nil, err
	}
	start := time.Now()
	db, err := database.Open(ctx, databaseURL(b.feedDir()), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err = db.Migrate(ctx); err == nil {
		err = databasetest.Fill(ctx, db, databasetest.Size{Users: feedUsers, Posts: feedPosts, Comments: feedComments, Events: 1})
	}
	if closed := db.Close(); err != nil || closed != nil {
		return nil, fmt.Errorf("filling the database: %w", err)
	}
	fmt.Fprintln(os.Stderr, "filled the database in", time.Since(start).Round(time.Second))
	return startOurs(ctx, b.server, b.feedDir())
}

// feed measures the first page for guests. For comparison, it measures a bare server that
// writes the same number of bytes.
func (b *bench) feed(ctx context.Context) error {
	l := load{conns: 64, requests: 20000, limit: 15 * time.Second, buffer: smallReads, status: 200, request: get("/", "")}
	warm := l
	warm.requests = 1000
	seen, err := warm.run(ctx, b.feedServer.addr)
	if err != nil {
		return err
	}
	size := seen.bytes / int64(len(seen.waits))
	bare := l
	bare.request = get(fmt.Sprintf("/page?size=%d", size), "")
	var waits, bareWaits []float64
	o, p, err := b.versus(
		func() (float64, error) {
			got, err := l.run(ctx, b.feedServer.addr)
			if err != nil {
				return 0, err
			}
			waits = append(waits, got.p(0.99))
			return got.perSecond(), nil
		},
		func() (float64, error) {
			got, err := bare.run(ctx, b.bare.addr)
			if err != nil {
				return 0, err
			}
			bareWaits = append(bareWaits, got.p(0.99))
			return got.perSecond(), nil
		})
	if err != nil {
		return err
	}
	b.table.least(fmt.Sprintf("feed of %d KiB by guests, 64 at once", size>>10), "/s", median(o), median(p), 3000)
	b.table.most("  99 of 100 within", "ms", median(waits), 50)
	return nil
}
