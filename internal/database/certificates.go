package database

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"example.org/cloakroom/internal/models"
)

// CertificateEntry returns what authority gave by this name, or NotFound.
func (db *DB) CertificateEntry(ctx context.Context, authority, name string) (models.CertificateEntry, error) {
	e, err := gorm.G[models.CertificateEntry](db.gorm).Where("authority = ? AND name = ?", authority, name).Take(ctx)
	return e, db.classify(err, "certificate")
}

// CertificateEntries returns all that authority gave, by name.
func (db *DB) CertificateEntries(ctx context.Context, authority string) ([]models.CertificateEntry, error) {
	all, err := gorm.G[models.CertificateEntry](db.gorm).Where("authority = ?", authority).Order("name").Find(ctx)
	return all, db.classify(err, "certificate")
}

// PutCertificateEntry keeps e in place of what had its name.
func (db *DB) PutCertificateEntry(ctx context.Context, e *models.CertificateEntry) error {
	return put(ctx, db, "certificate", e, "sealed", "updated_at")
}

// DeleteCertificateEntry removes what authority gave by this name, if there is
// such a thing.
func (db *DB) DeleteCertificateEntry(ctx context.Context, authority, name string) error {
	_, err := db.exec(ctx, `DELETE FROM certificate_entries WHERE authority = $1 AND name = $2`, authority, name)
	return db.classify(err, "certificate")
}

// DeleteCertificateAnswers removes the answers to challenges, whose names end
// in one of two ways, that are from before a time: they belong to orders whose
// node was killed.
func (db *DB) DeleteCertificateAnswers(ctx context.Context, http, tls string, before time.Time) error {
	_, err := db.exec(ctx, `DELETE FROM certificate_entries WHERE (name LIKE '%' || $1 OR name LIKE '%' || $2) AND updated_at < $3`, http, tls, before)
	return db.classify(err, "certificate")
}

// CertificateFailures returns why the last tries of authority failed.
func (db *DB) CertificateFailures(ctx context.Context, authority string) ([]models.CertificateFailure, error) {
	all, err := gorm.G[models.CertificateFailure](db.gorm).Where("authority = ?", authority).Order("name").Find(ctx)
	return all, db.classify(err, "certificate")
}

// PutCertificateFailure notes f in place of the failure before.
func (db *DB) PutCertificateFailure(ctx context.Context, f *models.CertificateFailure) error {
	return put(ctx, db, "certificate", f, "message", "tries", "ordered", "failed_at", "next_at")
}

// DeleteCertificateFailure forgets a failure, if there was one.
func (db *DB) DeleteCertificateFailure(ctx context.Context, authority, name string) error {
	_, err := db.exec(ctx, `DELETE FROM certificate_failures WHERE authority = $1 AND name = $2`, authority, name)
	return db.classify(err, "certificate")
}

// TakeLease gives the lease to holder until a time, if nobody else has it now.
func (db *DB) TakeLease(ctx context.Context, name, holder string, now, until time.Time) (bool, error) {
	const take = `
		INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
		WHERE leases.holder = excluded.holder OR leases.expires_at <= $4`
	n, err := db.exec(ctx, take, name, holder, until, now)
	return n == 1, db.classify(err, "lease")
}

// ReleaseLease gives the lease back, if holder has it.
func (db *DB) ReleaseLease(ctx context.Context, name, holder string) error {
	_, err := db.exec(ctx, `DELETE FROM leases WHERE name = $1 AND holder = $2`, name, holder)
	return db.classify(err, "lease")
}

// put inserts row, or updates these columns of the one with its key.
func put[T any](ctx context.Context, db *DB, noun string, row *T, columns ...string) error {
	return db.classify(db.write(ctx, func(db *DB) error {
		return gorm.G[T](db.gorm, clause.OnConflict{
			Columns: []clause.Column{{Name: "authority"}, {Name: "name"}}, DoUpdates: clause.AssignmentColumns(columns),
		}).Create(ctx, row)
	}), noun)
}

// DeleteCertificateEntries removes all that is kept for TLS.
func (db *DB) DeleteCertificateEntries(ctx context.Context) error {
	_, err := db.exec(ctx, `DELETE FROM certificate_entries`)
	return db.classify(err, "certificate")
}

// EndCertificateWait has a certificate tried at once that waits after a failure,
// or returns NotFound: it does not wait, or the authority said until when.
func (db *DB) EndCertificateWait(ctx context.Context, authority, name string, now time.Time) error {
	const end = `
		UPDATE certificate_failures SET next_at = $1
		WHERE next_at > $1 AND authority = $2 AND name = $3 AND NOT ordered`
	return db.change(ctx, "certificate", end, now, authority, name)
}
