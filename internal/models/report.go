package models

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// MaxReportWords is how long the words of a report, and those of a decision,
// may be, in characters.
const MaxReportWords = 1000

// A ReportReason says what is wrong, as the form offers it.
type ReportReason string

// The reasons.
const (
	ReasonSpam      ReportReason = "spam"
	ReasonAbuse     ReportReason = "abuse"
	ReasonIllegal   ReportReason = "illegal"
	ReasonCopyright ReportReason = "copyright"
	ReasonPrivacy   ReportReason = "privacy"
	ReasonMalware   ReportReason = "malware"
	ReasonOther     ReportReason = "other"
)

// ReportReasons lists every reason.
func ReportReasons() []ReportReason {
	return []ReportReason{ReasonSpam, ReasonAbuse, ReasonIllegal, ReasonCopyright, ReasonPrivacy, ReasonMalware, ReasonOther}
}

// ParseReportReason returns the reason of that name, or a problem at the field
// "reason".
func ParseReportReason(s string) (ReportReason, error) {
	if r := ReportReason(s); slices.Contains(ReportReasons(), r) {
		return r, nil
	}
	return "", problem.OnField("reason", "Choose what is wrong.")
}

// ParseReportWords returns s as the words of a report for reason, or a problem
// at the field "words": what is wrong for another reason has to be said.
func ParseReportWords(reason ReportReason, s string) (string, error) {
	s, err := parseWords("words", s)
	if err == nil && s == "" && reason == ReasonOther {
		return "", problem.OnField("words", "Say in a few words what is wrong.")
	}
	return s, err
}

// ParseDecisionWords returns s as words at the given field, which may be none.
func ParseDecisionWords(field, s string) (string, error) { return parseWords(field, s) }

func parseWords(field, s string) (string, error) {
	s = normalizeText(s)
	switch n := utf8.RuneCountInString(s); {
	case n > MaxReportWords:
		return "", problem.OnField(field, "That is %d characters; at most %d are taken.", n, MaxReportWords)
	case !isText(s):
		return "", problem.OnField(field, "That holds characters that are not text.")
	}
	return s, nil
}

// A Decision says what became of what was reported.
type Decision string

// The decisions.
const (
	DecisionDismiss Decision = "dismiss" // nothing is wrong, or it is somebody else's to judge
	DecisionHide    Decision = "hide"    // its author alone sees it
	DecisionRemove  Decision = "remove"  // it goes, after a time to repent
	DecisionSuspend Decision = "suspend" // the user may not come in
)

// DecisionsOn lists what can be decided about a subject of that kind.
func DecisionsOn(kind SubjectKind) []Decision {
	if kind == SubjectUser {
		return []Decision{DecisionDismiss, DecisionSuspend}
	}
	return []Decision{DecisionDismiss, DecisionHide, DecisionRemove}
}

// ParseDecision returns the decision of that name about a subject of kind, or a
// problem at the field "decision".
func ParseDecision(kind SubjectKind, s string) (Decision, error) {
	if d := Decision(strings.TrimSpace(s)); slices.Contains(DecisionsOn(kind), d) {
		return d, nil
	}
	return "", problem.OnField("decision", "Choose what shall become of it.")
}

// A Report is what people say is wrong with one subject. Whoever says it while
// the report is open joins it.
type Report struct {
	ID        ReportID
	Object    string // the subject, as in the audit log
	OwnerID   UserID // whose it is
	Evidence  string // its words when it was reported first
	Times     int    // how often it was reported
	CreatedAt time.Time
	LastAt    time.Time // when it was reported last

	ClaimedBy UserID // empty: nobody looks at it
	ClaimedAt *time.Time

	DecidedBy UserID // empty: nobody, or somebody who has left
	DecidedAt *time.Time
	Decision  Decision // empty: it is open
	Note      string   // to those who reported it
}

// Subject returns what the report is about.
func (r Report) Subject() Subject {
	what, _ := ParseSubject(r.Object)
	return what
}

// Open reports whether nobody has decided yet.
func (r Report) Open() bool { return r.DecidedAt == nil }

// ClaimedSince reports whether somebody claimed the report after since, which
// is when claims that hold were made at the earliest.
func (r Report) ClaimedSince(since time.Time) bool {
	return r.ClaimedBy != "" && r.ClaimedAt != nil && r.ClaimedAt.After(since)
}

// A ReportView is a report with the names that people have today.
type ReportView struct {
	Report
	Owner   Username
	Claimer Username // empty: nobody
	Decider Username // empty: nobody, or somebody who has left
}

// Cursor returns the place of the report in the list of those that are open, or
// of those that are decided.
func (v ReportView) Cursor() Cursor {
	at := v.CreatedAt
	if v.DecidedAt != nil {
		at = *v.DecidedAt
	}
	return Cursor{At: at, ID: string(v.ID)}
}

// A ReportVoice is one person who reported something, and why.
type ReportVoice struct {
	Reporter  Username // empty: a guest, or somebody who has left
	Reason    ReportReason
	Words     string
	CreatedAt time.Time
}

// A SentReport is a report as who sent it sees it.
type SentReport struct {
	ID        string // of what they sent, not of the report it joined
	Object    string
	Reason    ReportReason
	Words     string
	CreatedAt time.Time
	DecidedAt *time.Time
	Decision  Decision
	Note      string
}

// Cursor returns the place of the report in the list.
func (r SentReport) Cursor() Cursor { return Cursor{At: r.CreatedAt, ID: r.ID} }

// PurgeRemoved removes for good what moderators removed seven days ago, and
// grants of break-glass that have ended.
type PurgeRemoved struct{}

// Kind implements Job.
func (PurgeRemoved) Kind() string { return "moderation.purge" }
