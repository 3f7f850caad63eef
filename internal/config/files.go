package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"syscall"

	"example.org/cloakroom/internal/models"
)

const (
	// fileSuffix makes the name of a secret the name of the variable with the path of its file.
	fileSuffix = "_FILE"
	// maxSecretFile is the largest file with a secret, in bytes.
	maxSecretFile = 16 << 10
)

// secretNames returns the variables that hold a secret, in the order of the manual.
func secretNames() (names []string) {
	for _, field := range settingFields() {
		if field.Type == reflect.TypeFor[models.Secret]() {
			names = append(names, field.Tag.Get("env"))
		}
	}
	return names
}

// readFiles replaces each NAME_FILE in vars, where NAME is a secret, by NAME with the
// content of that file. The null device stands for no file. SITE_KEY_FILE is a
// setting of its own, because the server creates that file. The errors name the variables,
// but neither a path, which may be a secret in the wrong place, nor the content of a file.
func readFiles(vars map[string]string) (errs []error) {
	for _, name := range secretNames() {
		file := name + fileSuffix
		path := vars[file]
		if path == "" {
			continue
		}
		text, err := readSecret(path)
		if errors.Is(err, errNoFile) {
			delete(vars, file)
			continue
		}
		if vars[name] != "" {
			errs = append(errs, fmt.Errorf("%s and %s are both set: remove one of them", name, file))
			continue
		}
		if _, setting := fieldOf(file); setting {
			continue
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %w", file, err))
			continue
		}
		vars[name] = text
	}
	return errs
}

// errNoFile says that a path names the null device, and so no secret.
var errNoFile = errors.New("is the null device")

// isNull reports whether info is of the null device, at whatever path.
func isNull(info fs.FileInfo) bool {
	null, err := os.Stat(os.DevNull)
	if err != nil || info.Mode().Type() != null.Mode().Type() {
		return false
	}
	got, ok := info.Sys().(*syscall.Stat_t)
	want, known := null.Sys().(*syscall.Stat_t)
	return ok && known && got.Rdev == want.Rdev
}

// readSecret returns the one line of the file at path.
func readSecret(path string) (string, error) {
	// A pipe without a writer would block for ever.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the operator names the file
	if err != nil {
		return "", unreadable(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", unreadable(err)
	}
	switch {
	case isNull(info):
		return "", errNoFile
	case info.IsDir():
		return "", unreadable(syscall.EISDIR)
	case !info.Mode().IsRegular():
		return "", errors.New("names no regular file")
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	line := strings.TrimRight(string(text), "\r\n")
	switch {
	case err != nil:
		return "", unreadable(err)
	case len(text) > maxSecretFile:
		return "", fmt.Errorf("names a file with more than %s", models.Size(maxSecretFile))
	case line == "":
		return "", errors.New("names an empty file")
	case strings.ContainsAny(line, "\r\n\x00"):
		return "", errors.New("names a file with more than one line of text")
	}
	return line, nil
}

// unreadable says why a file cannot be read, without its path.
func unreadable(err error) error {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err
	}
	return fmt.Errorf("names a file that cannot be read: %w", err)
}
