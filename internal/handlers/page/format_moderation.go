package page

import (
	"strings"

	"example.org/cloakroom/internal/models"
)

// reasonName says a reason, for a person.
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

// decisionName says what was decided, in a word or two.
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

// decisionChoice says what a decision will do.
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

// subjectNoun names the kind of what the audit log calls object.
func subjectNoun(object string) string {
	if what, ok := models.ParseSubject(object); ok {
		return strings.ToUpper(string(what.Kind[:1])) + string(what.Kind[1:])
	}
	return "Something"
}

// cut returns the first n characters of text, as one line.
func cut(text string, n int) string {
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) <= n {
		return string(words)
	}
	return string(words[:n]) + " …"
}

// SubjectAddress is where a subject is seen.
func SubjectAddress(v models.SubjectView) string {
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
