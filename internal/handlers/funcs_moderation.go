package handlers

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
		return "It is against the law"
	case models.ReasonCopyright:
		return "It infringes a right, such as copyright"
	case models.ReasonPrivacy:
		return "It shows somebody's private life"
	case models.ReasonMalware:
		return "It does harm to a computer"
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
	return "left as it is"
}

// decisionChoice says what a decision will do.
func decisionChoice(d models.Decision) string {
	switch d {
	case models.DecisionHide:
		return "Hide it: its author alone sees it; a file goes into quarantine"
	case models.DecisionRemove:
		return "Remove it: nobody sees it, and in seven days it is gone"
	case models.DecisionSuspend:
		return "Suspend the user: they may not come in, and what they share is not shown"
	case models.DecisionDismiss:
	}
	return "Leave it as it is"
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
