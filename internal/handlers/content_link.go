package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	contentPath   = "/content/"
	minContentKey = 32               // bytes
	linkLife      = 5 * time.Minute  // a download that has begun goes on
	playerLife    = 3 * time.Hour    // a player comes back to the link for each jump
	maxLink       = 400              // bytes of the query of a link
	linkPurpose   = "cloakroom link" // nothing else that is ever signed begins so
	linkVersion   = "1"
	linkMethods   = "read" // GET and HEAD, which is a GET without its body
)

// A variant is which bytes of a file are meant.
type variant string

const (
	shownBytes    variant = "shown"    // what others get: of a picture, the copy without metadata
	originalBytes variant = "original" // as they were uploaded
)

// A contentLink is the right to read one file by its address alone, for a
// while, as long as the viewer it was given to has that right.
type contentLink struct {
	file       models.FileID
	variant    variant
	inline     bool
	expires    int64             // in seconds of Unix time
	viewer     models.UserID     // empty: a guest
	credential models.SecretHash // what the viewer came in by; empty: a guest
}

func (l contentLink) disposition() string {
	if l.inline {
		return "inline"
	}
	return "attachment"
}

// canonical is what is signed. Each part stands behind its length, so that no
// two links have one text (CVE-2026-58426).
func (l contentLink) canonical() []byte {
	var text []byte
	for _, part := range []string{
		linkPurpose, linkVersion, linkMethods, string(l.file), string(l.variant), l.disposition(),
		strconv.FormatInt(l.expires, 10), string(l.viewer), string(l.credential),
	} {
		text = binary.BigEndian.AppendUint32(text, uint32(len(part))) //nolint:gosec // a part is a few bytes
		text = append(text, part...)
	}
	return text
}

func (l contentLink) signature(key models.Secret) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write(l.canonical()) // a hash never fails to write
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// query is the one way to write l in an address.
func (l contentLink) query(key models.Secret) string {
	return "e=" + strconv.FormatInt(l.expires, 10) + "&d=" + l.disposition() + "&v=" + string(l.variant) +
		"&u=" + string(l.viewer) + "&k=" + string(l.credential) + "&s=" + l.signature(key)
}

// parseLink reads the link to a file from a query and checks that we signed it
// and that it has not expired by now.
func parseLink(key models.Secret, now time.Time, file models.FileID, raw string) (contentLink, error) {
	bad := problem.New(problem.Forbidden, "This link has expired or was changed. Go back to the page it is from and follow it there.")
	if len(raw) > maxLink || len(key) < minContentKey {
		return contentLink{}, bad
	}
	values := map[string]string{}
	for field := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(field, "=")
		values[name] = value
	}
	expires, err := strconv.ParseInt(values["e"], 10, 64)
	l := contentLink{
		file: file, variant: variant(values["v"]), inline: values["d"] == "inline", expires: expires,
		viewer: models.UserID(values["u"]), credential: models.SecretHash(values["k"]),
	}
	// A link has one spelling: what is missing, twice, unknown, in another order
	// or escaped is another text than ours.
	if err != nil || !hmac.Equal([]byte(raw), []byte(l.query(key))) || now.Unix() >= expires {
		return contentLink{}, bad
	}
	return l, nil
}

// contentURL is the address of what l is for, by the name of the file.
func (s *Server) contentURL(l contentLink, name models.Filename) string {
	return s.Settings.ContentOrigin + contentPath + string(l.file) + "/" + url.PathEscape(string(name)) + "?" + l.query(s.Settings.ContentKey)
}
