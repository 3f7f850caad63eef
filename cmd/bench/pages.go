package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
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

// feed measures the first page, for guests and for a user.
func (b *bench) feed(ctx context.Context) error {
	user, err := register(ctx, b.feedServer.addr, "reader")
	if err != nil {
		return err
	}
	if err := b.page(ctx, b.feedServer, "feed by guests", "/", "", 3000); err != nil {
		return err
	}
	return b.page(ctx, b.feedServer, "feed by a user", "/", user.cookie, 5000)
}

// pageRows is the number of rows of the files page that is measured: the most it has.
const pageRows = 50

// filesPage measures a user's list of files.
func (b *bench) filesPage(ctx context.Context) error {
	user, err := register(ctx, b.ours.addr, "keeper")
	if err != nil {
		return err
	}
	for i := range pageRows {
		// No two have the same content, as files of people have not.
		content := bytes.NewReader(fmt.Appendf(nil, "This is file number %d.\n", i))
		if _, err := user.call(ctx, b.ours.addr, http.MethodPut, fmt.Sprintf("/files/note-%d.txt", i), "text/plain", content); err != nil {
			return err
		}
	}
	return b.page(ctx, b.ours, fmt.Sprintf("files page with %d rows by a user", pageRows), "/files", user.cookie, 5000)
}

// page measures a page on one of our servers. For comparison, it measures a bare server that
// writes the same number of bytes.
func (b *bench) page(ctx context.Context, ours *child, name, path, headers string, least float64) error {
	l := load{conns: 64, requests: 20000, limit: 15 * time.Second, buffer: smallReads, status: 200}
	warm := l
	warm.requests = 1000
	seen, err := warm.send(ctx, ours, get(path, headers))()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	size := seen.bytes / int64(len(seen.waits))
	return b.compare(comparison{name: fmt.Sprintf("%s, %d KiB, 64 at once", name, size>>10), metric: byRequest(), least: least, p99: 50},
		side{"ours", ours, l.send(ctx, ours, get(path, headers))},
		side{"bare", b.bare, l.send(ctx, b.bare, get(fmt.Sprintf("/page?size=%d", size), ""))})
}
