package models

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// A BrowserReport is a violation of one of our page policies that browsers have
// reported. Identical reports share one row, which counts them.
type BrowserReport struct {
	ID      string `gorm:"primaryKey"` // hash of Kind, Page, Rule and Blocked
	Kind    string // csp-violation, coep, deprecation …
	Page    string // the first segment of its path: the rest may contain a secret
	Rule    string // the directive or policy that was violated
	Blocked string // the origin, or the kind, of the blocked resource
	Times   int64
	FirstAt time.Time
	LastAt  time.Time
}

// maxReportText is the longest stored value of each text field, in bytes.
const maxReportText = 100

// NewBrowserReport returns a report received at now, with each text shortened
// to one line of at most maxReportText bytes.
func NewBrowserReport(kind, page, rule, blocked string, now time.Time) BrowserReport {
	r := BrowserReport{
		Kind: reportText(kind), Page: reportText(page), Rule: reportText(rule), Blocked: reportText(blocked),
		Times: 1, FirstAt: now, LastAt: now,
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{r.Kind, r.Page, r.Rule, r.Blocked}, "\n")))
	r.ID = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
	return r
}

// BrowserReportObject returns the object of a browser report in the audit log.
func BrowserReportObject(id string) string { return "browser_report:" + id }

// BrowserReportKind returns s in the form in which a report stores its kind.
func BrowserReportKind(s string) string { return reportText(s) }

// reportText turns untrusted text into one line of at most maxReportText bytes.
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

// ExpireReports removes browser reports that have not recurred for a long time.
type ExpireReports struct{}

// Kind implements Job.
func (ExpireReports) Kind() string { return "browser_report.expire" }
