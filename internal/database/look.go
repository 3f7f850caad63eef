package database

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

// A Topic is what nodes hold in memory and read again when it has changed.
type Topic string

// The topics. The schema has a row for each.
const (
	TopicCertificates Topic = "certificates"
	TopicIPRules      Topic = "ip_rules"
	TopicSettings     Topic = "settings"
)

// changed counts a change of the topic in the open transaction.
func (db *DB) changed(ctx context.Context, topic Topic) error {
	return db.change(ctx, "topic", `UPDATE topics SET changes = changes + 1 WHERE topic = $1`, topic)
}

// changing runs fn in a transaction, and counts a change of the topic if fn returns nil.
func (db *DB) changing(ctx context.Context, topic Topic, fn func(tx *DB) error) error {
	return db.Tx(ctx, func(tx *DB) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.changed(ctx, topic)
	})
}

// Look returns how often each topic has changed, and wakes the runners of jobs if one is
// due. It is the one read by which an idle node follows the others and other processes.
func (db *DB) Look(ctx context.Context, now time.Time) (map[Topic]int64, error) {
	const jobs Topic = "jobs"
	const look = `
		SELECT topic, changes FROM topics
		UNION ALL SELECT $1, 0 WHERE EXISTS (SELECT 1 FROM jobs WHERE state <> 'given-up' AND run_at <= $2)`
	changes := map[Topic]int64{}
	err := db.rows(ctx, look, []any{jobs, now}, func(rows *sql.Rows) error {
		var topic Topic
		var n int64
		err := rows.Scan(&topic, &n)
		changes[topic] = n
		return err
	})
	if err != nil {
		return nil, db.classify(err, "topic")
	}
	if _, due := changes[jobs]; due {
		delete(changes, jobs)
		db.wakeJobs("")
	}
	return changes, nil
}

// statements counts what a DB does.
type statements struct{ reads, writes atomic.Int64 }

// Statements returns how many reads there were since Open, and how many writes: statements
// outside a transaction, and transactions.
func (db *DB) Statements() (reads, writes int64) {
	return db.counted.reads.Load(), db.counted.writes.Load()
}

// countReads counts the reads through GORM. Others are counted where they are made.
func (db *DB) countReads() error {
	return db.gorm.Callback().Query().Before("gorm:query").Register("count", func(*gorm.DB) { db.counted.reads.Add(1) })
}
