package handlers

import "testing"

func TestEveryStatusHasAdvice(t *testing.T) {
	for _, status := range statuses {
		if (problemPage{Status: status}).Advice() == "" {
			t.Errorf("status %d has no advice", status)
		}
	}
}
