package models

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// MaxReportWords is the longest explanation of a report or of a decision, in
// characters.
const MaxReportWords = 1000

// A ReportReason is the category of a report.
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

// ParseReportReason returns the reason named s, or an Invalid problem at the
// field "reason".
func ParseReportReason(s string) (ReportReason, error) {
	if r := ReportReason(s); slices.Contains(ReportReasons(), r) {
		return r, nil
	}
	return "", problem.OnField("reason", "Choose a reason.")
}

// ParseReportWords returns s as the explanation of a report, or an Invalid
// problem at the field "words". ReasonOther requires an explanation.
func ParseReportWords(reason ReportReason, s string) (string, error) {
	s, err := parseWords("words", s)
	if err == nil && s == "" && reason == ReasonOther {
		return "", problem.OnField("words", "Tell us what is wrong.")
	}
	return s, err
}

// ParseDecisionWords returns s as the explanation of a decision, which may be
// empty, or an Invalid problem at field.
func ParseDecisionWords(field, s string) (string, error) { return parseWords(field, s) }

func parseWords(field, s string) (string, error) {
	s = normalizeText(s)
	switch n := utf8.RuneCountInString(s); {
	case n > MaxReportWords:
		return "", problem.OnField(field, "Shorten this text: it has %d characters, and %d are allowed.", n, MaxReportWords)
	case !isText(s):
		return "", problem.OnField(field, "Remove control characters from this text.")
	}
	return s, nil
}

// A Decision is the outcome of a report.
type Decision string

// The decisions.
const (
	DecisionDismiss Decision = "dismiss" // no action
	DecisionHide    Decision = "hide"    // visible to its author only
	DecisionRemove  Decision = "remove"  // deleted, after a grace period
	DecisionSuspend Decision = "suspend" // the user can no longer sign in
)

// DecisionsOn returns the decisions that are possible for a subject of that kind.
func DecisionsOn(kind SubjectKind) []Decision {
	if kind == SubjectUser {
		return []Decision{DecisionDismiss, DecisionSuspend}
	}
	return []Decision{DecisionDismiss, DecisionHide, DecisionRemove}
}

// ParseDecision returns the decision named s about a subject of that kind, or an
// Invalid problem at the field "decision".
func ParseDecision(kind SubjectKind, s string) (Decision, error) {
	if d := Decision(strings.TrimSpace(s)); slices.Contains(DecisionsOn(kind), d) {
		return d, nil
	}
	return "", problem.OnField("decision", "Choose a decision.")
}

// A Report collects what users report about one subject. Further reports join
// it while it is open.
type Report struct {
	ID        ReportID
	Object    string // the subject, in the notation of the audit log
	OwnerID   UserID // the subject's owner
	Evidence  string // the subject's text when it was first reported
	Times     int    // number of reports received
	CreatedAt time.Time
	LastAt    time.Time // time of the last report received

	ClaimedBy UserID // moderator in charge; empty: unclaimed
	ClaimedAt *time.Time

	DecidedBy UserID // empty: undecided, or that user has left
	DecidedAt *time.Time
	Decision  Decision // empty: open
	Note      string   // message to the reporters
}

// Subject returns the subject of the report.
func (r Report) Subject() Subject {
	what, _ := ParseSubject(r.Object)
	return what
}

// Open reports whether the report is undecided.
func (r Report) Open() bool { return r.DecidedAt == nil }

// ClaimedSince reports whether a moderator has claimed the report after since.
// Older claims have expired.
func (r Report) ClaimedSince(since time.Time) bool {
	return r.ClaimedBy != "" && r.ClaimedAt != nil && r.ClaimedAt.After(since)
}

// A ReportView is a report with current usernames.
type ReportView struct {
	Report
	Owner   Username
	Claimer Username // empty: unclaimed
	Decider Username // empty: undecided, or that user has left
}

// Cursor returns the position of the report in its list: open reports are
// ordered by creation, decided ones by decision.
func (v ReportView) Cursor() Cursor {
	at := v.CreatedAt
	if v.DecidedAt != nil {
		at = *v.DecidedAt
	}
	return Cursor{At: at, ID: string(v.ID)}
}

// A ReportVoice is one person's contribution to a report.
type ReportVoice struct {
	Reporter  Username // empty: a guest, or that user has left
	Reason    ReportReason
	Words     string
	CreatedAt time.Time
}

// A SentReport is a report as its sender sees it.
type SentReport struct {
	ID        string // of this contribution, not of the report that it joined
	Object    string
	Reason    ReportReason
	Words     string
	CreatedAt time.Time
	DecidedAt *time.Time
	Decision  Decision
	Note      string
}

// Cursor returns the position of the report in the list.
func (r SentReport) Cursor() Cursor { return Cursor{At: r.CreatedAt, ID: r.ID} }

// PurgeRemoved deletes what moderators removed seven days ago, and expired
// break-glass grants.
type PurgeRemoved struct{}

// Kind implements Job.
func (PurgeRemoved) Kind() string { return "moderation.purge" }
