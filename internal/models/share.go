package models

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// Limits of shares. Lengths are in characters.
const (
	MaxShareName     = 60
	MaxShareSender   = 100
	MaxShareNote     = 1000
	MinSharePassword = 8
	MaxSharePickups  = 1_000_000
	MaxShareDays     = 36_500 // longest life of a share that expires
	MaxShareUsers    = 50     // named users per share
	MaxShares        = 5000   // per user, ended ones included until they are purged
)

// A SharePermission says what visitors of a share may do.
type SharePermission string

// The permissions. Each contains the one before it.
const (
	SharePreview  SharePermission = "preview"  // see images and text, but not download
	ShareDownload SharePermission = "download" //
	ShareComment  SharePermission = "comment"  // signed-in visitors may comment on the post
)

// A Share is a link that opens one post or one file for others.
type Share struct {
	ID              ShareID `gorm:"primaryKey"`
	OwnerID         UserID
	PostID          *PostID // exactly one of PostID and FileID is set
	FileID          *FileID
	Hash            SecretHash // of the secret in the link
	Sealed          []byte     // the secret, sealed with the site key
	Name            string     // before the secret in the link; may be empty
	Sender          string     // from whom, for visitors; empty: the owner's username
	Note            string
	Permission      SharePermission
	Named           bool   // only for named users
	Names           string // their usernames as typed, also of nobody, separated by spaces
	Preview         bool   // link previews may show a thumbnail
	Password        string // an argon2id hash; empty: none
	PasswordVersion int    // from 0; another one ends earlier unlocks and running downloads
	MaxPickups      int    // 0: no limit
	PickedUp        int    // counted pickups
	CreatedAt       time.Time
	UpdatedAt       time.Time
	ExpiresAt       *time.Time // nil: never
	RevokedAt       *time.Time
	UsedAt          *time.Time // of the last pickup; nil: none yet
	ByToken         bool       // an API token made it
}

// UsedUp reports whether the share has no place for another pickup.
func (s Share) UsedUp() bool { return s.MaxPickups > 0 && s.PickedUp >= s.MaxPickups }

// Locked reports whether the share has a password.
func (s Share) Locked() bool { return s.Password != "" }

// Expired reports whether the share has expired at now.
func (s Share) Expired(now time.Time) bool { return s.ExpiresAt != nil && !s.ExpiresAt.After(now) }

// A ShareState says whether a share can be used, and if not, why.
type ShareState string

// The states.
const (
	ShareOpen    ShareState = "open"
	ShareRevoked ShareState = "revoked"
	ShareExpired ShareState = "expired"
	ShareUsedUp  ShareState = "used_up"
)

// State returns the state of the share itself at now. Its owner, its post or its file can
// still keep an open share from opening.
func (s Share) State(now time.Time) ShareState {
	switch {
	case s.RevokedAt != nil:
		return ShareRevoked
	case s.Expired(now):
		return ShareExpired
	case s.UsedUp():
		return ShareUsedUp
	}
	return ShareOpen
}

// Open reports whether the share itself can be used at now.
func (s Share) Open(now time.Time) bool { return s.State(now) == ShareOpen }

// May reports whether visitors of s may do what p permits.
func (s Share) May(p SharePermission) bool {
	switch p {
	case SharePreview:
		return true
	case ShareDownload:
		return s.Permission != SharePreview
	case ShareComment:
	}
	return s.Permission == ShareComment && s.PostID != nil
}

// Cursor returns the position of the share in a list.
func (s Share) Cursor() Cursor { return Cursor{At: s.CreatedAt, ID: string(s.ID)} }

// ShareObject returns the object of an audit event or notification about a share.
func ShareObject(id ShareID) string { return "share:" + string(id) }

// SharePath returns the path of the link of a share: an optional name, and the secret
// (RFC 3986; the secret alone opens the share).
func SharePath(name string, secret Secret) string {
	if name != "" {
		name += "-"
	}
	return "/s/" + name + secret.Reveal()
}

// ParseShareLink returns the hash of the secret in the last part of a share's path. It
// returns "" for a text that no share can have.
func ParseShareLink(s string) SecretHash {
	at := strings.LastIndexByte(s, '-')
	secret := s[at+1:]
	if !IsID(secret) {
		return ""
	}
	// Only a name that a link can have: pages have the path of their link in their forms.
	if name, err := parseShareName(s[:max(at, 0)]); err != nil || name != s[:max(at, 0)] || at == 0 {
		return ""
	}
	return Secret(secret).Hash()
}

// A ShareInput is the form of a new or changed share, as typed. In a changed share, an
// empty Password keeps the old one.
type ShareInput struct {
	Name           string
	Sender         string
	Note           string
	Permission     string // empty: download
	Expires        string // as ParseShareLife reads it; empty: the default, or unchanged
	Downloads      string // the limit of pickups; empty or 0: none
	Password       string
	RemovePassword bool
	Users          string // usernames, separated by commas or spaces; empty: anybody with the link
	Preview        bool
}

