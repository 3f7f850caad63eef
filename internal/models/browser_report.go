package models

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// A BrowserReport is what browsers say went against a policy of our pages.
// Reports that say the same are one, which counts them.
type BrowserReport struct {
	ID      string `gorm:"primaryKey"` // of what it says
	Kind    string // csp-violation, coep, deprecation …
	Page    string // the first part of its path: the rest may be a secret
	Rule    string // the directive or policy that was broken
	Blocked string // the origin or the kind of what was blocked
	Times   int64
	FirstAt time.Time
	LastAt  time.Time
}

// maxReportText is how much of each part of a report is kept, in bytes.
const maxReportText = 100

// NewBrowserReport returns a report that says this, as it came now.
func NewBrowserReport(kind, page, rule, blocked string, now time.Time) BrowserReport {
	r := BrowserReport{Kind: reportText(kind), Page: reportText(page), Rule: reportText(rule), Blocked: reportText(blocked), Times: 1, FirstAt: now, LastAt: now}
	sum := sha256.Sum256([]byte(strings.Join([]string{r.Kind, r.Page, r.Rule, r.Blocked}, "\n")))
	r.ID = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
	return r
}

// BrowserReportObject names a report in the audit log.
func BrowserReportObject(id string) string { return "browser_report:" + id }

// BrowserReportKind returns the kind that is kept of what somebody wrote.
func BrowserReportKind(s string) string { return reportText(s) }

// reportText makes one short line of what a stranger wrote.
func reportText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unsafeRune(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxReportText {
		s = strings.ToValidUTF8(s[:maxReportText], "")
	}
	return s
}

// ExpireReports removes browser reports that came up long ago for the last time.
type ExpireReports struct{}

// Kind implements Job.
func (ExpireReports) Kind() string { return "browser_report.expire" }
