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
	batch  = 500       // rows in memory at once
	buffer = 128 << 10 // bytes that are sent at once
)

// An export is a zip on its way to its user.
type export struct {
	*Service
	who models.User
	zip *zip.Writer
}

// Export writes all that is who's as a zip, while it reads it: it is never whole
// in memory or on a disk of ours. Secrets and their hashes are not in it. After
// an error what was written is no whole zip.
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
		x.account, x.sessions, x.tokens, x.links, x.events, x.posts, x.comments, x.notices, x.reports, x.fileList, x.avatar, x.files,
	} {
		if err := part(ctx); err != nil {
			return fmt.Errorf("exporting: %w", err)
		}
	}
	return x.zip.Close()
}

// create begins an entry. What compresses is deflated; media does not.
func (x export) create(name string, method uint16, at time.Time) (io.Writer, error) {
	return x.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: at.UTC()})
}

// list writes an entry that is an array of JSON: rows calls add with each element.
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

// avatar writes the picture of the user, if they have one.
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

// files writes the bytes of each file, as they were uploaded. Those in quarantine
// nobody has.
func (x export) files(ctx context.Context) error {
	return x.eachFile(ctx, func(f models.File) error {
		now, err := x.DB.FileOf(ctx, x.who.ID, f.ID) // it was listed a while ago
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

// bytes writes an entry with the bytes under key. What was deleted since its row
// was read is left out; that it is gone while its row is still there is an error.
func (x export) bytes(ctx context.Context, name string, key models.BlobKey, at time.Time, still func() bool) error {
	blob, err := x.Blobs.Open(ctx, key)
	if problem.KindOf(err) == problem.NotFound && !still() {
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
		err = fmt.Errorf("of %d bytes there were %d", blob.Size, n)
	}
	return err
}

// pathOf is where the bytes of f are in the zip: the identifier keeps names
// apart, and what some system makes more of than a name is not in it.
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
