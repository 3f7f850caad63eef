package gate

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ContentPath begins the path of every URL of a file on the content host.
const ContentPath = "/content/"

const (
	minContentKey    = 32               // bytes
	ticketLife       = 5 * time.Minute  // a download that has begun continues
	playerTicketLife = 3 * time.Hour    // a player uses the ticket again for each seek
	maxTicket        = 400              // bytes of the query
	ticketPurpose    = "cloakroom link" // nothing else that the site signs begins like this
	ticketVersion    = "1"
	ticketMethods    = "read" // GET and HEAD, which is a GET without its body
)

// A Variant names one of the contents of a file.
type Variant string

// The variants.
const (
	ShownBytes    Variant = "shown"    // as others get it: an image without metadata
	OriginalBytes Variant = "original" // as uploaded
)

// A ContentTicket is the signed part of a URL on the content host: it identifies
// the viewer of one file until it expires, where no cookie can. The viewer's access
// is still checked when the ticket is used and while bytes are sent.
type ContentTicket struct {
	File       models.FileID
	Variant    Variant
	Inline     bool
	Expires    int64             // in seconds of Unix time
	Viewer     models.UserID     // empty: a guest
	Credential models.SecretHash // of the viewer's session or API token; empty: a guest
}

// Disposition returns the type for the header Content-Disposition.
func (t ContentTicket) Disposition() string {
	if t.Inline {
		return "inline"
	}
	return "attachment"
}

// canonical returns the text that is signed. The length of each part precedes it,
// so that two different tickets never have the same text (CVE-2026-58426).
func (t ContentTicket) canonical() []byte {
	var text []byte
	for _, part := range []string{
		ticketPurpose, ticketVersion, ticketMethods, string(t.File), string(t.Variant), t.Disposition(),
		strconv.FormatInt(t.Expires, 10), string(t.Viewer), string(t.Credential),
	} {
		text = binary.BigEndian.AppendUint32(text, uint32(len(part))) //nolint:gosec // a part is a few bytes
		text = append(text, part...)
	}
	return text
}

// signature returns the HMAC of t in base64.
func (t ContentTicket) signature(key models.Secret) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write(t.canonical()) // a hash never fails to write
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// query returns t as the query of a URL.
func (t ContentTicket) query(key models.Secret) string {
	return "e=" + strconv.FormatInt(t.Expires, 10) + "&d=" + t.Disposition() + "&v=" + string(t.Variant) +
		"&u=" + string(t.Viewer) + "&k=" + string(t.Credential) + "&s=" + t.signature(key)
}

// parseTicket reads the ticket for a file from a query. It returns a Forbidden
// problem if the signature is not valid or the ticket has expired.
func parseTicket(key models.Secret, now time.Time, file models.FileID, raw string) (ContentTicket, error) {
	invalid := problem.New(problem.Forbidden,
		"This link has expired or is invalid. Go back to the page you got it from and open the file there.")
	if len(raw) > maxTicket || len(key) < minContentKey {
		return ContentTicket{}, invalid
	}
	values := map[string]string{}
	for field := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(field, "=")
		values[name] = value
	}
	expires, err := strconv.ParseInt(values["e"], 10, 64)
	t := ContentTicket{
		File: file, Variant: Variant(values["v"]), Inline: values["d"] == "inline", Expires: expires,
		Viewer: models.UserID(values["u"]), Credential: models.SecretHash(values["k"]),
	}
	// A ticket has exactly one spelling: a missing, repeated, unknown, escaped or
	// reordered field makes another text.
	if err != nil || !hmac.Equal([]byte(raw), []byte(t.query(key))) || now.Unix() >= expires {
		return ContentTicket{}, invalid
	}
	return t, nil
}

// ContentURL returns the URL on the content host that t opens. It expires after
// minutes, or after hours where a media player requests it again.
func (g *Gate) ContentURL(t ContentTicket, name models.Filename, forPlayer bool) string {
	life := ticketLife
	if forPlayer {
		life = playerTicketLife
	}
	t.Expires = g.Now().Add(life).Unix()
	return g.Options.ContentOrigin + ContentPath + string(t.File) + "/" + url.PathEscape(string(name)) + "?" + t.query(g.Options.ContentKey)
}

// identifyTicket identifies the visitor as the viewer of a signed ticket, unless the
// session or API token that it was issued for has ended. So the limits of the
// viewer's tier apply on the content host too.
func (g *Gate) identifyTicket(c echo.Context) error {
	ticket, err := parseTicket(g.Options.ContentKey, g.Now(), models.FileID(c.Param("id")), c.Request().URL.RawQuery)
	if err != nil {
		return err
	}
	v := VisitOf(c)
	v.Ticket = ticket
	if ticket.Credential == "" {
		return nil // a guest
	}
	user, err := g.Accounts.StillAuthenticated(c.Request().Context(), ticket.Viewer, ticket.Credential)
	if err == nil {
		v.User = user
	}
	return err
}
