package seal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.org/cloakroom/internal/models"
)

// maxFile is the number of bytes that load reads at most; no key file is longer.
const maxFile = 4 << 10

// LoadOrCreate returns the site key from the file at path. If there is no file,
// it creates one with 32 random bytes in hexadecimal; processes that start at
// the same time all return the same key. It fails if other users of the machine
// have any permission on the file, or if the key has fewer than 32 characters.
func LoadOrCreate(path string) (models.Secret, error) {
	key, err := load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := create(path); err != nil {
		return "", fmt.Errorf("creating the site key: %w", err)
	}
	return load(path)
}

func load(path string) (models.Secret, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return "", fmt.Errorf("reading the site key: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("reading the site key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("other users can read %s: make it private (chmod 600)", path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return "", fmt.Errorf("reading the site key: %w", err)
	}
	key := strings.TrimSpace(string(text))
	if len(key) < minSiteKey {
		return "", fmt.Errorf("%s contains no valid site key: restore the previous key (at least %d characters), "+
			"or delete the file to create a new one", path, minSiteKey)
	}
	return models.Secret(key), nil
}

// create atomically writes a new key to path, unless the file exists.
func create(path string) (err error) {
	random := make([]byte, minSiteKey)
	_, _ = rand.Read(random) // never fails
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, ".site-key-*") // created with mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(temp.Name())) }()
	_, err = temp.WriteString(hex.EncodeToString(random) + "\n")
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	// Unlike a rename, a link never replaces an existing file.
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	parent, err := os.Open(dir) //nolint:gosec // as above
	if err != nil {
		return err
	}
	return errors.Join(parent.Sync(), parent.Close())
}
