package models

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// A FileRequestInput is the form of a new or changed request, as typed. In a changed
// request, an empty Password keeps the old one.
type FileRequestInput struct {
	Title          string
	Message        string
	Name           string
	Expires        string // as ParseShareLife reads it; empty: the default, or unchanged
	Files          string // most files; empty: DefaultRequestFiles
	Total          string // most bytes of all files, as a Size; empty or 0: no limit
	Each           string // most bytes of one file, as a Size; empty or 0: no limit
	Kinds          []string
	Sender         string // a SenderRule; empty: optional
	OneUse         bool
	Password       string
	RemovePassword bool
}

// Parse sets the fields of r that in describes, except the password and the expiry, and
// returns the problems of all fields.
func (in FileRequestInput) Parse(r *FileRequest) (errs []error) {
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	var err error
	r.Title, err = ParseTitle(in.Title)
	note(err)
	r.Message = normalizeText(in.Message)
	if utf8.RuneCountInString(r.Message) > MaxRequestMessage || !isText(r.Message) {
		note(problem.OnField("message", "Use at most %d characters, without control characters.", MaxRequestMessage))
	}
	r.Name, err = parseShareName(in.Name)
	note(err)
	r.MaxFiles, err = parseRequestFiles(in.Files)
	note(err)
	r.MaxBytes, err = parseRequestSize("total", in.Total)
	note(err)
	r.MaxFileBytes, err = parseRequestSize("each", in.Each)
	note(err)
	r.Kinds, err = parseKinds(in.Kinds)
	note(err)
	switch r.Sender = SenderRule(in.Sender); r.Sender {
	case "":
		r.Sender = SenderOptional
	case SenderOptional, SenderName, SenderEmail:
	default:
		note(problem.OnField("sender", "Choose one of the listed ways."))
	}
	r.OneUse = in.OneUse
	note(checkLinkPassword(in.Password))
	return errs
}

// checkLinkPassword returns a problem if a link cannot have this password. The empty
// password is none.
func checkLinkPassword(password string) error {
	n := utf8.RuneCountInString(password)
	if password != "" && (n < MinSharePassword || n > MaxPassword || !utf8.ValidString(password)) {
		return problem.OnField("password", "Use %d to %d characters for the password.", MinSharePassword, MaxPassword)
	}
	return nil
}

func parseRequestFiles(s string) (int, error) {
	if strings.TrimSpace(s) == "" {
		return DefaultRequestFiles, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 || n > MaxRequestFiles {
		return 0, problem.OnField("files", "Enter a number of files from 1 to %d.", MaxRequestFiles)
	}
	return n, nil
}

func parseRequestSize(field, s string) (int64, error) {
	if strings.TrimSpace(s) == "" {
		return 0, nil
	}
	var size Size
	if err := size.UnmarshalText([]byte(s)); err != nil {
		return 0, problem.OnField(field, "Enter a size such as 500 MB or 2 GiB, or leave it empty for no limit.")
	}
	return int64(size), nil
}

// RequestKinds lists the kinds of files that a request can be limited to.
func RequestKinds() []FileKind {
	return []FileKind{KindImage, KindVideo, KindAudio, KindPDF, KindDocument, KindText, KindArchive}
}

func parseKinds(typed []string) (string, error) {
	var kinds []string
	for _, kind := range RequestKinds() {
		if slices.Contains(typed, string(kind)) {
			kinds = append(kinds, string(kind))
		}
	}
	for _, one := range typed {
		if !slices.Contains(kinds, one) {
			return "", problem.OnField("kinds", "Choose from the listed kinds of files.")
		}
	}
	return strings.Join(kinds, " "), nil
}

// Input returns the form with which r can be changed. Its password and expiry are empty:
// they stay as they are.
func (r FileRequest) Input() FileRequestInput {
	in := FileRequestInput{
		Title: string(r.Title), Message: r.Message, Name: r.Name, Files: strconv.Itoa(r.MaxFiles), Sender: string(r.Sender), OneUse: r.OneUse,
		Kinds: strings.Fields(r.Kinds),
	}
	if r.MaxBytes > 0 {
		in.Total = Size(r.MaxBytes).Exact()
	}
	if r.MaxFileBytes > 0 {
		in.Each = Size(r.MaxFileBytes).Exact()
	}
	return in
}

// A Sender is what a guest says about themselves.
type Sender struct {
	Name  string
	Email Email
}

// ParseSender returns what a guest typed, or the problems of both fields: rule says what
// must not be empty.
func ParseSender(rule SenderRule, name, email string) (s Sender, errs []error) {
	s.Name = normalizeLine(name)
	switch {
	case s.Name == "" && rule == SenderName:
		errs = append(errs, problem.OnField("name", "Enter your name."))
	case utf8.RuneCountInString(s.Name) > MaxGuestName || !isLine(s.Name):
		errs = append(errs, problem.OnField("name", "Use at most %d characters, without control characters.", MaxGuestName))
	}
	if strings.TrimSpace(email) == "" {
		if rule == SenderEmail {
			errs = append(errs, problem.OnField("email", "Enter your email address."))
		}
		return s, errs
	}
	var err error
	if s.Email, err = ParseEmail(email); err != nil {
		errs = append(errs, err)
	}
	return s, errs
}
