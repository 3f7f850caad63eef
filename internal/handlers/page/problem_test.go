package page

import (
	"net/http"
	"testing"

	"example.org/cloakroom/internal/problem"
)

func TestEveryStatusHasAdvice(t *testing.T) {
	for _, status := range statuses {
		if (problemPage{Status: status}).Advice() == "" {
			t.Errorf("status %d has no advice", status)
		}
	}
}

func TestEveryKindHasAStatus(t *testing.T) {
	for _, kind := range []problem.Kind{problem.Internal, problem.Malformed, problem.Invalid, problem.Unauthenticated,
		problem.Forbidden, problem.NotFound, problem.Conflict, problem.TooLarge, problem.Unsupported, problem.TooMany,
		problem.Unavailable, problem.Misdirected, problem.Timeout} {
		if http.StatusText(statuses[kind]) == "" {
			t.Errorf("kind %q has no status", kind)
		}
	}
}
