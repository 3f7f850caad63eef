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

// maxFile is more than any key file has, in bytes.
const maxFile = 4 << 10

// LoadOrCreate returns the site key in the file at path, which is made of 32
// random bytes if there is none. Of several processes that begin at once, all
// return the same. It refuses a file that others may read, and a key that is
// too short.
func LoadOrCreate(path string) (models.Secret, error) {
	key, err := load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := create(path); err != nil {
		return "", fmt.Errorf("making the site key: %w", err)
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
		return "", fmt.Errorf("others may read %s: take that right away (chmod 600)", path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return "", fmt.Errorf("reading the site key: %w", err)
	}
	key := strings.TrimSpace(string(text))
	if len(key) < minSiteKey {
		return "", fmt.Errorf("%s holds no site key: put back the one that was there, of at least %d characters, or remove the file to have a new one made",
			path, minSiteKey)
	}
	return models.Secret(key), nil
}

// create writes a new key to path, whole, unless another process was faster.
func create(path string) (err error) {
	random := make([]byte, minSiteKey)
	_, _ = rand.Read(random) // it never fails
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, ".site-key-*") // which nobody else may read
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(temp.Name())) }()
	_, err = temp.WriteString(hex.EncodeToString(random) + "\n")
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	// Unlike a rename, a link never takes the place of what is there.
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	parent, err := os.Open(dir) //nolint:gosec // as above
	if err != nil {
		return err
	}
	return errors.Join(parent.Sync(), parent.Close())
}
