package leaving

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	batch  = 500       // rows in memory at a time
	buffer = 128 << 10 // bytes buffered before they are sent
)

// An export writes the ZIP file for one user.
type export struct {
	*Service
	who models.User
	zip *zip.Writer
}

// Export streams all data of the user as a ZIP file, without storing it. It
// contains no secrets or hashes of secrets. After an error, the ZIP file is
// incomplete.
func (s *Service) Export(ctx context.Context, by models.Actor, to io.Writer) error {
	who, err := s.DB.UserByID(ctx, by.User.ID)
	if err != nil {
		return err
	}
	if err := s.audit(ctx, s.DB, by.Did(ActionExport, models.UserObject(who.ID), "")); err != nil {
		return err
	}
	x := export{Service: s, who: who, zip: zip.NewWriter(bufio.NewWriterSize(to, buffer))}
	for _, part := range []func(context.Context) error{
		x.account, x.sessions, x.tokens, x.links, x.events, x.posts, x.comments, x.shares, x.downloads, x.requests, x.received,
		x.notices, x.choices, x.reports, x.fileList, x.avatar, x.files,
	} {
		if err := part(ctx); err != nil {
			return fmt.Errorf("exporting: %w", err)
		}
	}
	return x.zip.Close()
}

// create starts an entry of the ZIP file, with compression method zip.Deflate or zip.Store.
func (x export) create(name string, method uint16, at time.Time) (io.Writer, error) {
	return x.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: at.UTC()})
}

// list writes an entry with a JSON array; rows calls add for each element.
func (x export) list(name string, rows func(add func(any) error) error) error {
	w, err := x.create(name, zip.Deflate, x.now())
	if err != nil {
		return err
	}
	before := "[\n"
	err = rows(func(v any) error {
		text, err := json.Marshal(v)
		if err == nil {
			_, err = fmt.Fprintf(w, "%s%s", before, text)
		}
		before = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	end := "\n]\n"
	if before == "[\n" {
		end = "[]\n"
	}
	_, err = io.WriteString(w, end)
	return err
}

// avatar writes the user's avatar, if there is one.
func (x export) avatar(ctx context.Context) error {
	if x.who.Avatar == "" {
		return nil
	}
	_, extension, _ := strings.Cut(x.who.AvatarType, "/")
	return x.bytes(ctx, "avatar."+extension, x.who.Avatar, x.who.UpdatedAt, func() bool {
		user, err := x.DB.UserByID(ctx, x.who.ID)
		return err == nil && user.Avatar == x.who.Avatar
	})
}

// files writes the bytes of each file as they were uploaded, except for files in
// quarantine.
func (x export) files(ctx context.Context) error {
	return x.eachFile(ctx, func(f models.File) error {
		now, err := x.DB.FileOf(ctx, x.who.ID, f.ID) // the list may be old by now
		if problem.KindOf(err) == problem.NotFound || err == nil && now.HiddenAt != nil {
			return nil
		}
		if err != nil {
			return err
		}
		return x.bytes(ctx, pathOf(f), f.Blob, f.CreatedAt, func() bool {
			_, err := x.DB.FileOf(ctx, x.who.ID, f.ID)
			return problem.KindOf(err) != problem.NotFound
		})
	})
}

// bytes writes an entry with the bytes under key. If they are missing, it skips
// the entry when exists reports that the row was deleted too, and fails otherwise.
func (x export) bytes(ctx context.Context, name string, key models.BlobKey, at time.Time, exists func() bool) error {
	blob, err := x.Blobs.Open(ctx, key)
	if problem.KindOf(err) == problem.NotFound && !exists() {
		return nil
	}
	if err != nil {
		return err
	}
	defer blob.Close()
	w, err := x.create(name, zip.Store, at)
	if err != nil {
		return err
	}
	n, err := io.Copy(w, blob)
	if err == nil && n != blob.Size {
		err = fmt.Errorf("only %d of %d bytes were read", n, blob.Size)
	}
	return err
}

// pathOf returns the path of f in the ZIP file. The ID makes it unique, and
// characters with a special meaning on some systems are replaced.
func pathOf(f models.File) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\<>:"|?*`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(string(f.Name), "_"))
	name = strings.TrimRight(name, ". ")
	return "files/" + string(f.ID) + "-" + name
}