// Parse sets the fields of s that in describes, except the password and the expiry, and
// returns the problems of all fields.
func (in ShareInput) Parse(s *Share) (errs []error) {
	set := func(field string, into *string, value string, limit int, fits func(string) bool) {
		value = normalizeText(value)
		if utf8.RuneCountInString(value) > limit || !fits(value) {
			errs = append(errs, problem.OnField(field, "Use at most %d characters, without control characters.", limit))
		}
		*into = value
	}
	set("sender", &s.Sender, in.Sender, MaxShareSender, isLine)
	set("note", &s.Note, in.Note, MaxShareNote, isText)
	var err error
	if s.Name, err = parseShareName(in.Name); err != nil {
		errs = append(errs, err)
	}
	switch s.Permission = SharePermission(in.Permission); s.Permission {
	case "":
		s.Permission = ShareDownload
	case SharePreview, ShareDownload, ShareComment:
	default:
		errs = append(errs, problem.OnField("permission", "Choose preview, download or comment."))
	}
	s.MaxPickups, err = parsePickups(in.Downloads)
	if err != nil {
		errs = append(errs, err)
	}
	if err := checkLinkPassword(in.Password); err != nil {
		errs = append(errs, err)
	}
	s.Preview = in.Preview
	return errs
}

// parseShareName returns s as the readable part of a link: lower-case ASCII letters,
// digits and hyphens.
func parseShareName(s string) (string, error) {
	var name strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(s)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			name.WriteRune(r)
		case name.Len() > 0 && !strings.HasSuffix(name.String(), "-"):
			name.WriteByte('-')
		}
	}
	parsed := strings.Trim(name.String(), "-")
	if len(parsed) > MaxShareName || parsed == "" && strings.TrimSpace(s) != "" {
		return "", problem.OnField("name", "Use up to %d letters from a to z, digits and hyphens.", MaxShareName)
	}
	return parsed, nil
}

func parsePickups(s string) (int, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > MaxSharePickups {
		return 0, problem.OnField("downloads", "Enter a number up to %d, or leave it empty for no limit.", MaxSharePickups)
	}
	return n, nil
}

// Never is the life of a share that does not expire.
const Never time.Duration = 0

// ParseShareLife returns the life of a share: "never", a number of days, or a number
// with the unit h, d or w. It returns an Invalid problem at the field "expires" if s is
// anything else, or longer than longest. A longest of zero permits every life.
func ParseShareLife(s string, longest time.Duration) (time.Duration, error) {
	const most = MaxShareDays * 24 * time.Hour
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "never" {
		if longest > 0 {
			return 0, errShareLife(longest)
		}
		return Never, nil
	}
	unit := 24 * time.Hour
	switch digits := strings.TrimRight(s, "hdw"); s[len(digits):] {
	case "h":
		unit, s = time.Hour, digits
	case "d":
		s = digits
	case "w":
		unit, s = 7*24*time.Hour, digits
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > int(most/unit) {
		return 0, problem.OnField("expires", "Enter a number of days, such as 7, or 12h for hours.")
	}
	life := time.Duration(n) * unit
	if longest > 0 && life > longest {
		return 0, errShareLife(longest)
	}
	return life, nil
}

// ShareLife is ParseShareLife for a form in which an empty text means normal, or longest
// if that is less.
func ShareLife(s string, normal, longest time.Duration) (time.Duration, error) {
	switch {
	case strings.TrimSpace(s) != "":
		return ParseShareLife(s, longest)
	case longest > 0:
		return min(normal, longest), nil
	}
	return normal, nil
}

func errShareLife(longest time.Duration) error {
	return problem.OnField("expires", "Your links can last %d days at most.", int(longest/(24*time.Hour)))
}

// Summary describes s for the audit log, without a secret.
func (s Share) Summary() string {
	parts := []string{string(s.Permission)}
	if s.ExpiresAt != nil {
		parts = append(parts, "until "+s.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if s.Locked() {
		parts = append(parts, "with a password")
	}
	if s.Named {
		parts = append(parts, "for named users")
	}
	if s.MaxPickups > 0 {
		parts = append(parts, "for "+strconv.Itoa(s.MaxPickups)+" downloads")
	}
	return strings.Join(parts, ", ")
}

// Input returns the form with which s can be changed. Its password and expiry are empty:
// they stay as they are.
func (s Share) Input() ShareInput {
	in := ShareInput{
		Name: s.Name, Sender: s.Sender, Note: s.Note, Permission: string(s.Permission), Users: s.Names, Preview: s.Preview,
	}
	if s.MaxPickups > 0 {
		in.Downloads = strconv.Itoa(s.MaxPickups)
	}
	return in
}
