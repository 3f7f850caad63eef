package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"example.org/cloakroom/internal/problem"
)

func TestKindOf_UnclassifiedIsInternal(t *testing.T) {
	if got := problem.KindOf(errors.New("disk on fire")); got != problem.Internal {
		t.Errorf("kind = %q, want internal", got)
	}
	if got := problem.KindOf(fmt.Errorf("doing x: %w", problem.New(problem.NotFound, "gone"))); got != problem.NotFound {
		t.Errorf("kind = %q, want not_found", got)
	}
}

func TestAll(t *testing.T) {
	a, b := problem.OnField("a", "bad"), problem.OnField("b", "bad")
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"none", nil, 0}, {"one", a, 1}, {"joined", errors.Join(a, b), 2}, {"nested", fmt.Errorf("x: %w", errors.Join(a, errors.Join(b))), 2},
		{"an internal error among them hides all", errors.Join(a, errors.New("secret")), 0},
	}
	for _, tt := range tests {
		if got := problem.All(tt.err); len(got) != tt.want {
			t.Errorf("%s: %d problems, want %d", tt.name, len(got), tt.want)
		}
	}
	if moved := problem.At("c", fmt.Errorf("x: %w", a)); problem.All(moved)[0].Field != "c" || a.Field != "a" {
		t.Errorf("At changed the wrong one: %v, %v", moved, a)
	}
}

func TestNew_WritesNumbersAsPeopleReadThem(t *testing.T) {
	for _, tt := range []struct {
		n    any
		want string
	}{{0, "0"}, {999, "999"}, {1000, "1,000"}, {int64(1234567), "1,234,567"}, {-1000, "-1,000"}, {-999, "-999"},
		{"1000", "%!d(string=1000)"}} {
		if got := problem.New(problem.Invalid, "%d", tt.n).Message; got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.n, got, tt.want)
		}
	}
}
