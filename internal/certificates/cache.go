package certificates

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
)

// A cache stores the account, certificates and challenges of one authority in the
// database, sealed. It is an autocert.Cache that all nodes share.
type cache struct {
	db        *database.DB
	key       seal.Key
	authority string // separates the entries of different authorities
	now       func() time.Time
	log       *slog.Logger
}

var _ autocert.Cache = (*cache)(nil)

// Get implements autocert.Cache.
func (c *cache) Get(ctx context.Context, name string) ([]byte, error) {
	plain, err := c.read(ctx, name)
	if problem.KindOf(err) == problem.NotFound {
		return nil, autocert.ErrCacheMiss
	}
	return plain, err
}

// read returns the entry with this name, or NotFound.
func (c *cache) read(ctx context.Context, name string) ([]byte, error) {
	entry, err := c.db.CertificateEntry(ctx, c.authority, name)
	if err != nil {
		return nil, err
	}
	return c.open(entry)
}

// open decrypts an entry.
func (c *cache) open(entry models.CertificateEntry) ([]byte, error) {
	return c.key.Open(entry.Authority+"\x00"+entry.Name, entry.Sealed)
}

// Put implements autocert.Cache.
func (c *cache) Put(ctx context.Context, name string, plain []byte) error {
	return c.db.PutCertificateEntry(ctx, &models.CertificateEntry{
		Authority: c.authority, Name: name, Sealed: c.key.Seal(c.authority+"\x00"+name, plain), UpdatedAt: c.now(),
	})
}

// Delete implements autocert.Cache.
func (c *cache) Delete(ctx context.Context, name string) error {
	return c.db.DeleteCertificateEntry(ctx, c.authority, name)
}
