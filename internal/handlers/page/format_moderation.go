package page

import (
	"strings"

	"example.org/cloakroom/internal/models"
)

// reasonName returns the label of a reason.
func reasonName(r models.ReportReason) string {
	switch r {
	case models.ReasonSpam:
		return "Spam or advertising"
	case models.ReasonAbuse:
		return "Abuse or harassment"
	case models.ReasonIllegal:
		return "Illegal content"
	case models.ReasonCopyright:
		return "Copyright or another right"
	case models.ReasonPrivacy:
		return "Private information about someone"
	case models.ReasonMalware:
		return "Malware"
	case models.ReasonOther:
	}
	return "Something else"
}

// decisionName returns a decision as a past participle.
func decisionName(d models.Decision) string {
	switch d {
	case models.DecisionHide:
		return "hidden"
	case models.DecisionRemove:
		return "removed"
	case models.DecisionSuspend:
		return "suspended"
	case models.DecisionDismiss:
	}
	return "kept"
}

// decisionChoice describes the effect of a decision.
func decisionChoice(d models.Decision) string {
	switch d {
	case models.DecisionHide:
		return "Hide: only its author can see it; a file is quarantined"
	case models.DecisionRemove:
		return "Remove: no one can see it, and it is erased after 7 days"
	case models.DecisionSuspend:
		return "Suspend the user: they can't sign in, and their content is hidden"
	case models.DecisionDismiss:
	}
	return "Keep: nothing changes"
}

// subjectNoun returns the noun for an object of the audit log.
func subjectNoun(object string) string {
	if what, ok := models.ParseSubject(object); ok {
		return strings.ToUpper(string(what.Kind[:1])) + string(what.Kind[1:])
	}
	return "Something"
}

// cut returns the first n characters of text, on one line.
func cut(text string, n int) string {
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) <= n {
		return string(words)
	}
	return string(words[:n]) + " …"
}

// SubjectURL returns the path of the page that shows a subject.
func SubjectURL(v models.SubjectView) string {
	switch {
	case v.Kind == models.SubjectPost:
		return "/posts/" + v.ID
	case v.Kind == models.SubjectUser:
		return "/users/" + string(v.Owner)
	case v.PostID != "":
		return "/posts/" + string(v.PostID)
	}
	return "/"
}

// ShareState returns the state of a share in words.
func ShareState(state models.ShareState) string { return strings.ReplaceAll(string(state), "_", " ") }
